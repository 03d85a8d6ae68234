import type { ImageBytes } from '../conversation/content-part.ts';
import type { JsonRecord } from '../json/record.ts';

/** A picture the model made, as LiteLLM and OpenRouter show it in `message.images`: OpenAI's chat format has no place for one. */
export function encodeImage(image: ImageBytes, index: number): JsonRecord {
  return { type: 'image_url', index, image_url: { url: `data:${image.mediaType};base64,${image.data}` } };
}
