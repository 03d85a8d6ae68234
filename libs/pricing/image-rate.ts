import type { TokenUsage } from '#contracts';
import type { ImageRate, Rates } from './rates.ts';

/** What one picture of this size and quality costs; undefined when the model has no price for pictures. */
export function imageRate(rates: Rates, usage: Pick<TokenUsage, 'imageSize' | 'imageQuality'>): bigint | undefined {
  const pixels = pixelsOf(usage.imageSize);
  let best: ImageRate | undefined;
  for (const image of rates.images) {
    const holds = (image.abovePixels === 0 || pixels > image.abovePixels) && hasQuality(image, usage.imageQuality);
    if (holds && (best === undefined || isCloser(image, best))) best = image;
  }
  if (best !== undefined) return best.rate;
  return rates.pixel === undefined || pixels === 0 ? undefined : rates.pixel * BigInt(pixels);
}

/** The larger size counts before the better quality: LiteLLM's file prices both together where they meet. */
function isCloser(a: ImageRate, b: ImageRate): boolean {
  return a.abovePixels === b.abovePixels ? a.quality !== '' && b.quality === '' : a.abovePixels > b.abovePixels;
}

const MAX_SIDE = 100_000;

/** `1024x1536`, also `1024-x-1536` and `1024*1536`; 0 for anything else (`auto`). */
export function pixelsOf(size: string | undefined): number {
  const [width, height] = sidesOf(size) ?? [0, 0];
  return width * height;
}

export function sidesOf(size: string | undefined): readonly [width: number, height: number] | undefined {
  const match = /^(\d{1,6})\s?-?[x×*]-?\s?(\d{1,6})$/i.exec(size ?? '');
  const [width, height] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  return width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE ? [width, height] : undefined;
}

/** `hd` is what OpenAI called it before `high`; both are the better quality. */
const PREMIUM: ReadonlySet<string | undefined> = new Set(['hd', 'high', 'premium']);

function hasQuality(image: ImageRate, quality: string | undefined): boolean {
  return image.quality === '' || image.quality === quality || (image.quality === 'premium' && PREMIUM.has(quality));
}
