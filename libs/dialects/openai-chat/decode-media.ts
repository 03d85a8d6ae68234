import type { MediaSource } from '../conversation/content-part.ts';
import { stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from './invalid-field.ts';

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[^,;]+)*?;base64,/i;

/** The `input_audio` of a part, in OpenAI's formats. Throws `GatewayError` `invalid_request`. */
export function decodeAudio(audio: JsonRecord | undefined, at: string): MediaSource {
  const data = stringAt(audio ?? {}, 'data');
  const format = stringAt(audio ?? {}, 'format');
  if (data === undefined || format === undefined) throw invalidField(at, 'must have data (base64) and format, such as "wav"');
  return { kind: 'base64', mediaType: `audio/${format === 'mp3' ? 'mpeg' : format}`, data };
}

/** Throws `GatewayError` `invalid_request` with this rule for anything but a base64 data URL that says its type. */
export function decodeDataUrl(url: string, at: string, rule: string): MediaSource {
  const match = DATA_URL.exec(url);
  const mediaType = match?.[1]?.toLowerCase();
  if (match === null || mediaType === undefined) throw invalidField(at, rule);
  return { kind: 'base64', mediaType, data: url.slice(match[0].length) };
}
