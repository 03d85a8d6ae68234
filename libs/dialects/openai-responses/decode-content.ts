import type { ContentPart, MediaPart, MediaSource } from '../conversation/content-part.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { decodeAudio, decodeDataUrl } from '../openai-chat/decode-media.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';

const TEXT_MEMBERS: ReadonlyMap<string, string> = new Map([
  ['input_text', 'text'],
  ['output_text', 'text'],
  ['text', 'text'],
  ['summary_text', 'text'],
  ['refusal', 'refusal'],
]);

/**
 * Content of a message or of a call's output, a string or parts; empty texts say nothing and are left out. `at` is the field's
 * name for errors. Throws `GatewayError` `invalid_request`.
 */
export function decodeContent(content: unknown, at: string): ContentPart[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalidField(at, 'must be a string or an array of content parts');
  return content
    .map((part: unknown, index) => decodePart(part, `${at}[${index}]`))
    .filter((part) => part.type !== 'text' || part.text !== '');
}

function decodePart(part: unknown, at: string): ContentPart {
  if (!isRecord(part)) throw invalidField(at, 'must be an object with a type');
  const type = part['type'];
  if (typeof type !== 'string') throw invalidField(`${at}.type`, 'must be a string such as "input_text" or "input_image"');
  const member = TEXT_MEMBERS.get(type);
  if (member !== undefined) return { type: 'text', text: requireText(part, member, at) };
  if (type === 'input_image') return { type: 'media', source: decodeImage(part, at), at };
  if (type === 'input_file') return { ...decodeFile(part, at), at };
  if (type === 'input_audio') return { type: 'media', source: decodeAudio(recordAt(part, 'input_audio'), `${at}.input_audio`), at };
  return { type: 'opaque', value: part };
}

function requireText(part: JsonRecord, member: string, at: string): string {
  const text = part[member];
  if (typeof text !== 'string') throw invalidField(`${at}.${member}`, 'must be a string');
  return text;
}

function decodeImage(part: JsonRecord, at: string): MediaSource {
  // written as in chat completions by clients that came from there
  const image = part['image_url'];
  const url = isRecord(image) ? image['url'] : image;
  const fileId = stringAt(part, 'file_id');
  if (typeof url !== 'string' && fileId !== undefined) return { kind: 'file-id', fileId, mediaType: 'image/*' };
  if (typeof url !== 'string') throw invalidField(`${at}.image_url`, 'must be a string: an https or data URL');
  if (/^https?:/i.test(url)) return { kind: 'image-url', url };
  return decodeDataUrl(url, `${at}.image_url`, 'must be an http(s) URL or a base64 data URL with its media type');
}

function decodeFile(part: JsonRecord, at: string): MediaPart {
  const title = stringAt(part, 'filename');
  const url = stringAt(part, 'file_url');
  const data = stringAt(part, 'file_data');
  const fileId = stringAt(part, 'file_id');
  if (url !== undefined) return { type: 'media', source: { kind: 'document-url', url }, title };
  if (data !== undefined) {
    const source = decodeDataUrl(data, `${at}.file_data`, 'must be a base64 data URL with its media type');
    return { type: 'media', source, title };
  }
  if (fileId !== undefined) return { type: 'media', source: { kind: 'file-id', fileId }, title };
  throw invalidField(at, 'must have file_data (a base64 data URL), file_url or file_id');
}
