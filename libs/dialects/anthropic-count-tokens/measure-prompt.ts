import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { imageSize } from './image-size.ts';

/** What of a Messages request costs input tokens. */
export interface MeasuredPrompt {
  readonly texts: readonly string[];
  /** Pictures and documents, by their size. */
  readonly mediaTokens: number;
  readonly messages: number;
  readonly hasTools: boolean;
}

/** Larger pictures are scaled down to about this (https://platform.claude.com/docs/en/build-with-claude/vision#evaluate-image-size). */
const MOST_IMAGE_TOKENS = 1_600;
const PIXELS_PER_TOKEN = 750;
/** Enough of a picture to find its size in. */
const IMAGE_HEAD_CHARS = 64 * 1024;
/** A page of a PDF costs 1,500 to 3,000 tokens, and takes up some 50 kB of base64. */
const PAGE_TOKENS = 2_000;
const PAGE_CHARS = 50_000;

/** Never throws: what it does not know counts as its JSON text. Thinking of earlier turns is not part of a prompt. */
export function measurePrompt(body: JsonRecord): MeasuredPrompt {
  const texts: string[] = [];
  let mediaTokens = 0;

  const addContent = (content: unknown): void => {
    if (typeof content === 'string') texts.push(content);
    else if (Array.isArray(content)) for (const block of content as readonly unknown[]) if (isRecord(block)) addBlock(block);
  };

  const addBlock = (block: JsonRecord): void => {
    switch (block['type']) {
      case 'text':
        return addContent(block['text']);
      case 'thinking':
      case 'redacted_thinking':
        return;
      case 'image':
        mediaTokens += imageTokens(recordAt(block, 'source'));
        return;
      case 'document':
        return addDocument(block);
      case 'tool_result':
        return addContent(block['content']);
      case 'search_result':
        addContent(block['title']);
        addContent(block['source']);
        return addContent(block['content']);
      default:
        texts.push(JSON.stringify(block));
    }
  };

  const addDocument = (block: JsonRecord): void => {
    const source = recordAt(block, 'source');
    addContent(block['title']);
    addContent(block['context']);
    if (source?.['type'] === 'text') addContent(source['data']);
    else if (source?.['type'] === 'content') addContent(source['content']);
    else mediaTokens += PAGE_TOKENS * Math.max(1, Math.ceil((stringAt(source ?? {}, 'data')?.length ?? 0) / PAGE_CHARS));
  };

  const messages: readonly unknown[] = Array.isArray(body['messages']) ? body['messages'] : [];
  addContent(body['system']);
  for (const message of messages) if (isRecord(message)) addContent(message['content']);
  const tools: readonly unknown[] = Array.isArray(body['tools']) ? body['tools'] : [];
  for (const tool of tools) texts.push(JSON.stringify(tool));
  return { texts, mediaTokens, messages: messages.length, hasTools: tools.length > 0 };
}

function imageTokens(source: JsonRecord | undefined): number {
  const data = source?.['type'] === 'base64' ? source['data'] : undefined;
  if (typeof data !== 'string') return MOST_IMAGE_TOKENS;
  const size = imageSize(Buffer.from(data.slice(0, IMAGE_HEAD_CHARS), 'base64'));
  return size === undefined ? MOST_IMAGE_TOKENS : Math.min(MOST_IMAGE_TOKENS, Math.ceil((size.width * size.height) / PIXELS_PER_TOKEN));
}
