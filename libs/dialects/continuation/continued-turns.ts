import type { JsonObjectView, MemberEdits } from '../json/splice-members.ts';

/** What a request needs to be asked again for the rest of its answer. */
export interface ContinuedTurns {
  /** The text of the answer so far. */
  readonly text: string;
  /** What the user says behind it; undefined where the model goes on with its own last turn. */
  readonly instruction: string | undefined;
  /** Tokens of the answer so far: the limit of the rest is smaller by them. */
  readonly outputTokens: number;
}

/** How a client's format says so: JSON text of members to set in its own body. */
export type EditContinuedBody = (body: JsonObjectView, turns: ContinuedTurns) => MemberEdits;

/** The array with further elements, everything before them as it was written. */
export function appendElements(array: Uint8Array | undefined, elements: readonly object[]): string {
  const text = array === undefined ? '[]' : Buffer.from(array).toString();
  const before = text.slice(0, text.lastIndexOf(']')).trimEnd();
  return `${before}${before.endsWith('[') ? '' : ','}${elements.map((element) => JSON.stringify(element)).join(',')}]`;
}

/** The limits that the client set, each less what is used up, and never below `least`. */
export function reducedLimits(body: JsonObjectView, fields: readonly string[], used: number, least = 1): [string, string][] {
  return fields.flatMap((field): [string, string][] => {
    const limit = body.value(field);
    return typeof limit === 'number' ? [[field, String(Math.max(least, limit - used))]] : [];
  });
}
