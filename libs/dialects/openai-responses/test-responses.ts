import fc from 'fast-check';
import OpenAI from 'openai';
import { expect } from 'vitest';
import type { Exchange, ExchangeInput, StreamDecoder } from '../exchange.ts';
import { openFor, streamFrom } from '../test-exchange.ts';

/** What all exchanges of these tests have in common. */
export const RESPONSES_INPUT = { stream: true, upstreamModel: 'gpt-5-mini', createdAt: 1_790_000_000, answerId: 'job_1' } as const;

/** An exchange of a client of this format with Claude. */
export function openClaude(request: object, changes: Partial<ExchangeInput> = {}): Exchange {
  return openFor(
    'anthropic-messages',
    {},
    {
      ...RESPONSES_INPUT,
      clientDialect: 'openai-responses',
      body: Buffer.from(JSON.stringify({ model: 'group', input: 'hi', ...request })),
      upstreamModel: 'claude-sonnet-4-5',
      ...changes,
    },
  );
}

export interface ReadStream {
  readonly text: string;
  /** Its code. */
  readonly error: string | undefined;
  readonly done: boolean;
  readonly decoder: StreamDecoder;
}

/** The client's side of a stream that arrives in these pieces, and the decoder that has read it. */
export function readPieces(exchange: Exchange, pieces: readonly (string | Uint8Array)[]): ReadStream {
  const decoder = exchange.openStream();
  const { text, error, done } = streamFrom({ ...exchange, openStream: () => decoder }, pieces);
  return { text, error: error?.code, done, decoder };
}

/** OpenAI's SDK, answered with this. */
export function sdk(body: string | Uint8Array, contentType: string): OpenAI {
  const answer = (): Promise<Response> => Promise.resolve(new Response(Buffer.from(body), { headers: { 'content-type': contentType } }));
  return new OpenAI({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0, fetch: answer });
}

/** `textOf` is what a client gets of a stream in these pieces: the same for every single cut, and for pieces of any size. */
export function expectSameWhereverCut(stream: string, textOf: (pieces: readonly (string | Uint8Array)[]) => string): void {
  const whole = textOf([stream]);
  const bytes = Buffer.from(stream);
  for (let cut = 1; cut < bytes.length; cut += 1) expect(textOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(whole);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      expect(textOf(pieces)).toBe(whole);
    }),
  );
}
