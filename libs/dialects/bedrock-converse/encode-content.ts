import { GatewayError } from '#contracts';
import type { CacheControl, ContentPart, MediaPart } from '../conversation/content-part.ts';
import { stringAt, type JsonRecord } from '../json/record.ts';

/** Formats by media type (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html). */
const IMAGES: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};
const VIDEOS: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/x-matroska': 'mkv',
  'video/mpeg': 'mpeg',
  'video/x-flv': 'flv',
  'video/x-ms-wmv': 'wmv',
  'video/3gpp': 'three_gp',
};
const AUDIO: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/aac': 'aac',
  'audio/mp4': 'm4a',
  'audio/webm': 'webm',
};
const DOCUMENTS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/markdown': 'md',
};

/** Documents must be named, each by another name: the names of one request so far. */
export type DocumentNames = Set<string>;

/** Content parts as Converse blocks, each followed by its cache point. A text of nothing but space is refused there and says nothing. */
export function encodeParts(parts: readonly ContentPart[], names: DocumentNames): JsonRecord[] {
  return parts.flatMap((part) => {
    switch (part.type) {
      case 'text':
        return part.text.trim() === '' ? [] : [{ text: part.text }, ...cachePoint(part.cacheControl)];
      case 'media':
        return [encodeMedia(part, names), ...cachePoint(part.cacheControl)];
      case 'opaque':
        return [part.value];
    }
  });
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CachePointBlock.html */
export function cachePoint(cacheControl: CacheControl | undefined): JsonRecord[] {
  if (cacheControl === undefined) return [];
  const ttl = stringAt(cacheControl, 'ttl');
  return [{ cachePoint: ttl === undefined ? { type: 'default' } : { type: 'default', ttl } }];
}

function encodeMedia({ source, title, at }: MediaPart, names: DocumentNames): JsonRecord {
  const refuse = (message: string): GatewayError =>
    new GatewayError('invalid_request', message, { param: at ?? 'messages', retry: 'elsewhere' });
  switch (source.kind) {
    case 'base64':
      return encodeFile(source.mediaType, { bytes: source.data }, { title, names, refuse });
    case 'image-url':
    case 'document-url':
      if (source.url.startsWith('s3://')) return encodeFile(typeOf(source), { s3Location: { uri: source.url } }, { title, names, refuse });
      throw refuse('The provider of this model takes files as data only, not by address.');
    case 'file-id':
      throw refuse('The provider of this model takes files as data only, not by the id of an upload.');
  }
}

/** What the client said, else what the name's ending says. */
function typeOf(source: { readonly kind: string; readonly url: string; readonly mediaType?: string | undefined }): string {
  if (source.mediaType !== undefined) return source.mediaType;
  const ending = /\.([a-z0-9]+)$/i.exec(source.url)?.[1]?.toLowerCase() ?? '';
  const groups = [IMAGES, VIDEOS, AUDIO, DOCUMENTS];
  const known = groups.flatMap((group) => Object.entries(group)).find(([, format]) => format === (ending === 'jpg' ? 'jpeg' : ending));
  return known?.[0] ?? (source.kind === 'image-url' ? 'image/jpeg' : 'application/pdf');
}

interface FileContext {
  readonly title: string | undefined;
  readonly names: DocumentNames;
  readonly refuse: (message: string) => GatewayError;
}

function encodeFile(mediaType: string, source: JsonRecord, { title, names, refuse }: FileContext): JsonRecord {
  const type = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  const formatIn = (formats: Readonly<Record<string, string>>) => (Object.hasOwn(formats, type) ? formats[type] : undefined);
  const image = formatIn(IMAGES);
  if (image !== undefined) return { image: { format: image, source } };
  const video = formatIn(VIDEOS);
  if (video !== undefined) return { video: { format: video, source } };
  const audio = formatIn(AUDIO);
  if (audio !== undefined) return { audio: { format: audio, source } };
  const document = formatIn(DOCUMENTS) ?? (isText(type) ? 'txt' : undefined);
  if (document === undefined) throw refuse(`The provider of this model takes no files of type ${type === '' ? 'unknown' : type}.`);
  return { document: { format: document, name: nameDocument(title, names), source } };
}

function isText(type: string): boolean {
  return type.startsWith('text/') || type === 'application/json' || type === 'application/xml';
}

/** Letters, digits, single spaces, hyphens and brackets only; a second one of a name gets a number. */
function nameDocument(title: string | undefined, names: DocumentNames): string {
  const clean = (title ?? '')
    .replace(/\.[a-z0-9]{1,5}$/i, '')
    .replaceAll(/[^a-zA-Z0-9\s()[\]-]/g, '-')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 180);
  const base = clean === '' ? 'document' : clean;
  let name = base;
  for (let count = 2; names.has(name); count += 1) name = `${base} ${count}`;
  names.add(name);
  return name;
}
