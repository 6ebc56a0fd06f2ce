/** Why a request is refused; handlers throw these. */
export type RequestErrorCode =
  | 'invalid_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unavailable'
  | 'internal';

/** Why the server does not start. */
export type StartErrorCode =
  | 'invalid_option'
  | 'invalid_address'
  | 'address_in_use'
  | 'address_not_available'
  | 'permission_denied'
  | 'listen_failed'
  | 'invalid_certificate';

/** What an `ApiError` is about: a request or the start. */
export type ApiErrorCode = RequestErrorCode | StartErrorCode;

/** Every error of this package, and what handlers throw to refuse a request with their message. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;

  constructor(code: ApiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiError';
    this.code = code;
  }
}

const STATUS_OF_CODE = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<RequestErrorCode, number>;

export type ErrorStatus = (typeof STATUS_OF_CODE)[RequestErrorCode];

/** What a client is told of an error: an error that nobody meant for it is `internal`, without its message. */
export function describeForClient(error: unknown): { readonly status: ErrorStatus; readonly message: string } {
  if (error instanceof ApiError && isRequestErrorCode(error.code)) {
    return { status: STATUS_OF_CODE[error.code], message: error.message };
  }
  return { status: STATUS_OF_CODE.internal, message: 'internal error' };
}

function isRequestErrorCode(code: ApiErrorCode): code is RequestErrorCode {
  return Object.hasOwn(STATUS_OF_CODE, code);
}
