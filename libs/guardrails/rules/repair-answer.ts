import type { AnswerRepair, ClientDialect } from '#contracts';
import { parseExact } from '#dialects';

/** A longer answer is not sent back: it would be paid for once more as input. */
export const MAX_REPAIRED_CHARS = 32 * 1024;

const FENCE = '```';

/** The JSON of an answer that put it between the marks of a code block; undefined where there are none, or more than that behind them. */
export function unfenced(text: string): string | undefined {
  const opens = text.indexOf(FENCE);
  const begins = text.indexOf('\n', opens);
  const ends = text.lastIndexOf(FENCE);
  if (opens < 0 || begins < 0 || ends <= begins || /[[{]/.test(text.slice(0, opens))) return undefined;
  const language = text
    .slice(opens + FENCE.length, begins)
    .trim()
    .toLowerCase();
  if ((language !== '' && language !== 'json') || text.slice(ends + FENCE.length).trim() !== '') return undefined;
  return text.slice(begins + 1, ends).trim();
}

type Body = Readonly<Record<string, unknown>>;
type Turns = readonly [answer: string, instruction: string];

/** How each format has a conversation go on. Formats without one can't be asked again. */
const GO_ON: Partial<Record<ClientDialect, (body: Body, turns: Turns) => Body | undefined>> = {
  'openai-chat': withMessages,
  'anthropic-messages': withMessages,
  'openai-responses': (body, turns) => {
    const { input } = body;
    const before = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
    return Array.isArray(before) ? { ...body, input: [...(before as unknown[]), ...turnsOf(turns)] } : undefined;
  },
  'gemini-generate': (body, [answer, instruction]) => {
    const { contents } = body;
    const turn = (role: string, text: string) => ({ role, parts: [{ text }] });
    return Array.isArray(contents)
      ? { ...body, contents: [...(contents as unknown[]), turn('model', answer), turn('user', instruction)] }
      : undefined;
  },
};

export function canRepair(dialect: ClientDialect): boolean {
  return dialect in GO_ON;
}

/** The request with the wrong answer and what is wrong with it behind its conversation; as it was where it has none. */
export function repairRequest(dialect: ClientDialect, body: Uint8Array, { answer, fault }: AnswerRepair): Uint8Array {
  const fields = parseExact(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return body;
  const instruction = `Your answer does not have the JSON schema that was asked for: ${fault} Answer again, with the corrected JSON alone.`;
  const asked = GO_ON[dialect]?.({ ...fields }, [answer, instruction]);
  return asked === undefined ? body : Buffer.from(JSON.stringify(asked));
}

function withMessages(body: Body, turns: Turns): Body | undefined {
  const { messages } = body;
  return Array.isArray(messages) ? { ...body, messages: [...(messages as unknown[]), ...turnsOf(turns)] } : undefined;
}

function turnsOf([answer, instruction]: Turns): readonly object[] {
  return [
    { role: 'assistant', content: answer },
    { role: 'user', content: instruction },
  ];
}
