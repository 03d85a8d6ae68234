import { createEventSplitter, parseEvent } from '#dialects';
import { slotOf, type StreamTexts } from '../walk/answer-texts.ts';
import { dropTokens } from '../walk/drop-tokens.ts';
import { isReasoning } from '../walk/is-reasoning.ts';
import { type TextKind, type VisitText, walkTexts } from '../walk/walk-texts.ts';
import type { WholeText } from '../whole-text.ts';
import { createRenumbering, type EventFields, hasNoText, isOnlyDelta, kindOf, writeEvent } from './event-fields.ts';

/** A stream that was kept back until its end: its texts, and the same stream with others in their place. */
export interface HeldStream {
  readonly texts: readonly WholeText[];
  /** As many as there are texts. Where one is another, all of it stands in its first event, and events that have nothing left to say are gone. */
  withTexts(texts: readonly string[]): Buffer;
}

interface HeldEvent {
  readonly raw: Buffer;
  readonly name: string | undefined;
  /** Undefined for comments and end marks. */
  readonly data: string | undefined;
}

export function readHeldStream(bytes: Uint8Array, paths: StreamTexts): HeldStream {
  const events = eventsOf(bytes);
  const streamed = new Map<string, WholeText>();
  const whole = new Map<string, WholeText>();
  for (const event of events) {
    const fields = fieldsOf(event);
    if (fields === undefined || hasNoText(fields)) continue;
    walkTexts(fields, paths.deltas, (piece, { path, kind }) => {
      const key = slotOf(fields, path);
      const { text = '' } = streamed.get(key) ?? {};
      streamed.set(key, wholeText(text + piece, kindOf(fields, kind), fields, path));
      return piece;
    });
    walkTexts(fields, paths.whole, (text, { path, kind }) => {
      if (!whole.has(text)) whole.set(text, wholeText(text, kind, fields, path));
      return text;
    });
  }
  // most of those are what was streamed before, once more
  for (const { text } of streamed.values()) whole.delete(text);
  const texts = [...streamed.values(), ...whole.values()];
  return { texts, withTexts: (replaced) => rewrite(events, paths, { keys: [...streamed.keys()], texts, replaced }) };
}

function wholeText(text: string, kind: TextKind, fields: EventFields, path: string): WholeText {
  return { text, kind, isAnswer: kind === 'text' && !isReasoning(fields, path) };
}

interface Replacing {
  /** Slots of the first texts. */
  readonly keys: readonly string[];
  readonly texts: readonly WholeText[];
  readonly replaced: readonly string[];
}

function rewrite(events: readonly HeldEvent[], paths: StreamTexts, { keys, texts, replaced }: Replacing): Buffer {
  const bySlot = new Map<string, string>();
  const byText = new Map<string, string>();
  for (const [at, { text }] of texts.entries()) {
    const next = replaced[at];
    const key = keys[at];
    if (next === undefined || next === text) continue;
    if (key !== undefined) bySlot.set(key, next);
    if (!byText.has(text)) byText.set(text, next);
  }
  const renumber = createRenumbering();
  const begun = new Set<string>();
  const written = events.map(({ raw, name, data }) => {
    const fields = fieldsOf({ data });
    if (fields === undefined) return raw;
    let rest = '';
    const place: VisitText = (piece, { path }) => {
      const key = slotOf(fields, path);
      const next = bySlot.get(key);
      const text = next === undefined ? piece : begun.has(key) ? '' : next;
      begun.add(key);
      rest += text;
      return text;
    };
    const isMoved = !hasNoText(fields) && walkTexts(fields, paths.deltas, place);
    if (isMoved && rest === '' && isOnlyDelta(fields)) return NOTHING;
    const isReplaced = walkTexts(fields, paths.whole, (text) => byText.get(text) ?? text);
    if (isMoved || isReplaced) dropTokens(fields);
    const isRenumbered = renumber(fields);
    return isMoved || isReplaced || isRenumbered ? writeEvent(name, fields) : raw;
  });
  return Buffer.concat(written);
}

function eventsOf(bytes: Uint8Array): readonly HeldEvent[] {
  const splitter = createEventSplitter();
  const raws = splitter.push(bytes);
  const rest = splitter.end();
  return (rest === undefined ? raws : [...raws, rest]).map((raw) => {
    const { event: name, data } = parseEvent(raw);
    return { raw, name, data };
  });
}

function fieldsOf({ data }: Pick<HeldEvent, 'data'>): EventFields | undefined {
  return data === undefined || data === '[DONE]' ? undefined : (JSON.parse(data) as EventFields);
}

const NOTHING = Buffer.alloc(0);
