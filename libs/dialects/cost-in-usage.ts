import type { ClientDialect, TokenUsage } from '#contracts';
import type { StreamDecoder, StreamStep } from './exchange.ts';
import { isRecord } from './json/record.ts';
import { viewObject } from './json/splice-members.ts';
import { parseEvent } from './sse/parse-event.ts';
import { createEventSplitter, type EventSplitter } from './sse/split-events.ts';
import { WrappedDecoder } from './wrapped-decoder.ts';

/** Where the events of a format have the usage of the whole answer; in all others it is null, or stands elsewhere. */
const USAGE_OF: Readonly<Partial<Record<ClientDialect, readonly string[]>>> = {
  'openai-chat': ['usage'],
  'openai-completions': ['usage'],
  'anthropic-messages': ['usage'],
  'openai-responses': ['response', 'usage'],
};

/** US dollars as decimal text; undefined where nobody knows a price. */
export type CostOfUsage = (usage: TokenUsage) => string | undefined;

/**
 * A stream's decoder that writes what the answer costs into the usage it ends with, `usage.cost`, as a number. Formats without usage of
 * their own in events keep their decoder; a client that asked for no usage gets none.
 */
export function costInUsage(decoder: StreamDecoder, dialect: ClientDialect, costOf: CostOfUsage): StreamDecoder {
  const path = USAGE_OF[dialect];
  return path === undefined ? decoder : new PricedDecoder(decoder, path, costOf);
}

class PricedDecoder extends WrappedDecoder {
  readonly #path: readonly string[];
  readonly #costOf: CostOfUsage;
  readonly #splitter: EventSplitter = createEventSplitter();

  constructor(decoder: StreamDecoder, path: readonly string[], costOf: CostOfUsage) {
    super(decoder);
    this.#path = path;
    this.#costOf = costOf;
  }

  protected override changed(step: StreamStep): StreamStep {
    if (step.bytes === undefined) return step;
    const written = this.#splitter.push(step.bytes).map((event) => this.#event(event));
    // whole events come: something is left only of a stream that failed in the middle of one
    const rest = step.done || step.error ? this.#splitter.end() : undefined;
    return { ...step, bytes: Buffer.concat(rest === undefined ? written : [...written, rest]) };
  }

  #event(event: Buffer): Buffer {
    if (!event.includes('"usage"')) return event;
    const { usage } = this;
    const cost = usage === undefined ? undefined : this.#costOf(usage);
    return cost === undefined ? event : withCost(event, this.#path, cost);
  }
}

function withCost(event: Buffer, path: readonly string[], cost: string): Buffer {
  const { data } = parseEvent(event);
  const start = data === undefined ? -1 : event.indexOf(data);
  if (data === undefined || start < 0) return event;
  const edited = editAt(Buffer.from(data), path, cost);
  return edited === undefined ? event : Buffer.concat([event.subarray(0, start), edited, event.subarray(start + Buffer.byteLength(data))]);
}

function editAt(object: Uint8Array, [name = '', ...rest]: readonly string[], cost: string): Uint8Array | undefined {
  const view = viewObject(object);
  const raw = view.raw(name);
  if (raw === undefined || !isRecord(view.value(name))) return undefined;
  const edited = rest.length === 0 ? viewObject(raw).splice(new Map([['cost', cost]])) : editAt(raw, rest, cost);
  return edited === undefined ? undefined : view.splice(new Map([[name, edited]]));
}
