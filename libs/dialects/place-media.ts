import { GatewayError } from '#contracts';
import type { ContentPart, MediaPart } from './conversation/content-part.ts';
import type { Message } from './conversation/message.ts';
import type { ConversationRequest } from './conversation/request.ts';
import type { ProviderCodec } from './dialect-codec.ts';
import type { FetchedMedia } from './exchange.ts';
import { unsupportedParameter } from './openai-chat/unsupported-parameter.ts';

/** The address of a part that the provider can't take as one; undefined for everything else. */
export function addressToFetch(part: ContentPart, provider: MediaAbilities): string | undefined {
  const { takesMediaUrls } = provider;
  if (part.type !== 'media' || takesMediaUrls === true) return undefined;
  const { source } = part;
  if (source.kind !== 'document-url' && (source.kind !== 'image-url' || takesMediaUrls === 'images')) return undefined;
  return /^https?:/i.test(source.url) && provider.readsUrl?.(source.url) !== true ? source.url : undefined;
}

export type MediaAbilities = Pick<ProviderCodec, 'takesMediaUrls' | 'takesAudio' | 'readsUrl'>;

/**
 * The conversation with fetched bytes in place of addresses. Throws `invalid_request` for an address that was not fetched and
 * `unsupported_parameter` for a recording, each by its place in the request, when the provider has no place for it.
 */
export function placeMedia(
  request: ConversationRequest,
  provider: MediaAbilities,
  fetched: ReadonlyMap<string, FetchedMedia> | undefined,
): ConversationRequest {
  const place = (part: ContentPart): ContentPart => {
    if (part.type !== 'media') return part;
    const url = addressToFetch(part, provider);
    const placed = url === undefined ? part : { ...part, source: bytesOf(part, url, fetched) };
    if (provider.takesAudio !== true && isAudio(placed)) throw unsupportedParameter(part.at ?? 'messages', 'It takes no audio.');
    return placed;
  };
  const withMedia = (message: Message): Message =>
    message.parts.some((part) => part.type === 'media') ? { ...message, parts: message.parts.map(place) } : message;
  return { ...request, messages: request.messages.map(withMedia) };
}

function bytesOf(part: MediaPart, url: string, fetched: ReadonlyMap<string, FetchedMedia> | undefined): MediaPart['source'] {
  const media = fetched?.get(url);
  if (media !== undefined) return { kind: 'base64', ...media };
  const what = part.source.kind === 'document-url' ? 'document' : 'image';
  throw new GatewayError('invalid_request', `The provider of this model takes no addresses, and this ${what} could not be fetched.`, {
    param: part.at ?? 'messages',
  });
}

function isAudio({ source }: MediaPart): boolean {
  return source.kind === 'base64' && source.mediaType.startsWith('audio/');
}
