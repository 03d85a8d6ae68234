import type { ContentPart, MediaSource } from '../conversation/content-part.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';

/**
 * Content, a string or blocks, as conversation parts. Search results and documents of text become text, which every provider
 * reads; blocks that have no name here stay as they are. `at` is the field's name for errors. Throws `GatewayError` `invalid_request`.
 */
export function decodeContent(content: unknown, at: string): ContentPart[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return blocksOf(content, at).flatMap((block, index) => decodeBlock(block, `${at}[${index}]`));
}

/** The blocks of a list. */
export function blocksOf(content: unknown, at: string): readonly JsonRecord[] {
  if (!Array.isArray(content)) throw invalidField(at, 'must be a string or an array of content blocks');
  return content.map((block: unknown, index) => {
    if (!isRecord(block) || typeof block['type'] !== 'string') throw invalidField(`${at}[${index}]`, 'must be an object with a type');
    return block;
  });
}

export function decodeBlock(block: JsonRecord, at: string): ContentPart[] {
  const cacheControl = recordAt(block, 'cache_control');
  switch (block['type']) {
    case 'text': {
      const text = requireText(block, 'text', at);
      return text === '' ? [] : [{ type: 'text', text, cacheControl }];
    }
    case 'image':
      return [{ type: 'media', source: decodeSource(block, at, 'image-url'), at: `${at}.source`, cacheControl }];
    case 'document':
      return markLast(decodeDocument(block, at), cacheControl);
    case 'search_result':
      return markLast([{ type: 'text', text: searchResultText(block) }], cacheControl);
    default:
      return [{ type: 'opaque', value: block }];
  }
}

export function requireText(block: JsonRecord, member: string, at: string): string {
  const text = block[member];
  if (typeof text !== 'string') throw invalidField(`${at}.${member}`, 'must be a string');
  return text;
}

/** A mark on a block that became several stands on the last of them. */
function markLast(parts: ContentPart[], cacheControl: JsonRecord | undefined): ContentPart[] {
  const last = parts.at(-1);
  if (cacheControl === undefined || last === undefined || last.type === 'opaque') return parts;
  return [...parts.slice(0, -1), { ...last, cacheControl }];
}

function decodeSource(block: JsonRecord, at: string, urlKind: 'image-url' | 'document-url'): MediaSource {
  const source = recordAt(block, 'source');
  if (source === undefined) throw invalidField(`${at}.source`, 'must be an object with a type');
  switch (source['type']) {
    case 'base64':
      return {
        kind: 'base64',
        mediaType: requireText(source, 'media_type', `${at}.source`),
        data: requireText(source, 'data', `${at}.source`),
      };
    case 'url':
      return { kind: urlKind, url: requireText(source, 'url', `${at}.source`) };
    case 'file':
      return { kind: 'file-id', fileId: requireText(source, 'file_id', `${at}.source`) };
    default:
      throw invalidField(`${at}.source.type`, 'must be "base64", "url", "file" or, in a document, "text" or "content"');
  }
}

function decodeDocument(block: JsonRecord, at: string): ContentPart[] {
  const source = recordAt(block, 'source');
  const title = stringAt(block, 'title');
  const context = stringAt(block, 'context');
  const heading: ContentPart[] = [title, context].filter((text) => text !== undefined).map((text) => ({ type: 'text', text }));
  if (source?.['type'] === 'text') return [...heading, { type: 'text', text: requireText(source, 'data', `${at}.source`) }];
  if (source?.['type'] === 'content') return [...heading, ...decodeContent(source['content'], `${at}.source.content`)];
  const document: ContentPart = { type: 'media', source: decodeSource(block, at, 'document-url'), title, at: `${at}.source` };
  return context === undefined ? [document] : [{ type: 'text', text: context }, document];
}

function searchResultText(block: JsonRecord): string {
  const content: readonly unknown[] = Array.isArray(block['content']) ? block['content'] : [];
  const texts = content.filter(isRecord).map((part) => stringAt(part, 'text'));
  return [stringAt(block, 'title'), stringAt(block, 'source'), ...texts].filter((text) => text !== undefined).join('\n');
}
