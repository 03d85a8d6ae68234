import type { BatchError, StoredBatch } from '#db';
import type { FileLine } from '../files/read-lines.ts';

/** A request as a line of a batch's input has it. */
export interface BatchRequest {
  readonly line: number;
  readonly customId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const LONGEST_ID = 512;

/** One line, or what is wrong with it, in OpenAI's words. Whether a model takes the body is found out when it runs. */
export function readLine({ line, text }: FileLine, { endpoint }: Pick<StoredBatch, 'endpoint'>): BatchRequest | BatchError {
  const wrong = (code: string, param: string | null, message: string): BatchError => ({ code, line, param, message });
  const fields = parse(text);
  if (fields === undefined) return wrong('invalid_json_line', null, `Line ${line} is not a JSON object.`);
  const { custom_id: customId, method, url, body } = fields;
  if (typeof customId !== 'string' || customId === '' || customId.length > LONGEST_ID || customId.includes('\u0000')) {
    return wrong('invalid_custom_id', 'custom_id', `custom_id must be a text of 1 to ${LONGEST_ID} characters.`);
  }
  if (method !== undefined && method !== 'POST') return wrong('invalid_method', 'method', 'method must be POST.');
  if (url !== endpoint && `/v1${String(url)}` !== endpoint) {
    return wrong('invalid_url', 'url', `url must be the batch's endpoint, ${endpoint}.`);
  }
  if (!isRecord(body)) return wrong('missing_required_parameter', 'body', 'body must be an object: the request.');
  if (body['stream'] === true) return wrong('invalid_request', 'body.stream', 'Results of a batch are not streamed: leave stream out.');
  return { line, customId, body };
}

export function isBatchError(read: BatchRequest | BatchError): read is BatchError {
  return 'code' in read;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
