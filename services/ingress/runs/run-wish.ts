import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError, type Lane } from '#contracts';
import type { ClientCall } from '../chat/read-request.ts';

/**
 * How a client wants to have its answer other than on its connection alone.
 * - `background`: 202 and a job's id at once, or after `waitMs` without an answer
 * - `resumable`: on the connection as ever, and by the job's id when that breaks
 */
export interface RunWish {
  readonly kind: 'background' | 'resumable';
  /** Milliseconds until a client that waits is sent away with the job's id; undefined: it is not kept waiting (background), or to the end. */
  readonly waitMs: number | undefined;
  /** OpenAI's own field: the answer is a response, not a job. */
  readonly asResponse: boolean;
  /** The preferences that were obeyed (RFC 7240). */
  readonly applied: string | undefined;
  readonly lane: Lane;
}

const LONGEST_WAIT_S = 600;

/**
 * What the request says: `Prefer: respond-async` and `wait=<seconds>` (RFC 7240), `background: true` of the Responses API,
 * `x-headrace-resumable`. Undefined for all that are answered on their connection. Throws `invalid_request` for what can't be meant.
 */
export function runWish(call: ClientCall, headers: IncomingHttpHeaders, resumableByDefault: boolean): RunWish | undefined {
  const isBackground = call.dialect === 'openai-responses' && call.fields['background'] === true;
  const saysNothing = headers['prefer'] === undefined && headers['x-headrace-resumable'] === undefined;
  if (saysNothing && !isBackground && !resumableByDefault) return undefined;
  const prefer = preferences(headers['prefer']);
  if (isBackground && call.fields['store'] === false) {
    throw new GatewayError('invalid_request', 'background needs a response that is stored: leave store out or set it to true.', {
      param: 'background',
    });
  }
  // a background response that streams is followed from the start, and again by its id
  if (isBackground && call.stream) return { kind: 'resumable', waitMs: undefined, asResponse: true, applied: undefined, lane: 'live' };
  if (isBackground) return { kind: 'background', waitMs: undefined, asResponse: true, applied: undefined, lane: 'background' };
  if (prefer.has('respond-async')) {
    const waitMs = waitOf(prefer.get('wait'));
    const applied = waitMs === undefined ? 'respond-async' : `respond-async, wait=${prefer.get('wait')}`;
    return { kind: 'background', waitMs, asResponse: false, applied, lane: waitMs === undefined ? 'background' : 'live' };
  }
  const isResumable = resumableWish(headers['x-headrace-resumable']) ?? resumableByDefault;
  return isResumable ? { kind: 'resumable', waitMs: undefined, asResponse: false, applied: undefined, lane: 'live' } : undefined;
}

/** `Prefer: respond-async, wait=20`: several by commas, or in several headers, which Node joins by commas. */
function preferences(header: string | string[] | undefined): Map<string, string> {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const all = text.split(',').map((preference): [string, string] => {
    const [token = '', value = ''] = (preference.split(';')[0] ?? '').split('=').map((word) => word.trim());
    return [token.toLowerCase(), value.replaceAll('"', '')];
  });
  return new Map(all.filter(([token]) => token !== ''));
}

function waitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds <= LONGEST_WAIT_S) return seconds === 0 ? undefined : seconds * 1_000;
  throw new GatewayError('invalid_request', `wait in the header Prefer must be a whole number of seconds, at most ${LONGEST_WAIT_S}.`, {
    param: 'prefer',
  });
}

function resumableWish(header: string | string[] | undefined): boolean | undefined {
  if (header === undefined) return undefined;
  if (header === 'true' || header === '1') return true;
  if (header === 'false' || header === '0') return false;
  throw new GatewayError('invalid_request', 'x-headrace-resumable must be true or false.', { param: 'x-headrace-resumable' });
}
