import type { TokenSource } from './tokens.ts';
import { splitTokens } from './tokens.ts';

/**
 * What the model says, token by token, before it is known whether it goes out as a stream or in one piece. Tokens are
 * counted per choice; all choices say the same.
 */
export interface Answer {
  /** What goes out: `max_tokens` has been applied. */
  readonly tokenCount: number;
  readonly finishReason: string;
  /** JSON of the first delta, which carries the role and no token. */
  readonly opening: string;
  /** JSON of the delta that carries this token. */
  deltaAt(token: number): string;
  /** JSON of the whole message. */
  message(): string;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

export interface AnswerLimits {
  readonly maxTokens: number;
  /** Overrides `stop`, `tool_calls` or `length`. */
  readonly finishReason: string | undefined;
}

export function textAnswer(source: TokenSource, limits: AnswerLimits): Answer {
  const tokenCount = Math.min(source.count, limits.maxTokens);
  return {
    tokenCount,
    finishReason: limits.finishReason ?? (tokenCount < source.count ? 'length' : 'stop'),
    opening: '{"role":"assistant","content":"","refusal":null}',
    deltaAt: (token) => `{"content":${JSON.stringify(source.at(token))}}`,
    message: () => {
      let text = '';
      for (let token = 0; token < tokenCount; token += 1) text += source.at(token);
      return `{"role":"assistant","content":${JSON.stringify(text)},"refusal":null}`;
    },
  };
}

interface ToolPiece {
  readonly call: number;
  /** The first piece of a call names it, the others add to its arguments. */
  readonly begins: ToolCall | undefined;
  readonly text: string;
}

/** A call costs one token for its name and those of its arguments. */
export function toolAnswer(calls: readonly ToolCall[], limits: AnswerLimits): Answer {
  const pieces = calls.flatMap((call, index): ToolPiece[] => [
    { call: index, begins: call, text: '' },
    ...splitTokens(call.arguments).map((text) => ({ call: index, begins: undefined, text })),
  ]);
  const tokenCount = Math.min(pieces.length, limits.maxTokens);
  return {
    tokenCount,
    finishReason: limits.finishReason ?? (tokenCount < pieces.length ? 'length' : 'tool_calls'),
    opening: '{"role":"assistant","content":null,"refusal":null}',
    deltaAt: (token) => toolDelta(pieces[token]),
    message: () => toolMessage(pieces.slice(0, tokenCount)),
  };
}

function toolDelta(piece: ToolPiece | undefined): string {
  if (piece === undefined) return '{}';
  if (piece.begins === undefined) {
    return `{"tool_calls":[{"index":${piece.call},"function":{"arguments":${JSON.stringify(piece.text)}}}]}`;
  }
  const { id, name } = piece.begins;
  const call = { index: piece.call, id, type: 'function', function: { name, arguments: '' } };
  return JSON.stringify({ tool_calls: [call] });
}

function toolMessage(pieces: readonly ToolPiece[]): string {
  const calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[] = [];
  for (const { begins, text } of pieces) {
    if (begins !== undefined) calls.push({ id: begins.id, type: 'function', function: { name: begins.name, arguments: '' } });
    const last = calls.at(-1);
    if (last !== undefined) last.function.arguments += text;
  }
  return JSON.stringify({ role: 'assistant', content: null, refusal: null, tool_calls: calls });
}
