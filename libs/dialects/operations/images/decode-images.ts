import { NO_USAGE, type TokenUsage } from '#contracts';
import type { DecodedAnswer, StreamDecoder } from '../../exchange.ts';
import type { JsonRecord } from '../../json/record.ts';
import { mapOperationUsage } from '../map-usage.ts';
import type { MapError } from '../operation.ts';
import { invalidAnswer, readAnswer } from '../read-answer.ts';
import { openEventRelay } from '../relay-events.ts';

export interface ImageDecoding {
  readonly mapError: MapError;
  readonly nowMs: number;
  /** `n` of the request. */
  readonly count: number;
  readonly size: unknown;
  readonly quality: unknown;
}

/** Pictures are counted, for models with a price for each; where the host states tokens, these too. */
export function decodeImages(body: Uint8Array, decoding: ImageDecoding): DecodedAnswer {
  const answer = readAnswer(body, decoding.mapError, decoding.nowMs);
  const { data } = answer;
  if (!Array.isArray(data)) throw invalidAnswer("an answer without 'data'");
  return { body, usage: usageOf(answer, data.length, decoding), finishReason: undefined };
}

/** `….partial_image` events and one `….completed` for each picture, with its usage. */
export function openImageStream(decoding: ImageDecoding): StreamDecoder {
  return openEventRelay({
    mapError: decoding.mapError,
    nowMs: decoding.nowMs,
    ends: decoding.count,
    track: (event, type) => (type?.endsWith('.completed') ? { isEnd: true, usage: usageOf(event, 1, decoding) } : { isEnd: false }),
  });
}

export function estimateImages(decoding: ImageDecoding): TokenUsage {
  return { ...usageOf({}, decoding.count, decoding), estimated: true };
}

function usageOf(answer: JsonRecord, images: number, { size, quality }: ImageDecoding): TokenUsage {
  const imageSize = answer['size'] ?? size;
  const imageQuality = answer['quality'] ?? quality;
  return {
    ...NO_USAGE,
    ...mapOperationUsage(answer['usage']),
    images,
    ...(typeof imageSize === 'string' ? { imageSize } : {}),
    ...(typeof imageQuality === 'string' ? { imageQuality } : {}),
  };
}
