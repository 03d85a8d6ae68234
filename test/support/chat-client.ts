import http from 'node:http';

/** A plain HTTP client: it shows what is on the wire, where an SDK would hide it. */
export interface ChatTarget {
  readonly url: string;
  readonly key: string;
}

export interface ChatAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The connection ended as HTTP says it should; false for a cut. */
  readonly clean: boolean;
}

export interface ChatCall {
  readonly answer: Promise<ChatAnswer>;
  /** Resolves with the head of the answer. */
  readonly head: Promise<http.IncomingMessage>;
  /** Closes the connection. */
  abort(): void;
}

export function startChat(target: ChatTarget, body: unknown, headers: Readonly<Record<string, string>> = {}): ChatCall {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const request = http.request(new URL('/v1/chat/completions', target.url), {
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${target.key}`, 'content-type': 'application/json', ...headers },
  });
  const head = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  head.catch(() => undefined);
  const answer = head.then(readAnswer);
  answer.catch(() => undefined);
  request.end(payload);
  return { answer, head, abort: () => request.destroy() };
}

export function chat(target: ChatTarget, body: unknown, headers?: Readonly<Record<string, string>>): Promise<ChatAnswer> {
  return startChat(target, body, headers).answer;
}

function readAnswer(response: http.IncomingMessage): Promise<ChatAnswer> {
  return new Promise((resolve) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', () => undefined);
    response.on('close', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text, clean: response.complete }));
  });
}

export interface StreamReading {
  readonly text: string;
  readonly finishReason: string | undefined;
  readonly done: boolean;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly events: number;
}

/** What a client makes of a stream's events. */
export function readStream(text: string): StreamReading {
  const data = text
    .split('\n\n')
    .map((event) => event.trim())
    .filter((event) => event.startsWith('data: '));
  const chunks = data.filter((event) => event !== 'data: [DONE]').map((event) => JSON.parse(event.slice(6)));
  return {
    text: chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? '').join(''),
    finishReason: chunks.map((chunk) => chunk.choices?.[0]?.finish_reason).find(Boolean),
    done: data.at(-1) === 'data: [DONE]',
    error: chunks.find((chunk) => chunk.error)?.error,
    events: data.length,
  };
}

/** A request to the sandbox provider that behaves as told. */
export function sandboxCall(sandbox: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}) {
  return { model: 'sandbox/echo', messages: [{ role: 'user', content: 'count for me' }], sandbox, ...more };
}
