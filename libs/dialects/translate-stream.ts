import { GatewayError } from '#contracts';
import type { ConversationEvent } from './conversation/stream-event.ts';
import type { StreamDecoder } from './exchange.ts';
import type { EventDecoder } from './dialect-codec.ts';
import { parseEvent } from './sse/parse-event.ts';
import type { EventSplitter } from './sse/split-events.ts';
import { createStreamState } from './stream-state.ts';
import { createStreamDecoder } from './stream-steps.ts';

type Encode = (event: ConversationEvent) => string;

const NOTHING = Buffer.alloc(0);
const CONTENT_TYPES: ReadonlySet<ConversationEvent['type']> = new Set([
  'text',
  'reasoning',
  'reasoning-block',
  'tool-call',
  'tool-arguments',
]);

interface TranslatedStreamParts {
  readonly decode: EventDecoder;
  readonly encode: Encode;
  readonly openFraming?: (() => EventSplitter) | undefined;
  /** The error a provider sent as a JSON document in place of a stream. */
  readonly errorOf: (document: Buffer) => GatewayError | undefined;
}

/** The provider's events as the client's; complete with the provider's own end event and with nothing less. */
export function openTranslatedStream({ decode, encode, openFraming, errorOf }: TranslatedStreamParts): StreamDecoder {
  const state = createStreamState();

  const note = (event: ConversationEvent): void => {
    state.hasContent ||= CONTENT_TYPES.has(event.type);
    if (event.type === 'usage') state.usage = event.usage;
    else if (event.type === 'text' || event.type === 'reasoning' || event.type === 'tool-arguments') state.producedText += event.text;
    else if (event.type === 'tool-call') state.producedText += event.name;
    else if (event.type === 'finish') {
      state.finishReason = event.reason;
      state.isDone = true;
    }
  };

  const write = (events: readonly ConversationEvent[]): Uint8Array | undefined => {
    let text = '';
    for (const event of events) {
      note(event);
      text += encode(event);
    }
    return text === '' ? undefined : Buffer.from(text);
  };

  const handle = (raw: Buffer): Uint8Array | undefined => write(decode(parseEvent(raw)));

  const close = (rest: Buffer | undefined): Uint8Array | undefined => {
    const last = rest === undefined ? undefined : handleRest(rest, handle);
    if (state.isDone) return last;
    const due = write(decode.close?.() ?? []);
    if (state.isDone) return Buffer.concat([last ?? NOTHING, due ?? NOTHING]);
    throw new GatewayError('upstream_truncated', 'The provider ended its stream before the answer was complete.');
  };

  return createStreamDecoder(
    {
      handle,
      close,
      errorOf,
      state,
    },
    openFraming,
  );
}

/** An event without its blank line may be whole (the end event of a hasty host) or cut: what can't be read was cut. */
function handleRest(rest: Buffer, handle: (raw: Buffer) => Uint8Array | undefined): Uint8Array | undefined {
  const { data } = parseEvent(rest);
  try {
    if (data !== undefined) JSON.parse(data);
  } catch {
    return undefined;
  }
  return handle(rest);
}
