import { isRecord, stringAt, type JsonRecord } from '../json/record.ts';
import { viewObject } from '../json/splice-members.ts';
import { CONTINUES_FIELD } from './echo-request.ts';

/** What the gateway knows of the conversation that a request goes on with. */
export interface Continuation {
  /** The response it goes on from, by the client's word for it. */
  readonly previousId: string | undefined;
  /** Items before the request's own. */
  readonly history: readonly JsonRecord[];
  /** The items that `item_reference`s of the request stand for, by id. */
  readonly referenced: ReadonlyMap<string, JsonRecord>;
}

/** `input` as items, whichever way it was written. Items that are no objects are left out. */
export function inputItems(input: unknown): JsonRecord[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
  return Array.isArray(input) ? input.filter(isRecord) : [];
}

/** Ids of the `item_reference`s of a request, with their places for errors (`input[2]`). */
export function referencedItems(input: unknown): { readonly id: string; readonly at: string }[] {
  if (!Array.isArray(input)) return [];
  return input.flatMap((item: unknown, index) => {
    const id = isRecord(item) && item['type'] === 'item_reference' ? stringAt(item, 'id') : undefined;
    return id === undefined ? [] : [{ id, at: `input[${index}]` }];
  });
}

/** The items of a request with what its references stand for. */
export function resolveItems(items: readonly JsonRecord[], referenced: ReadonlyMap<string, JsonRecord>): JsonRecord[] {
  return items.map((item) => (item['type'] === 'item_reference' ? (referenced.get(stringAt(item, 'id') ?? '') ?? item) : item));
}

/**
 * The request with the whole conversation in its `input`, for a provider that has not kept it. All other members, and the
 * client's own items where there are no references among them, keep their bytes.
 */
export function expandRequest(body: Uint8Array, continuation: Continuation): Uint8Array {
  const view = viewObject(body);
  const edits = new Map<string, string | Uint8Array | undefined>([
    ['input', Buffer.concat([Buffer.from('['), ...joined(itemsOf(view.raw('input'), continuation)), Buffer.from(']')])],
    ['previous_response_id', undefined],
  ]);
  if (continuation.previousId !== undefined) edits.set(CONTINUES_FIELD, JSON.stringify(continuation.previousId));
  return view.splice(edits);
}

/** JSON of items, in pieces of one or more. */
function itemsOf(raw: Buffer | undefined, { history, referenced }: Continuation): Buffer[] {
  const before = history.map((item) => Buffer.from(JSON.stringify(item)));
  if (raw === undefined || raw.equals(NULL)) return before;
  if (referenced.size === 0 && raw[0] === OPEN_BRACKET) {
    const own = raw.subarray(1, -1);
    return own.every(isSpace) ? before : [...before, own];
  }
  const items = resolveItems(inputItems(JSON.parse(raw.toString())), referenced);
  return [...before, ...items.map((item) => Buffer.from(JSON.stringify(item)))];
}

const NULL = Buffer.from('null');
const COMMA = Buffer.from(',');
const OPEN_BRACKET = 0x5b;

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function joined(pieces: readonly Buffer[]): Buffer[] {
  return pieces.flatMap((piece, index) => (index === 0 ? [piece] : [COMMA, piece]));
}

/**
 * An output item as input again: without its id, which means something to its own provider only. Undefined for reasoning that
 * only its provider holds.
 */
export function historyItem(item: JsonRecord): JsonRecord | undefined {
  if (item['type'] === 'reasoning') return stringAt(item, 'encrypted_content') === undefined ? undefined : item;
  const { id: _id, status: _status, ...rest } = item;
  return rest;
}
