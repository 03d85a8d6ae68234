import type { JsonRecord } from '../json/record.ts';

/** Marks the end of a cacheable prefix. Passed on as the client wrote it (`{"type":"ephemeral","ttl":"1h"}`). */
export type CacheControl = JsonRecord;

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly cacheControl?: CacheControl | undefined;
}

/** An image or document: by its bytes, by address (with its type where the client said it), or by the id of an uploaded file. */
export interface MediaPart {
  readonly type: 'media';
  readonly source: MediaSource;
  /** File name, where the client gave one. */
  readonly title?: string | undefined;
  /** Its place in the client's request (`messages[2].content[0].image_url.url`), for errors about it. */
  readonly at?: string | undefined;
  readonly cacheControl?: CacheControl | undefined;
}

export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'image-url'; readonly url: string; readonly mediaType?: string | undefined }
  | { readonly kind: 'document-url'; readonly url: string; readonly mediaType?: string | undefined }
  | { readonly kind: 'file-id'; readonly fileId: string; readonly mediaType?: string | undefined };

/** A picture in an answer. */
export interface ImageBytes {
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

/** A part this gateway has no name for: reaches the provider as it came. */
export interface OpaquePart {
  readonly type: 'opaque';
  readonly value: JsonRecord;
}

export type ContentPart = TextPart | MediaPart | OpaquePart;
