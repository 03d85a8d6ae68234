import { waitFor } from '#testing';
import type { ChatTarget } from './chat-client.ts';

/** A job as `/v1/jobs` shows it. */
export interface ShownJob {
  readonly id: string;
  readonly state: string;
  readonly status: string;
  readonly error: { readonly code: string } | null;
  readonly cost_usd: string | null;
  readonly usage: { readonly output_tokens: number } | null;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface JobAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface AskInit {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request below `/v1`, with the target's key. */
export async function ask({ url, key }: ChatTarget, path: string, init: AskInit = {}): Promise<JobAnswer> {
  const headers = { authorization: `Bearer ${key}`, ...(init.body === undefined ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(new URL(path, url), { ...init, headers: { ...headers, ...init.headers } });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** Sends a chat request to the background. Returns its job's id. */
export async function sendAway(target: ChatTarget, body: object, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const answer = await ask(target, '/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { prefer: 'respond-async', ...headers },
  });
  if (answer.status !== 202) throw new Error(`${answer.status}: ${answer.text}`);
  return (JSON.parse(answer.text) as ShownJob).id;
}

export async function showJob(target: ChatTarget, id: string): Promise<ShownJob> {
  return JSON.parse((await ask(target, `/v1/jobs/${id}`)).text) as ShownJob;
}

/** The job once it is over. */
export function awaitJob(target: ChatTarget, id: string, timeoutMs = 20_000): Promise<ShownJob> {
  const look = async (): Promise<ShownJob | undefined> => {
    const job = await showJob(target, id).catch(() => undefined);
    return job?.state === 'done' ? job : undefined;
  };
  return waitFor(look, { what: `job ${id} to be over`, timeoutMs });
}

export interface SeenEvent {
  readonly id: string | undefined;
  /** Of the event: the lines without the id. */
  readonly text: string;
}

/**
 * Reads a job's events from behind `after` until the end, or until `until` says so and cuts the connection. Only whole events count, as for
 * any reader of such a stream.
 */
export async function readEvents(
  { url, key }: ChatTarget,
  id: string,
  options: { readonly after?: string | undefined; readonly until?: (bytes: number) => boolean } = {},
): Promise<{ readonly events: readonly SeenEvent[]; readonly isWhole: boolean }> {
  const cut = new AbortController();
  const headers = { authorization: `Bearer ${key}`, ...(options.after === undefined ? {} : { 'last-event-id': options.after }) };
  let text = '';
  let bytes = 0;
  let isWhole = false;
  try {
    const answer = await fetch(new URL(`/v1/jobs/${id}/stream`, url), { headers, signal: cut.signal });
    if (answer.status !== 200 || answer.body === null) throw new Error(`${answer.status}`);
    const decoder = new TextDecoder();
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      text += decoder.decode(chunk, { stream: true });
      if (options.until?.(bytes) === true) cut.abort();
    }
    isWhole = true;
  } catch {
    // cut: what came before it counts
  }
  const whole = text.split('\n\n').slice(0, -1);
  return { events: whole.map(seenEvent), isWhole };
}

function seenEvent(block: string): SeenEvent {
  const lines = block.split('\n');
  const id = lines.find((line) => line.startsWith('id: '))?.slice(4);
  return { id, text: lines.filter((line) => !line.startsWith('id: ')).join('\n') };
}
