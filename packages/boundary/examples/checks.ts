import { check, validate } from '@rtcd/boundary';

interface Options {
  readonly port?: number;
  readonly host: string;
}

const optionsCheck = check.object<Options>({ port: check.optional(check.port), host: check.nonEmptyString });

function listen(options: Options) {
  validate('options', options, optionsCheck, (message) => new RangeError(message));
}

listen({ port: 70_000, host: 'localhost' }); // invalid port value: should be an integer from 0 to 65535, is 70000
