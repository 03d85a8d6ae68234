import type { ContentPart, MediaPart, TextPart } from '../conversation/content-part.ts';
import type { DialectQuirks } from '../exchange.ts';
import type { JsonRecord } from '../json/record.ts';

/** Media types whose name is not the format's (https://platform.openai.com/docs/guides/audio). */
const AUDIO_FORMATS: Readonly<Record<string, string>> = { mpeg: 'mp3', 'x-wav': 'wav', wave: 'wav', 'vnd.wave': 'wav' };
/** Hosts refuse a file without a name. */
const NAMELESS = 'document';

/** Content as one string where it is a single text (or must be, by quirk), else as parts. */
export function encodeContent(parts: readonly ContentPart[], quirks: DialectQuirks): string | JsonRecord[] {
  const texts = parts.filter((part) => part.type === 'text');
  const isPlain = texts.length === parts.length && !texts.some((part) => marksCache(part, quirks));
  if (isPlain && (parts.length <= 1 || quirks.flattenContent === true)) return joinTexts(texts);
  return parts.map((part) => encodePart(part, quirks));
}

export function joinTexts(parts: readonly TextPart[]): string {
  return parts.map((part) => part.text).join('\n\n');
}

/** `{"cache_control":…}` for hosts that take it; a hint, so it is left out elsewhere. */
export function cacheMark(marked: { readonly cacheControl?: JsonRecord | undefined }, quirks: DialectQuirks): JsonRecord {
  return quirks.cacheControl === 'blocks' && marked.cacheControl !== undefined ? { cache_control: marked.cacheControl } : {};
}

function marksCache(part: TextPart, quirks: DialectQuirks): boolean {
  return quirks.cacheControl === 'blocks' && part.cacheControl !== undefined;
}

function encodePart(part: ContentPart, quirks: DialectQuirks): JsonRecord {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...cacheMark(part, quirks) };
    case 'media':
      return { ...encodeMedia(part), ...cacheMark(part, quirks) };
    case 'opaque':
      return part.value;
  }
}

/** A document's address never comes here: the format has no place for one, so the worker fetches it. */
function encodeMedia({ source, title }: MediaPart): JsonRecord {
  switch (source.kind) {
    case 'image-url':
      return { type: 'image_url', image_url: { url: source.url } };
    case 'document-url':
      return { type: 'file', file: { file_data: source.url, filename: title ?? NAMELESS } };
    case 'file-id':
      return { type: 'file', file: { file_id: source.fileId } };
    case 'base64':
      return encodeBytes(source.mediaType, source.data, title);
  }
}

function encodeBytes(mediaType: string, data: string, title: string | undefined): JsonRecord {
  const [kind, subtype = ''] = mediaType.split('/');
  if (kind === 'image') return { type: 'image_url', image_url: { url: `data:${mediaType};base64,${data}` } };
  if (kind === 'audio') return { type: 'input_audio', input_audio: { data, format: AUDIO_FORMATS[subtype] ?? subtype } };
  if (kind === 'text') {
    // file parts are for PDF; a text document says the same as text
    const text = Buffer.from(data, 'base64').toString();
    return { type: 'text', text: title === undefined ? text : `${title}\n\n${text}` };
  }
  return { type: 'file', file: { filename: title ?? `${NAMELESS}.${subtype}`, file_data: `data:${mediaType};base64,${data}` } };
}
