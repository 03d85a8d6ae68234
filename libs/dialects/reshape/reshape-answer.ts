import type { ClientDialect, TokenUsage } from '#contracts';
import type { ConversationAnswer, FinishReason } from '../conversation/answer.ts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import { CLIENTS, PROVIDERS } from '../registry.ts';
import { parseEvent } from '../sse/parse-event.ts';
import { createEventSplitter } from '../sse/split-events.ts';
import { answerOfEvents, eventsOfAnswer } from './answer-events.ts';

/** An answer as a client was given it: one JSON document, or the text of an event stream. */
export interface WrittenAnswer {
  readonly dialect: ClientDialect;
  readonly isStream: boolean;
  readonly body: Uint8Array;
}

export interface ReadAnswer {
  readonly finishReason: FinishReason;
  readonly usage: TokenUsage | undefined;
  readonly conversation: ConversationAnswer;
}

/**
 * What a written answer says, in no format: a client's format is read as a provider's of the same name would be. Undefined for formats that
 * are no conversation, and for what has no end or can't be read. Never throws.
 */
export function readWrittenAnswer({ dialect, isStream, body }: WrittenAnswer): ReadAnswer | undefined {
  const codec = Object.hasOwn(PROVIDERS, dialect) ? PROVIDERS[dialect as keyof typeof PROVIDERS] : undefined;
  if (codec === undefined) return undefined;
  try {
    const conversation = isStream ? answerOfEvents(eventsOf(body, codec.createStreamDecoder())) : codec.decodeResponse(body);
    return conversation && { conversation, finishReason: conversation.finishReason, usage: conversation.usage };
  } catch {
    return undefined;
  }
}

/** The same answer in the client's other form, JSON for a stream and the other way round. Undefined where its format has no way back from itself. */
export function reshapeAnswer(
  conversation: ConversationAnswer,
  to: { readonly dialect: ClientDialect; readonly isStream: boolean },
  context: AnswerContext,
): Uint8Array | undefined {
  const client = Object.hasOwn(CLIENTS, to.dialect) ? CLIENTS[to.dialect as keyof typeof CLIENTS] : undefined;
  if (client === undefined) return undefined;
  if (!to.isStream) return client.encodeResponse(conversation, context);
  const encode = client.createStreamEncoder(context);
  return Buffer.from(eventsOfAnswer(conversation).map(encode).join(''));
}

function eventsOf(body: Uint8Array, decode: ReturnType<NonNullable<(typeof PROVIDERS)['openai-chat']>['createStreamDecoder']>) {
  const splitter = createEventSplitter();
  const events: ConversationEvent[] = [];
  for (const raw of splitter.push(body)) events.push(...decode(parseEvent(raw)));
  const rest = splitter.end();
  if (rest !== undefined) events.push(...decode(parseEvent(rest)));
  if (!events.some(({ type }) => type === 'finish')) events.push(...(decode.close?.() ?? []));
  return events;
}
