import type { ContentPart, MediaPart } from '../conversation/content-part.ts';
import type { JsonRecord } from '../json/record.ts';

/** Content parts as Anthropic blocks. A text of nothing but space is refused there and says nothing: it is left out. */
export function encodeParts(parts: readonly ContentPart[]): JsonRecord[] {
  return parts.filter((part) => part.type !== 'text' || part.text.trim() !== '').map(encodePart);
}

function encodePart(part: ContentPart): JsonRecord {
  switch (part.type) {
    case 'text':
      return withCacheControl({ type: 'text', text: part.text }, part.cacheControl);
    case 'media':
      return withCacheControl(encodeMedia(part), part.cacheControl);
    case 'opaque':
      return part.value;
  }
}

function encodeMedia({ source, title }: MediaPart): JsonRecord {
  const named = title === undefined ? {} : { title };
  switch (source.kind) {
    case 'image-url':
      return { type: 'image', source: { type: 'url', url: source.url } };
    case 'document-url':
      return { type: 'document', source: { type: 'url', url: source.url }, ...named };
    case 'file-id':
      return { type: 'document', source: { type: 'file', file_id: source.fileId }, ...named };
    case 'base64':
      return encodeBytes(source.mediaType, source.data, named);
  }
}

function encodeBytes(mediaType: string, data: string, named: JsonRecord): JsonRecord {
  if (mediaType.startsWith('image/')) return { type: 'image', source: { type: 'base64', media_type: mediaType, data } };
  if (mediaType.startsWith('text/')) {
    // documents of text come as text there, always as text/plain
    const text = Buffer.from(data, 'base64').toString();
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...named };
  }
  return { type: 'document', source: { type: 'base64', media_type: mediaType, data }, ...named };
}

export function withCacheControl(block: JsonRecord, cacheControl: JsonRecord | undefined): JsonRecord {
  return cacheControl === undefined ? block : { ...block, cache_control: cacheControl };
}
