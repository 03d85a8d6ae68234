import type { TokenUsage } from '#contracts';
import type { StreamDecoder } from '../../exchange.ts';
import { mapOperationUsage } from '../map-usage.ts';
import type { MapError } from '../operation.ts';
import { openEventRelay } from '../relay-events.ts';

/** `speech.audio.delta` until `speech.audio.done`, which states tokens (https://platform.openai.com/docs/api-reference/audio). */
export function openSpeechEvents(options: {
  readonly characters: TokenUsage;
  readonly mapError: MapError;
  readonly nowMs: number;
}): StreamDecoder {
  const { characters, mapError, nowMs } = options;
  return openEventRelay({
    mapError,
    nowMs,
    track: (event, type) =>
      type === 'speech.audio.done' ? { isEnd: true, usage: { ...characters, ...mapOperationUsage(event['usage']) } } : { isEnd: false },
  });
}
