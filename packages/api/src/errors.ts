/** Reasons to refuse a request; handlers throw these. */
export type RequestErrorCode =
  | 'invalid_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unavailable'
  | 'internal';

/** Reasons for a failed start of the server. */
export type StartErrorCode =
  | 'invalid_option'
  | 'invalid_address'
  | 'address_in_use'
  | 'address_not_available'
  | 'permission_denied'
  | 'listen_failed'
  | 'invalid_certificate';

/** Codes of an `ApiError`: about a request, or about the start of the server. */
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

/** Returns the status and message to send to the client. An error not meant for clients is `internal`, without its message. */
export function describeForClient(error: unknown): { readonly status: ErrorStatus; readonly message: string } {
  if (error instanceof ApiError && isRequestErrorCode(error.code)) {
    return { status: STATUS_OF_CODE[error.code], message: error.message };
  }
  return { status: STATUS_OF_CODE.internal, message: 'internal error' };
}

function isRequestErrorCode(code: ApiErrorCode): code is RequestErrorCode {
  return Object.hasOwn(STATUS_OF_CODE, code);
}
