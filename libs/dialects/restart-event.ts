import type { ClientDialect } from '#contracts';

export interface RestartFacts {
  /** The number of the attempt whose answer follows. */
  readonly attempt: number;
  /** The code of the error that ended the one before. */
  readonly reason: string;
}

/** What an event of the format has at least, so that a reader that looks at no names finds nothing in it. */
const NOTHING_IN: Readonly<Partial<Record<ClientDialect, Readonly<Record<string, unknown>>>>> = {
  'openai-chat': { object: 'headrace.restart', choices: [] },
  'openai-completions': { object: 'headrace.restart', choices: [] },
  'gemini-generate': { candidates: [] },
};

/**
 * Tells a client that opted in to forget what it has of the answer: it begins anew. `event: headrace.restart`, with a comment before
 * it for people who read along.
 */
export function encodeRestart(dialect: ClientDialect, { attempt, reason }: RestartFacts): Uint8Array {
  const data = { type: 'headrace.restart', attempt, reason, ...NOTHING_IN[dialect] };
  return Buffer.from(`: the answer begins anew (${reason})\n\nevent: headrace.restart\ndata: ${JSON.stringify(data)}\n\n`);
}
