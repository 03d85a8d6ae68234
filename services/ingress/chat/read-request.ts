import { type ClientDialect, GatewayError, type JobGuard, type JobMeta } from '#contracts';
import { validateClientRequest } from '#dialects';
import type { PendingJob } from '../job/pending-job.ts';
import type { ClientResponse, ClientResponseOptions } from './client-response.ts';

/** A request of a model route, parsed once. `body` stays the client's bytes. */
export interface ClientCall {
  readonly dialect: ClientDialect;
  readonly body: Buffer;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly model: string;
  readonly stream: boolean;
  /** A stream as one JSON array. */
  readonly asArray?: boolean | undefined;
  /** The name of its files in the body store; `body` is then their form. */
  readonly uploadRef?: string | undefined;
  /** SHA-256 of the files, where it is asked for. */
  readonly uploadDigest?: string | undefined;
  /** The only deployments that can serve it: they hold what it goes on from. */
  readonly deployments?: ReadonlySet<string> | undefined;
  /** What its guardrails left to do, and did. With `hidden`, its answer is its own: another request that looks the same hides something else. */
  readonly guard?: JobGuard | undefined;
  /** Reads the answer on its way to the client. */
  readonly watch?: ((response: ClientResponse, meta: JobMeta) => ClientResponse) | undefined;
  /** Headers of its answer, beside the usual ones. */
  readonly answerHeaders?: Readonly<Record<string, string>> | undefined;
  /** Called when its job is over, behind the last byte for the client. */
  readonly onOver?: ((job: PendingJob, error: GatewayError | undefined) => void) | undefined;
  /** Called before a job that nobody waits for on a connection is accepted. */
  readonly beforeRun?: ((meta: JobMeta) => Promise<void>) | undefined;
  /** In place of the one client: an answer that several may read. */
  readonly openResponse?: ((options: ClientResponseOptions, meta: JobMeta) => ClientResponse) | undefined;
}

/** What the address says of a call, where it does: Azure's has the model, Gemini's the model and the streaming. */
export interface AddressFacts {
  readonly model?: string | undefined;
  readonly stream?: boolean | undefined;
  /** Of several formats below one address. */
  readonly dialect?: ClientDialect | undefined;
  /** A stream is to come as one JSON array. */
  readonly asArray?: boolean | undefined;
  /** Where neither the address nor the body names one. */
  readonly defaultModel?: string | undefined;
}

/** Throws `invalid_json` or `invalid_request` naming the field. */
export function readRequest(body: unknown, routeDialect: ClientDialect, address: AddressFacts = {}): ClientCall {
  const dialect = address.dialect ?? routeDialect;
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new GatewayError('invalid_json', 'The request has no body. Send a JSON object.');
  }
  const fields = parseObject(body);
  fields['model'] = address.model ?? fields['model'] ?? address.defaultModel;
  validateClientRequest(dialect, fields);
  const stream = address.stream ?? fields['stream'] === true;
  return { dialect, body, fields, model: String(fields['model']), stream, asArray: address.asArray };
}

/** Throws `invalid_json`. */
export function parseObject(body: Buffer): Record<string, unknown> {
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
