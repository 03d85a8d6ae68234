import { GatewayError } from '#contracts';

export interface FileLine {
  /** From 1, empty lines counted. */
  readonly line: number;
  readonly text: string;
}

const NEWLINE = 0x0a;

/** The lines of a file that have something in them, one at a time. Throws `body_too_large` for one that is longer than that. */
export async function* readLines(chunks: AsyncIterable<Buffer>, { longestBytes }: { longestBytes: number }): AsyncGenerator<FileLine> {
  let line = 1;
  let parts: Buffer[] = [];
  let size = 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    size += part.length;
    if (size > longestBytes)
      throw new GatewayError('body_too_large', `Line ${line} is longer than ${longestBytes} bytes.`, { param: String(line) });
  };
  const take = (): string => {
    const text = (parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)).toString('utf8').trim();
    parts = [];
    size = 0;
    return text;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end));
      const text = take();
      if (text !== '') yield { line, text };
      line += 1;
      from = end + 1;
    }
    if (from < chunk.length) add(chunk.subarray(from));
  }
  const text = take();
  if (text !== '') yield { line, text };
}
