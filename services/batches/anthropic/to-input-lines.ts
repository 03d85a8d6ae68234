import { z } from 'zod';
import { GatewayError } from '#contracts';
import { parseFields } from '../parse-fields.ts';
import type { BatchLimits } from '../resources.ts';
import { splitRequests } from './split-requests.ts';

const requestFields = z.object({
  custom_id: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -'),
  params: z.record(z.string(), z.unknown()),
});
const LONGEST_REQUEST_BYTES = 32 * 1024 * 1024;

/** The requests of a message batch as the lines of an input file, checked. Throws `invalid_request` naming the request at fault. */
export async function* toInputLines(body: AsyncIterable<Buffer>, limits: BatchLimits): AsyncGenerator<Buffer> {
  const ids = new Set<string>();
  for await (const text of splitRequests(limited(body, limits.maxFileBytes), { longestBytes: LONGEST_REQUEST_BYTES })) {
    const place = `requests.${ids.size}`;
    const { custom_id: customId, params } = readRequest(text, place);
    if (ids.has(customId)) throw refused(`${place}.custom_id`, `${customId} stands there twice`);
    if (params['stream'] === true) throw refused(`${place}.params.stream`, 'results of a batch are not streamed');
    ids.add(customId);
    if (ids.size > limits.maxRequests) throw refused('requests', `a batch has at most ${limits.maxRequests} requests`);
    yield Buffer.from(`${JSON.stringify({ custom_id: customId, method: 'POST', url: '/v1/messages', body: params })}\n`);
  }
  if (ids.size === 0) throw refused('requests', 'a batch has at least one request');
}

function readRequest(text: string, place: string): z.infer<typeof requestFields> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new GatewayError('invalid_json', `${place} is not valid JSON.`, { cause: error, param: place });
  }
  try {
    return parseFields(requestFields, value);
  } catch (error) {
    throw error instanceof GatewayError ? refused(place, error.message) : error;
  }
}

async function* limited(body: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) throw new GatewayError('body_too_large', `A batch is at most ${Math.round(limitBytes / 1024 ** 2)} MB.`);
    yield chunk;
  }
}

function refused(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', `${param}: ${message}.`, { param });
}
