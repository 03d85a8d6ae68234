import { ERROR_CODES, isErrorCode, type ErrorCode, type RetryScope } from './error-code.ts';

export interface GatewayErrorOptions {
  /** The request field at fault, as the client wrote it (`messages[2].content`). */
  readonly param?: string | undefined;
  /** How long to wait before the next try, in milliseconds: the provider's own word where it gave one. */
  readonly retryAfterMs?: number | undefined;
  /** Overrides the table: the layer that knows better decides. */
  readonly retry?: RetryScope | undefined;
  /** In place of the table's status, where the operator chose another. */
  readonly status?: number | undefined;
  /** The status the provider answered with, for the ledger; never sent as our own. */
  readonly upstreamStatus?: number | undefined;
  /** Logged, never sent. */
  readonly cause?: unknown;
}

/** The one error of the product. `message` is public: it must hold no secret and no internal address. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retry: RetryScope;
  readonly upstreamStatus: number | undefined;
  readonly status: number;

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.param = options.param;
    this.retryAfterMs = options.retryAfterMs;
    this.retry = options.retry ?? ERROR_CODES[code].retry;
    this.upstreamStatus = options.upstreamStatus;
    this.status = options.status ?? ERROR_CODES[code].status;
  }

  get type(): string {
    return ERROR_CODES[this.code].type;
  }
}

/** A GatewayError as it travels in a frame or an event. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly param?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly upstreamStatus?: number | undefined;
}

export function toErrorRecord(error: GatewayError): ErrorRecord {
  return {
    code: error.code,
    message: error.message,
    param: error.param,
    retryAfterMs: error.retryAfterMs,
    upstreamStatus: error.upstreamStatus,
  };
}

export function fromErrorRecord(record: ErrorRecord): GatewayError {
  const code = isErrorCode(record.code) ? record.code : 'internal_error';
  return new GatewayError(code, record.message, record);
}

/** Anything thrown as a GatewayError: what is not one of ours is a programmer's error, told to the client without its text. */
export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError('internal_error', 'The gateway failed to handle this request.', { cause: error });
}
