import { NO_USAGE, type TokenUsage } from '#contracts';
import type { Exchange, ExchangeInput } from '../../exchange.ts';
import { finishExchange, isOpenaiHost, JSON_HEADERS, type MapError, operationNotSupported } from '../operation.ts';
import { relayJson } from '../relay-json.ts';
import { openAudioRelay } from './relay-audio.ts';
import { openSpeechEvents } from './relay-speech-events.ts';

/**
 * `/v1/audio/speech`, on hosts of OpenAI's format: sound as it comes, in the provider's own type, or events with
 * `stream_format: "sse"`. Hosts bill the characters of `input`; those that count tokens say so in the last event only.
 */
export function openSpeech(input: ExchangeInput, mapError: MapError): Exchange {
  if (!isOpenaiHost(input.providerDialect)) throw operationNotSupported('speech');
  const { body, view, dropped } = relayJson(input);
  const text = view.value('input');
  const usage: TokenUsage = { ...NO_USAGE, characters: typeof text === 'string' ? countCharacters(text) : 0 };
  const nowMs = input.createdAt * 1_000;
  const asksForEvents = view.value('stream_format') === 'sse';
  return finishExchange(
    {
      path: '/audio/speech',
      headers: JSON_HEADERS,
      body,
      dropped,
      relaysContentType: true,
      decodeAnswer: (answer) => ({ body: answer, usage, finishReason: undefined }),
      openStream: () =>
        asksForEvents ? openSpeechEvents({ characters: usage, mapError, nowMs }) : openAudioRelay({ usage, mapError, nowMs }),
      estimateUsage: () => ({ ...usage, estimated: true }),
    },
    input,
    mapError,
  );
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _character of text) count += 1;
  return count;
}
