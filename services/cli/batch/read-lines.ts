import { createReadStream } from 'node:fs';

export interface TextLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

const LINE_END = 0x0a;

/** The lines of a file, read as they are asked for. The last one may lack its end: `whole` is false then. */
export async function* readLines(file: string): AsyncGenerator<TextLine & { readonly whole: boolean; readonly endsAt: number }> {
  let rest: Buffer[] = [];
  let number = 0;
  let offset = 0;
  const chunks: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: 256 * 1024 });
  for await (const bytes of chunks) {
    let from = 0;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, from)) {
      const text = Buffer.concat([...rest, bytes.subarray(from, end)]).toString();
      rest = [];
      from = end + 1;
      number += 1;
      yield { number, text, whole: true, endsAt: offset + from };
    }
    if (from < bytes.length) rest.push(bytes.subarray(from));
    offset += bytes.length;
  }
  if (rest.length > 0) yield { number: number + 1, text: Buffer.concat(rest).toString(), whole: false, endsAt: offset };
}
