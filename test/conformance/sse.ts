/** Server-sent events, read as a browser would. */
export function readEvents(bytes: Uint8Array): { readonly event: string | undefined; readonly data: string }[] {
  return Buffer.from(bytes)
    .toString()
    .split(/\r?\n\r?\n/)
    .map((block) => {
      const lines = block.split(/\r?\n/);
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
      const event = lines
        .find((line) => line.startsWith('event:'))
        ?.slice(6)
        .trim();
      return { event, data: data.join('\n') };
    })
    .filter((event) => event.data !== '');
}

export function sse(data: unknown, event?: string): Uint8Array {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`);
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export function parse(bytes: Uint8Array): Json {
  return JSON.parse(Buffer.from(bytes).toString());
}

/** A text in two pieces, so that a stream has more than one delta. */
export function halves(text: string): readonly string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((half) => half !== '');
}
