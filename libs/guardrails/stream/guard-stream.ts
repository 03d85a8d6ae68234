import { asGatewayError } from '#contracts';
import { createEventSplitter, parseEvent, type StreamDecoder, type StreamStep, WrappedDecoder } from '#dialects';
import type { AnswerGuard } from '../answer-guard.ts';
import { STREAM_TEXTS } from '../walk/answer-texts.ts';
import { createEventGuard, type EventGuard } from './event-guard.ts';

/** A stream's decoder whose events have been through the guardrails. Events without text of theirs are passed on as they are. */
export function guardStream(decoder: StreamDecoder, guard: AnswerGuard): StreamDecoder {
  const texts = STREAM_TEXTS[guard.input.dialect];
  return texts === undefined ? decoder : new GuardedDecoder(decoder, createEventGuard(guard, texts));
}

class GuardedDecoder extends WrappedDecoder {
  readonly #events: EventGuard;
  readonly #splitter = createEventSplitter();
  #refused = false;

  constructor(decoder: StreamDecoder, events: EventGuard) {
    super(decoder);
    this.#events = events;
  }

  protected override changed(step: StreamStep): StreamStep {
    if (this.#refused) return SILENCE;
    if (step.bytes === undefined) return step;
    try {
      this.#events.hasContent = false;
      const written = this.#splitter.push(step.bytes).map((raw) => this.#events.event(raw, parseEvent(raw)));
      if (step.done) written.push(this.#splitter.end() ?? NOTHING);
      const bytes = Buffer.concat(written);
      const hasContent = step.hasContent && this.#events.hasContent;
      return { ...step, bytes: bytes.length === 0 && !step.done ? undefined : bytes, hasContent, shown: undefined };
    } catch (error) {
      this.#refused = true;
      return { ...SILENCE, error: asGatewayError(error) };
    }
  }
}

const SILENCE: StreamStep = { bytes: undefined, hasContent: false, done: false, error: undefined };
const NOTHING = Buffer.alloc(0);
