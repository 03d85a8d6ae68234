import { imageSize } from '../anthropic-count-tokens/image-size.ts';
import { isRecord, type JsonRecord } from '../json/record.ts';

/** What of a chat request costs input tokens. */
export interface MeasuredChat {
  readonly texts: readonly string[];
  readonly messages: number;
  /** An estimate from the size of the pictures. */
  readonly imageTokens: number;
}

/** Pictures by OpenAI's rule for GPT-4o (https://platform.openai.com/docs/guides/images-vision#calculating-costs). */
const BASE_TOKENS = 85;
const TILE_TOKENS = 170;
const TILE_SIDE = 512;
const LONGEST_SIDE = 2_048;
const SHORTER_SIDE = 768;
/** What is not known to be another size counts as 1024 × 1024. */
const USUAL_SIZE = { width: 1_024, height: 1_024 };
const IMAGE_HEAD_CHARS = 64 * 1024;

/** Reads chat messages, a plain prompt, and tools. Never throws. */
export function measureChat(body: JsonRecord): MeasuredChat {
  const texts: string[] = [];
  let imageTokens = 0;
  const addContent = (content: unknown): void => {
    if (typeof content === 'string') return void texts.push(content);
    if (!Array.isArray(content)) return;
    for (const part of content as readonly unknown[]) {
      if (!isRecord(part)) addContent(part);
      else if (part['type'] === 'image_url') imageTokens += tokensOfImage(part['image_url']);
      else if (typeof part['text'] === 'string') texts.push(part['text']);
    }
  };
  const messages: readonly unknown[] = Array.isArray(body['messages']) ? body['messages'] : [];
  for (const message of messages) {
    if (!isRecord(message)) continue;
    for (const field of ['role', 'name']) addContent(message[field]);
    addContent(message['content']);
    if (message['tool_calls'] !== undefined) texts.push(JSON.stringify(message['tool_calls']));
  }
  addContent(body['system']);
  addContent(body['prompt']);
  if (Array.isArray(body['tools'])) texts.push(...body['tools'].map((tool: unknown) => JSON.stringify(tool) ?? ''));
  for (const content of Array.isArray(body['contents']) ? (body['contents'] as readonly unknown[]) : []) {
    if (isRecord(content)) addContent(content['parts']);
  }
  return { texts, messages: messages.length, imageTokens };
}

function tokensOfImage(image: unknown): number {
  const detail = isRecord(image) ? image['detail'] : undefined;
  if (detail === 'low') return BASE_TOKENS;
  const url = isRecord(image) ? image['url'] : image;
  const { width, height } = (typeof url === 'string' ? sizeOfDataUrl(url) : undefined) ?? USUAL_SIZE;
  const fit = Math.min(1, LONGEST_SIDE / Math.max(width, height, 1));
  const shrink = Math.min(1, SHORTER_SIDE / Math.max(1, Math.min(width, height) * fit));
  const tiles = (side: number): number => Math.max(1, Math.ceil((side * fit * shrink) / TILE_SIDE));
  return BASE_TOKENS + TILE_TOKENS * tiles(width) * tiles(height);
}

function sizeOfDataUrl(url: string) {
  const comma = url.indexOf(',');
  if (!url.startsWith('data:') || comma === -1) return undefined;
  return imageSize(Buffer.from(url.slice(comma + 1, comma + 1 + IMAGE_HEAD_CHARS), 'base64'));
}
