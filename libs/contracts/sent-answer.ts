import { InvalidMessage } from './job.ts';
import { NO_USAGE, type TokenUsage } from './usage.ts';

/**
 * What the bytes of a stream show of the answer, piece by piece as the client was sent it: with it another attempt can go on where
 * this one stopped. `broken`: they show something that can't be gone on from (a tool call, signed reasoning, a picture).
 */
export interface SentPieces {
  readonly model?: string | undefined;
  readonly reasoning?: readonly string[] | undefined;
  readonly text?: readonly string[] | undefined;
  readonly broken?: true | undefined;
}

/**
 * The part of an answer that a client has, for the attempt that goes on with it: stored in the bucket `bodies` and named by the
 * job's `sentRef`. The pieces stay apart because some formats number their events.
 */
export interface SentAnswer {
  readonly v: 1;
  /** As the client was told. */
  readonly model: string;
  readonly reasoning: readonly string[];
  readonly text: readonly string[];
  /** What the attempts so far have used: the client is told the sum. */
  readonly spent: TokenUsage;
}

/** An answer as it is being sent; kept by the worker that sends it and by the ingress that passes it on. */
export interface SentLog {
  add(pieces: SentPieces): void;
  /** Undefined when nothing was shown, or what can't be gone on from. */
  answer(spent: TokenUsage): SentAnswer | undefined;
}

/** Longer answers are not gone on with: the next attempt would have to read all of it. */
const MOST_CHARS = 1_000_000;

export function createSentLog(earlier?: SentAnswer): SentLog {
  let model = earlier?.model;
  const reasoning = [...(earlier?.reasoning ?? [])];
  const text = [...(earlier?.text ?? [])];
  let chars = lengthOf(reasoning) + lengthOf(text);
  let broken = false;
  return {
    add(pieces) {
      model ??= pieces.model;
      for (const piece of pieces.reasoning ?? []) reasoning.push(piece);
      for (const piece of pieces.text ?? []) text.push(piece);
      chars += lengthOf(pieces.reasoning) + lengthOf(pieces.text);
      broken ||= pieces.broken === true || chars > MOST_CHARS;
    },
    answer(spent) {
      if (broken || model === undefined) return undefined;
      return { v: 1, model, reasoning: [...reasoning], text: [...text], spent };
    },
  };
}

function lengthOf(pieces: readonly string[] = []): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

export function encodeSentAnswer(answer: SentAnswer): Uint8Array {
  return Buffer.from(JSON.stringify(answer));
}

/** Throws `InvalidMessage`. */
export function decodeSentAnswer(data: Uint8Array): SentAnswer {
  const value = parse(data);
  const { v, model, reasoning, text, spent } = value;
  if (v !== 1 || typeof model !== 'string' || !isTextList(reasoning) || !isTextList(text)) {
    throw new InvalidMessage('what was sent of an answer is not of version 1');
  }
  return { v, model, reasoning, text, spent: { ...NO_USAGE, ...(typeof spent === 'object' ? spent : {}) } };
}

function parse(data: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString());
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (error) {
    throw new InvalidMessage('what was sent of an answer is not JSON', { cause: error });
  }
  throw new InvalidMessage('what was sent of an answer is not an object');
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

/** Counts of the totals that clients are told; what only prices need is the ledger's, attempt by attempt. */
export function addUsage(first: TokenUsage, second: TokenUsage): TokenUsage {
  return {
    ...second,
    inputTokens: first.inputTokens + second.inputTokens,
    cacheReadTokens: first.cacheReadTokens + second.cacheReadTokens,
    cacheWriteTokens: first.cacheWriteTokens + second.cacheWriteTokens,
    cacheWrite1hTokens: first.cacheWrite1hTokens + second.cacheWrite1hTokens,
    outputTokens: first.outputTokens + second.outputTokens,
    reasoningTokens: first.reasoningTokens + second.reasoningTokens,
    inputAudioTokens: first.inputAudioTokens + second.inputAudioTokens,
    outputAudioTokens: first.outputAudioTokens + second.outputAudioTokens,
    estimated: first.estimated || second.estimated,
  };
}
