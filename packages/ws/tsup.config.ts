import { library } from '../../tsup.base.ts';

export default library({
  index: 'src/index.ts',
  client: 'src/client/index.ts',
  server: 'src/server/index.ts',
  testing: 'src/testing/index.ts',
});
