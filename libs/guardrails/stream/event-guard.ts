import type { parseEvent } from '#dialects';
import type { AnswerGuard, Watch } from '../answer-guard.ts';
import { replaceFindings, replacementOf } from '../rules/replace-findings.ts';
import { slotOf, type StreamTexts } from '../walk/answer-texts.ts';
import { dropTokens } from '../walk/drop-tokens.ts';
import { type TextKind, walkTexts } from '../walk/walk-texts.ts';
import { restoredText } from '../whole-text.ts';
import { createRenumbering, type EventFields, hasNoText, isOnlyDelta, kindOf, writeEvent } from './event-fields.ts';
import { asWritten, createRestoreWindow, type Hidden, insideJson } from './restore-window.ts';
import { createScanWindow, type ScanWindow } from './scan-window.ts';
import { createToolWatch } from './tool-watch.ts';

/** Guards the events of one stream, in the client's format. */
export interface EventGuard {
  /** What leaves in an event's place: the same bytes, others, events more, or nothing. Throws `GuardrailBlock`. */
  event(raw: Buffer, event: ReturnType<typeof parseEvent>): Buffer;
  /** Something that a client shows has left since this was set to false. */
  hasContent: boolean;
}

/** A text that goes on over events, and the last event that had a piece of it: what is held back leaves in one like it. */
interface Slot {
  readonly kind: TextKind;
  readonly windows: readonly ScanWindow[];
  readonly logs: readonly ScanWindow[];
  path: string;
  last: { readonly name: string | undefined; readonly fields: EventFields };
}

export function createEventGuard(guard: AnswerGuard, texts: StreamTexts): EventGuard {
  return new Guard(guard, texts);
}

class Guard implements EventGuard {
  readonly #guard: AnswerGuard;
  readonly #texts: StreamTexts;
  readonly #slots = new Map<string, Slot>();
  readonly #tools: ReturnType<typeof createToolWatch>;
  readonly #renumber = createRenumbering();
  /** Of a stream that is kept back it is put back at its end. */
  readonly #hidden: Hidden | undefined;
  hasContent = false;

  constructor(guard: AnswerGuard, texts: StreamTexts) {
    this.#guard = guard;
    this.#texts = texts;
    this.#tools = createToolWatch(guard);
    this.#hidden = guard.needsWhole ? undefined : guard.input.hidden;
  }

  event(raw: Buffer, { event: name, data }: ReturnType<typeof parseEvent>): Buffer {
    if (data === undefined) return raw;
    if (data === '[DONE]') return Buffer.concat([this.#flush(['']), raw]);
    const fields = JSON.parse(data) as EventFields;
    this.#tools.look(fields);
    let text = '';
    let seen = false;
    const ended = this.#texts.ends(fields);
    const changed = walkTexts(fields, this.#texts.deltas, (piece, { path, kind }) => {
      if (hasNoText(fields)) return piece;
      seen = true;
      const key = slotOf(fields, path);
      const slot = this.#slotAt(key, kindOf(fields, kind), path, name, fields);
      let decided = this.#push(slot, piece);
      if (ended.some((beginning) => key.startsWith(beginning))) {
        decided += this.#end(slot, key);
        this.#slots.delete(key);
      }
      text += decided;
      return decided;
    });
    const changedWhole = walkTexts(fields, this.#texts.whole, (whole, { kind }) => this.#scanWhole(whole, kind));
    if (text !== '' || !seen) this.hasContent = true;
    const before = ended.length === 0 ? NOTHING : this.#flush(ended);
    if (seen && text === '' && isOnlyDelta(fields)) return before;
    if (changed || changedWhole) dropTokens(fields);
    const renumbered = this.#renumber(fields);
    const after = changed || changedWhole || renumbered ? writeEvent(name, fields) : raw;
    return before.length === 0 ? after : Buffer.concat([before, after]);
  }

  #slotAt(key: string, kind: TextKind, path: string, name: string | undefined, fields: EventFields): Slot {
    const known = this.#slots.get(key);
    if (known !== undefined) {
      known.path = path;
      known.last = { name, fields };
      return known;
    }
    const slot: Slot = { kind, path, last: { name, fields }, ...this.#windows(kind) };
    this.#slots.set(key, slot);
    return slot;
  }

  #windows(kind: TextKind): Pick<Slot, 'windows' | 'logs'> {
    const windows: ScanWindow[] = [];
    const logs: ScanWindow[] = [];
    for (const watch of this.#guard.watches) {
      const { scanner } = watch.guardrail;
      if (scanner !== undefined) (watch.isLog ? logs : windows).push(createScanWindow(scanner, this.#replace(watch)));
    }
    const hidden = this.#hidden;
    if (kind === 'json' && this.#tools.holdsArguments) windows.push(createHoldAll());
    if (hidden !== undefined) windows.push(createRestoreWindow(hidden, kind === 'json' ? insideJson : asWritten));
    return { windows, logs };
  }

  #replace(watch: Watch): Parameters<typeof createScanWindow>[1] {
    return (finding, original) => {
      this.#guard.found(watch, finding.category, finding.action === 'block');
      return watch.isLog ? original : replacementOf(finding, original, undefined);
    };
  }

  #push({ windows, logs }: Slot, piece: string): string {
    for (const log of logs) log.push(piece);
    let text = piece;
    for (const window of windows) text = window.push(text);
    return text;
  }

  #end({ windows, logs, kind }: Slot, key: string): string {
    for (const log of logs) log.end();
    let text = '';
    for (const window of windows) text = (text === '' ? '' : window.push(text)) + window.end();
    if (kind === 'json') this.#tools.checkArguments(key, text);
    return text;
  }

  /** What the texts that end held back, in events of their own. */
  #flush(ended: readonly string[]): Buffer {
    const events: Buffer[] = [];
    for (const [key, slot] of this.#slots) {
      if (!ended.some((beginning) => key.startsWith(beginning))) continue;
      const text = this.#end(slot, key);
      this.#slots.delete(key);
      if (text === '') continue;
      this.hasContent = true;
      events.push(this.#eventLike(slot, text));
    }
    return Buffer.concat(events);
  }

  #eventLike({ path, last: { name, fields } }: Slot, text: string): Buffer {
    const copy = structuredClone(fields);
    // what else it said has been said
    walkTexts(copy, this.#texts.deltas, (_, { path: place }) => (place === path ? text : ''));
    setAt(copy, path, text);
    delete copy['usage'];
    dropTokens(copy);
    this.#renumber(copy);
    return writeEvent(name, copy);
  }

  /** A text that was streamed before, or never: what is found is replaced, and counted by the stream alone. */
  #scanWhole(whole: string, kind: TextKind): string {
    let text = whole;
    for (const { guardrail, isLog } of this.#guard.watches) {
      if (isLog || guardrail.scanner === undefined) continue;
      const findings = guardrail.scanner.find(text, 0);
      if (findings.length > 0) text = replaceFindings(text, findings, undefined);
    }
    return this.#hidden === undefined ? text : restoredText(text, kind, this.#hidden);
  }
}

function setAt(fields: EventFields, path: string, text: string): void {
  const keys = path.split('.');
  let value: unknown = fields;
  for (const key of keys.slice(0, -1)) value = typeof value === 'object' && value !== null ? (value as EventFields)[key] : undefined;
  if (typeof value === 'object' && value !== null) (value as EventFields)[keys.at(-1) ?? ''] = text;
}

function createHoldAll(): ScanWindow {
  let held = '';
  return {
    push(text) {
      held += text;
      return '';
    },
    end() {
      const all = held;
      held = '';
      return all;
    },
    isHolding: true,
  };
}

const NOTHING = Buffer.alloc(0);
