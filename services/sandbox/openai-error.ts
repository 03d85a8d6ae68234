export interface OpenAiErrorFields {
  readonly type?: string | undefined;
  readonly code?: string | null | undefined;
  readonly param?: string | null | undefined;
  /** Seconds or an HTTP date: sent as `retry-after`, as it is. */
  readonly retryAfter?: number | string | undefined;
}

/** An answer that is an error, in OpenAI's shape. */
export class OpenAiError extends Error {
  readonly status: number;
  readonly fields: OpenAiErrorFields;

  constructor(status: number, message: string, fields: OpenAiErrorFields = {}) {
    super(message);
    this.name = 'OpenAiError';
    this.status = status;
    this.fields = fields;
  }

  /** `{"error":{"message","type","param","code"}}`, with what OpenAI answers at this status where nothing else was said. */
  toJson(): string {
    const usual = USUAL[this.status] ?? (this.status >= 500 ? SERVER_ERROR : INVALID_REQUEST);
    const { type = usual.type, code = usual.code, param = null } = this.fields;
    return JSON.stringify({ error: { message: this.message, type, param, code } });
  }
}

export function invalidRequest(message: string, param: string | null = null): OpenAiError {
  return new OpenAiError(400, message, { param });
}

interface UsualError {
  readonly type: string;
  readonly code: string | null;
}

const INVALID_REQUEST: UsualError = { type: 'invalid_request_error', code: null };
const SERVER_ERROR: UsualError = { type: 'server_error', code: null };

const USUAL: Readonly<Record<number, UsualError>> = {
  401: { type: 'invalid_request_error', code: 'invalid_api_key' },
  404: { type: 'invalid_request_error', code: 'model_not_found' },
  429: { type: 'requests', code: 'rate_limit_exceeded' },
  503: { type: 'service_unavailable_error', code: null },
  529: { type: 'overloaded_error', code: null },
};
