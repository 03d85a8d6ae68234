import { type ClientDialect, GatewayError } from '#contracts';
import { validateClientRequest } from '#dialects';

/** A request of a model route, parsed once. `body` stays the client's bytes. */
export interface ClientCall {
  readonly dialect: ClientDialect;
  readonly body: Buffer;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly model: string;
  readonly stream: boolean;
}

/** What the address says of a call, where it does: Azure's has the model, Gemini's the model and the streaming. */
export interface AddressFacts {
  readonly model?: string | undefined;
  readonly stream?: boolean | undefined;
}

/** Throws `invalid_json` or `invalid_request` naming the field. */
export function readRequest(body: unknown, dialect: ClientDialect, address: AddressFacts = {}): ClientCall {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new GatewayError('invalid_json', 'The request has no body. Send a JSON object with "model" and "messages".');
  }
  const fields = parseObject(body);
  if (address.model !== undefined) fields['model'] = address.model;
  validateClientRequest(dialect, fields);
  return { dialect, body, fields, model: String(fields['model']), stream: address.stream ?? fields['stream'] === true };
}

function parseObject(body: Buffer): Record<string, unknown> {
  const value = parseJson(body);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new GatewayError('invalid_json', 'The request body is not a JSON object.');
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    // V8's message quotes the text around the error; the position alone is enough and quotes nobody's prompt
    const position = /position (\d+)/.exec(String(error))?.[1];
    throw new GatewayError('invalid_json', `The request body is not valid JSON${position ? ` (at byte ${position})` : ''}.`);
  }
}
