/** What a response consists of, in order; `body` may come in any number of pieces. Buffers are views: copy what is kept. */
export interface ResponseHandler {
  head(status: number): void;
  body(bytes: Buffer): void;
  end(): void;
}

export interface ResponseReader {
  push(chunk: Buffer): void;
  /** True between two responses. */
  readonly idle: boolean;
}

type State = 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'trailer';

/**
 * Reads HTTP/1.1 responses with `content-length` or chunked bodies off one connection, and nothing else: a load generator
 * must cost less than what it measures.
 */
export function createResponseReader(handler: ResponseHandler): ResponseReader {
  let state: State = 'head';
  let left = 0;
  let pending: Buffer | undefined;

  function push(chunk: Buffer): void {
    const data = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
    pending = undefined;
    let at = 0;
    while (at < data.length) {
      const next = step(data, at);
      if (next === NEEDS_MORE) {
        pending = at === 0 ? data : data.subarray(at);
        return;
      }
      at = next;
    }
  }

  /** Consumes one part from `at`; the place after it, or `NEEDS_MORE`. */
  function step(data: Buffer, at: number): number {
    switch (state) {
      case 'head':
        return readHead(data, at);
      case 'length':
      case 'chunk-data':
        return readBody(data, at);
      case 'chunk-size':
        return readChunkSize(data, at);
      case 'trailer':
        return readTrailer(data, at);
    }
  }

  function readHead(data: Buffer, at: number): number {
    const end = data.indexOf('\r\n\r\n', at, 'latin1');
    if (end === -1) return NEEDS_MORE;
    const head = data.toString('latin1', at, end);
    left = contentLength(head);
    state = left === CHUNKED ? 'chunk-size' : 'length';
    handler.head(Number(head.slice(9, 12)));
    if (left === 0) finish();
    return end + 4;
  }

  function readBody(data: Buffer, at: number): number {
    const until = Math.min(at + left, data.length);
    left -= until - at;
    handler.body(data.subarray(at, until));
    if (left === 0 && state === 'chunk-data') state = 'chunk-size';
    else if (left === 0) finish();
    return until;
  }

  function readChunkSize(data: Buffer, at: number): number {
    // The line break that ends the previous chunk's data stands before the size.
    const start = data[at] === CR ? at + 2 : at;
    const end = data.indexOf('\r\n', start, 'latin1');
    if (end === -1) return NEEDS_MORE;
    left = Number.parseInt(data.toString('latin1', start, end), 16);
    state = left === 0 ? 'trailer' : 'chunk-data';
    return end + 2;
  }

  function readTrailer(data: Buffer, at: number): number {
    const end = data.indexOf('\r\n', at, 'latin1');
    if (end === -1) return NEEDS_MORE;
    if (end === at) finish();
    return end + 2;
  }

  function finish(): void {
    state = 'head';
    handler.end();
  }

  return {
    push,
    get idle() {
      return state === 'head' && pending === undefined;
    },
  };
}

const NEEDS_MORE = -1;
const CHUNKED = -2;
const CR = 13;

function contentLength(head: string): number {
  const match = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (match !== null) return Number(match[1]);
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return CHUNKED;
  throw new Error(`neither a length nor chunks: ${head}`);
}
