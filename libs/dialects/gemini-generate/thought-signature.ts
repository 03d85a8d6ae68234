import type { ReasoningBlock } from '../conversation/message.ts';
import { packReasoning, unpackThinking } from '../conversation/pack-reasoning.ts';
import type { Signature } from '../conversation/signature.ts';

/**
 * What Google documents for function calls another model made (https://ai.google.dev/gemini-api/docs/thought-signatures):
 * Gemini 3 refuses a call without any signature.
 */
export const FOREIGN_CALL_SIGNATURE = 'skip_thought_signature_validator';
/** For clients in the form their SDKs read: they take signatures for base64. */
export const FOREIGN_CALL_BASE64 = Buffer.from(FOREIGN_CALL_SIGNATURE).toString('base64');

/** A signature that stood on a text part, not on a thought: it goes back to a text part. No base64 has this in it. */
const ON_TEXT = 'text.';

/** The end of a run of thoughts: Gemini signs a thought, or the text that came of it. */
export function signedThoughts(thoughts: string, signature: string, isThought: boolean): ReasoningBlock {
  const value = isThought ? signature : ON_TEXT + signature;
  return { type: 'signed', text: thoughts, signature: { issuer: 'google', value } };
}

/** What `signedThoughts` kept. */
export function placedSignature({ value }: Signature): { readonly value: string; readonly isOnText: boolean } {
  return value.startsWith(ON_TEXT) ? { value: value.slice(ON_TEXT.length), isOnText: true } : { value, isOnText: false };
}

/** Nine characters, so that every packed signature begins alike in base64. */
const MARK = 'headrace:';
const REDACTED = 'redacted:';
/** How a signature that is not Google's begins in a request. */
export const FOREIGN_BEGINNING = Buffer.from(MARK).toString('base64');

/** A block's proof as `thoughtSignature` for a client: Google's own as it is, others in base64 behind our mark. */
export function packThoughtSignature(block: ReasoningBlock): string | undefined {
  if (block.type === 'plain') return undefined;
  if (block.type === 'redacted') return toBase64(REDACTED + block.data);
  if (block.type === 'signed' && block.signature.issuer === 'google') return placedSignature(block.signature).value;
  const packed = packReasoning(block);
  return packed.type === 'thinking' ? toBase64(packed.signature) : undefined;
}

/** What `packThoughtSignature` wrote, or a signature of Gemini's own, with the thoughts it stands for. */
export function unpackThoughtSignature(text: string, packed: string): ReasoningBlock {
  if (!packed.startsWith(FOREIGN_BEGINNING)) return { type: 'signed', text, signature: { issuer: 'google', value: packed } };
  const inner = Buffer.from(packed, 'base64').toString().slice(MARK.length);
  return inner.startsWith(REDACTED) ? { type: 'redacted', data: inner.slice(REDACTED.length) } : unpackThinking(text, inner);
}

/** The signature of a function call; the one that stands for none is none. */
export function callSignature(value: string | undefined): Signature | undefined {
  const isReal = value !== undefined && value !== FOREIGN_CALL_SIGNATURE && value !== FOREIGN_CALL_BASE64;
  return isReal ? { issuer: 'google', value } : undefined;
}

function toBase64(text: string): string {
  return Buffer.from(MARK + text).toString('base64');
}
