import { scanMembers, type JsonMember } from './scan-members.ts';

/** What becomes of a member: JSON text to set, `undefined` to remove it. */
export type MemberEdits = ReadonlyMap<string, string | Uint8Array | undefined>;

/** A JSON object that is read and edited without a JSON round trip: what is not edited keeps its bytes. */
export interface JsonObjectView {
  has(key: string): boolean;
  /** The value's bytes as written, without the space around it. */
  raw(key: string): Buffer | undefined;
  /** The parsed value of one member. */
  value(key: string): unknown;
  keys(): IterableIterator<string>;
  splice(edits: MemberEdits): Uint8Array;
}

/**
 * Opens a JSON object. Of a repeated key the last one counts, as in `JSON.parse`; the earlier ones are always removed, so that
 * a provider with the other habit can't read a value that the gateway has not seen. Throws `GatewayError` `invalid_json`.
 */
export function viewObject(body: Uint8Array): JsonObjectView {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const members = scanMembers(bytes);
  const byKey = new Map<string, JsonMember>(members.map((member) => [member.key, member]));
  const raw = (key: string): Buffer | undefined => {
    const member = byKey.get(key);
    return member === undefined ? undefined : bytes.subarray(member.valueStart, member.end);
  };
  return {
    has: (key) => byKey.has(key),
    raw,
    value: (key) => {
      const text = raw(key)?.toString();
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    keys: () => byKey.keys(),
    splice: (edits) => {
      if (edits.size === 0 && byKey.size === members.length) return body;
      return Buffer.concat(splicedParts({ bytes, members, byKey, edits }));
    },
  };
}

interface SpliceInput {
  readonly bytes: Buffer;
  readonly members: readonly JsonMember[];
  readonly byKey: ReadonlyMap<string, JsonMember>;
  readonly edits: MemberEdits;
}

/** Kept members keep the bytes between them; new ones are appended behind the last. */
function splicedParts({ bytes, members, byKey, edits }: SpliceInput): Uint8Array[] {
  const first = members[0];
  if (first === undefined) return [Buffer.from('{'), ...appended(edits, byKey, true), Buffer.from('}')];
  const parts: Uint8Array[] = [bytes.subarray(0, first.keyStart)];
  let isFirst = true;
  let previousEnd = first.keyStart;
  for (const member of members) {
    const gap = bytes.subarray(previousEnd, member.keyStart);
    previousEnd = member.end;
    const isEdited = edits.has(member.key);
    const replacement = edits.get(member.key);
    if (byKey.get(member.key) !== member || (isEdited && replacement === undefined)) continue;
    if (!isFirst) parts.push(gap.length === 0 ? Buffer.from(',') : gap);
    isFirst = false;
    if (replacement === undefined) parts.push(bytes.subarray(member.keyStart, member.end));
    else parts.push(bytes.subarray(member.keyStart, member.valueStart), asBytes(replacement));
  }
  parts.push(...appended(edits, byKey, isFirst), bytes.subarray(previousEnd));
  return parts;
}

function appended(edits: MemberEdits, byKey: ReadonlyMap<string, JsonMember>, startsEmpty: boolean): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let isFirst = startsEmpty;
  for (const [key, value] of edits) {
    if (value === undefined || byKey.has(key)) continue;
    parts.push(Buffer.from(`${isFirst ? '' : ','}${JSON.stringify(key)}:`), asBytes(value));
    isFirst = false;
  }
  return parts;
}

function asBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : value;
}
