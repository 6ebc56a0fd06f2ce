import { library } from '../../tsup.base.ts';

export default library({
  index: 'src/index.ts',
  peer: 'src/peer/index.ts',
  testing: 'src/testing/index.ts',
  // The program of a thread, which the index starts.
  'engine-thread': 'src/thread/engine-thread.ts',
});
