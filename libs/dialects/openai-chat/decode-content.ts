import type { CacheControl, ContentPart, MediaSource } from '../conversation/content-part.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { decodeAudio, decodeDataUrl } from './decode-media.ts';
import { invalidField } from './invalid-field.ts';

/** Of a web server, or of a bucket that Google's models read; LiteLLM clients say the type of such a file in `format`. */
const ADDRESS = /^(?:https?|gs):/i;

/**
 * Message content, a string or parts, as conversation parts; empty texts say nothing and are left out. `at` is the field's
 * name for errors. Throws `GatewayError` `invalid_request`.
 */
export function decodeContent(content: unknown, at: string): ContentPart[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalidField(at, 'must be a string or an array of content parts');
  return content.map((part, index) => decodePart(part, `${at}[${index}]`)).filter((part) => part.type !== 'text' || part.text !== '');
}

export function cacheControlOf(record: JsonRecord | undefined): CacheControl | undefined {
  return recordAt(record, 'cache_control');
}

function decodePart(part: unknown, at: string): ContentPart {
  if (!isRecord(part)) throw invalidField(at, 'must be an object with a type');
  const cacheControl = cacheControlOf(part);
  switch (part['type']) {
    case 'text':
      return { type: 'text', text: requireText(part, 'text', at), cacheControl };
    case 'refusal':
      return { type: 'text', text: requireText(part, 'refusal', at) };
    case 'image_url':
      return { type: 'media', source: decodeImage(part['image_url'], `${at}.image_url`), at, cacheControl };
    case 'file':
      return { ...decodeFile(recordAt(part, 'file'), `${at}.file`), at, cacheControl };
    case 'input_audio':
      return { type: 'media', source: decodeAudio(recordAt(part, 'input_audio'), `${at}.input_audio`), at, cacheControl };
    default:
      if (typeof part['type'] !== 'string') throw invalidField(`${at}.type`, 'must be a string such as "text" or "image_url"');
      return { type: 'opaque', value: part };
  }
}

function requireText(part: JsonRecord, member: string, at: string): string {
  const text = part[member];
  if (typeof text !== 'string') throw invalidField(`${at}.${member}`, 'must be a string');
  return text;
}

function decodeImage(image: unknown, at: string): MediaSource {
  const url = typeof image === 'string' ? image : isRecord(image) ? image['url'] : undefined;
  if (typeof url !== 'string') throw invalidField(`${at}.url`, 'must be a string: an https or data URL');
  if (ADDRESS.test(url)) return { kind: 'image-url', url, mediaType: isRecord(image) ? stringAt(image, 'format') : undefined };
  return decodeDataUrl(url, `${at}.url`, 'must be an http(s) URL or a base64 data URL with its media type');
}

function decodeFile(file: JsonRecord | undefined, at: string): { type: 'media'; source: MediaSource; title: string | undefined } {
  if (file === undefined) throw invalidField(at, 'must be an object');
  const title = stringAt(file, 'filename');
  const data = stringAt(file, 'file_data');
  const id = stringAt(file, 'file_id');
  const address = data ?? id;
  if (address === undefined) throw invalidField(at, 'must have file_data (a base64 data URL) or file_id');
  // LiteLLM clients put an address into either member
  const mediaType = stringAt(file, 'format');
  if (ADDRESS.test(address)) return { type: 'media', source: { kind: 'document-url', url: address, mediaType }, title };
  if (data === undefined) return { type: 'media', source: { kind: 'file-id', fileId: address, mediaType }, title };
  const source = decodeDataUrl(data, `${at}.file_data`, 'must be a base64 data URL with its media type');
  return { type: 'media', source, title };
}
