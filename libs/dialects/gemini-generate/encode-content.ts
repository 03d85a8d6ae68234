import type { ContentPart, MediaSource } from '../conversation/content-part.ts';
import type { JsonRecord } from '../json/record.ts';
import { mediaTypeOfAddress } from './media-type.ts';

/** Content as `parts` (https://ai.google.dev/api/caching#Part). Empty text is refused there and says nothing: it is left out. */
export function encodeParts(parts: readonly ContentPart[]): JsonRecord[] {
  return parts.filter((part) => part.type !== 'text' || part.text !== '').map(encodePart);
}

function encodePart(part: ContentPart): JsonRecord {
  switch (part.type) {
    case 'text':
      return { text: part.text };
    case 'media':
      return encodeMedia(part.source);
    case 'opaque':
      return part.value;
  }
}

/** Bytes, or the address of what Google can reach: a bucket (`gs://`), an uploaded file, a public video. */
function encodeMedia(source: MediaSource): JsonRecord {
  if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } };
  const fileUri = source.kind === 'file-id' ? source.fileId : source.url;
  const mimeType = source.mediaType ?? mediaTypeOfAddress(fileUri);
  return { fileData: { ...(mimeType === undefined ? {} : { mimeType }), fileUri } };
}
