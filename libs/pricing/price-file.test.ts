import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_USAGE, type TokenUsage } from '#contracts';
import { parsePriceFile } from './parse-price-file.ts';
import { createPricer, type PricedDeployment } from './pricer.ts';

const AT = new Date('2026-11-20T12:00:00Z');
const read = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
const LITELLM = read('prices.json');
const OWN = read('own-prices.json');

function bill(text: string, from: Partial<PricedDeployment>, usage: Partial<TokenUsage>, answered = false) {
  const { book } = parsePriceFile(text);
  const books = book === undefined ? [] : [book];
  const deployment = { prices: undefined, pricesAs: undefined, upstreamModel: '', baseModel: undefined, ...from };
  return createPricer({ books: () => books }).price({ deployment, usage: { ...NO_USAGE, ...usage }, at: AT, answered });
}

const of = (provider: string, upstreamModel: string): Partial<PricedDeployment> => ({ provider, upstreamModel });

/** Worked out by hand from the fixture, whose prices are those of public price lists (OpenAI, Anthropic, Google, AWS, Cohere, Groq, Alibaba). */
describe('a known bill', () => {
  test.each<[string, Partial<PricedDeployment>, Partial<TokenUsage>, string]>([
    ['usual service', of('openai', 'gpt-long'), { inputTokens: 1_000, outputTokens: 100 }, '0.004'],
    ['cached input', of('openai', 'gpt-long'), { inputTokens: 1_000, cacheReadTokens: 800, outputTokens: 100 }, '0.0022'],
    ['flex', of('openai', 'gpt-long'), { inputTokens: 1_000, outputTokens: 100, serviceTier: 'flex' }, '0.002'],
    ['batch', of('openai', 'gpt-long'), { inputTokens: 1_000, outputTokens: 100, serviceTier: 'batch' }, '0.002'],
    ['priority', of('openai', 'gpt-long'), { inputTokens: 1_000, outputTokens: 100, serviceTier: 'priority' }, '0.008'],
    ['a tier nobody has heard of', of('openai', 'gpt-long'), { inputTokens: 1_000, serviceTier: 'warp' }, '0.0025'],
    ['at the mark', of('openai', 'gpt-long'), { inputTokens: 272_000 }, '0.68'],
    ['above the mark', of('openai', 'gpt-long'), { inputTokens: 272_001 }, '1.360005'],
    ['above the mark, priority', of('openai', 'gpt-long'), { inputTokens: 300_000, serviceTier: 'priority' }, '3'],
    ['another host of the same model', of('azure', 'gpt-long'), { inputTokens: 1_000 }, '0.00275'],
    [
      '5 minutes and an hour of cache',
      of('anthropic', 'claude-cached'),
      { inputTokens: 3_000, cacheWriteTokens: 1_000, cacheWrite1hTokens: 1_000 },
      '0.01275',
    ],
    [
      'a long input with cache',
      of('anthropic', 'claude-cached'),
      { inputTokens: 300_000, cacheReadTokens: 200_000, cacheWrite1hTokens: 50_000, outputTokens: 1_000 },
      '1.0425',
    ],
    ['three searches', of('anthropic', 'claude-cached'), { inputTokens: 1_000, webSearches: 3 }, '0.033'],
    ['three searches for one prompt', of('gemini', 'gemini-sound'), { inputTokens: 1_000, webSearches: 3 }, '0.0353'],
    [
      'sound and reasoning',
      of('gemini', 'gemini-sound'),
      { inputTokens: 1_000, inputAudioTokens: 400, outputTokens: 100, reasoningTokens: 60 },
      '0.00086',
    ],
    [
      'a picture in tokens is not paid by the piece',
      of('gemini', 'gemini-sound'),
      { inputTokens: 10, outputTokens: 1_290, outputImageTokens: 1_290, images: 1 },
      '0.038703',
    ],
    ['a picture by the piece', of('gemini', 'gemini-sound'), { inputTokens: 10, images: 2 }, '0.078003'],
    ['pictures by the pixel', of('openai', 'dall-e-3'), { images: 2, imageSize: '1024x1024' }, '0.0799998476288'],
    ['a better picture by the pixel', of('openai', 'dall-e-3'), { images: 1, imageSize: '1024x1792', imageQuality: 'hd' }, '0.11999117312'],
    ['a picture of usual size', of('bedrock', 'canvas'), { images: 1, imageSize: '1024x1024' }, '0.04'],
    ['a better one', of('bedrock', 'canvas'), { images: 1, imageSize: '1024x1024', imageQuality: 'hd' }, '0.06'],
    ['a larger one', of('bedrock', 'canvas'), { images: 1, imageSize: '2048x2048' }, '0.06'],
    ['a larger and better one', of('bedrock', 'canvas'), { images: 3, imageSize: '2048x2048', imageQuality: 'premium' }, '0.24'],
    ['sound by the second', of('openai', 'whisper-1'), { audioSeconds: 12.345 }, '0.0012345'],
    ['the dearer of two names for a second', of('groq', 'whisper-large'), { audioSeconds: 60 }, '0.0018498'],
    ['speech by the character', of('openai', 'tts-1'), { characters: 1_234 }, '0.01851'],
    ['reranking', of('cohere', 'rerank-v3.5'), { searchUnits: 2 }, '0.004'],
    ['the first range', of('dashscope', 'qwen-tiers'), { inputTokens: 32_000, outputTokens: 100 }, '0.039'],
    ['the second range', of('dashscope', 'qwen-tiers'), { inputTokens: 32_001, outputTokens: 100 }, '0.0780024'],
    ['a free model', of('openai', 'free-moderation'), { inputTokens: 50, images: 4 }, '0'],
    ['pictures of a free model', of('openai', 'free-moderation'), { images: 4 }, '0'],
    ['a part of a provider', of('bedrock', 'anthropic.claude-cloud'), { inputTokens: 1_000 }, '0.003'],
    ['a name behind a region', of('bedrock', 'eu-west-1/anthropic.claude-cloud'), { inputTokens: 1_000 }, '0.003'],
    ['another name', { provider: 'other_name', providerAliases: ['openai'], upstreamModel: 'gpt-long' }, { inputTokens: 1_000 }, '0.0025'],
    ['a base model', { provider: 'azure', upstreamModel: 'my-deployment', baseModel: 'gpt-long' }, { inputTokens: 1_000 }, '0.00275'],
    [
      'a base model of another provider',
      { provider: 'azure', upstreamModel: 'x', baseModel: 'gemini/gemini-sound' },
      { inputTokens: 1_000 },
      '0.0003',
    ],
  ])('%s', (_name, from, usage, total) => {
    expect(bill(LITELLM, from, usage)).toMatchObject({ source: 'file', cost: { totalUsd: total } });
  });

  test('one size does not pay for the next', () => {
    const { book } = parsePriceFile(LITELLM);
    const books = book === undefined ? [] : [book];
    const pricer = createPricer({ books: () => books });
    const deployment = { prices: undefined, pricesAs: undefined, provider: 'openai', upstreamModel: 'dall-e-3', baseModel: undefined };
    const costOf = (size: string, imageQuality: string) =>
      pricer.price({ deployment, usage: { ...NO_USAGE, images: 1, imageSize: size, imageQuality }, at: AT }).cost?.totalUsd;
    expect([costOf('1024x1792', 'hd'), costOf('1024x1024', 'standard')]).toEqual(['0.11999117312', '0.0399999238144']);
  });

  test('every part is told apart', () => {
    const usage = { inputTokens: 1_000, inputAudioTokens: 400, outputTokens: 100, reasoningTokens: 60, images: 1, webSearches: 1 };
    expect(bill(LITELLM, of('gemini', 'gemini-sound'), usage).cost).toEqual({
      inputUsd: '0.00018',
      cacheReadUsd: '0',
      cacheWriteUsd: '0',
      outputUsd: '0.0001',
      reasoningUsd: '0.00018',
      audioUsd: '0.0004',
      imageUsd: '0.039',
      requestUsd: '0.035',
      totalUsd: '0.07486',
    });
  });

  test.each<[string, Partial<PricedDeployment>, Partial<TokenUsage>, string]>([
    ['a pattern', of('hosted_vllm', 'qwen'), { inputTokens: 1_000_000, outputTokens: 1_000_000 }, '0.3'],
    ['the longer pattern, with all its digits', of('hosted_vllm', 'llama-3.3-70b'), { inputTokens: 1_000_000 }, '0.30000000000000000007'],
    ['a long input', of('openai', 'gpt-own'), { inputTokens: 250_000 }, '1.001'],
    ['flex', of('openai', 'gpt-own'), { outputTokens: 1_000, serviceTier: 'flex' }, '0.005'],
    ['pictures', of('openai', 'gpt-own'), { images: 2 }, '0.101'],
  ])('by our own form: %s', (_name, from, usage, total) => {
    expect(bill(OWN, from, usage)).toMatchObject({ source: 'file', cost: { totalUsd: total } });
  });

  test('a price per request is due for an answer and for counted work, not for a refusal', () => {
    expect(bill(OWN, of('openai', 'gpt-own'), {}).cost?.totalUsd).toBe('0');
    expect(bill(OWN, of('openai', 'gpt-own'), {}, true).cost?.totalUsd).toBe('0.001');
  });
});

describe('what the file does not know', () => {
  test.each<[string, Partial<PricedDeployment>, Partial<TokenUsage>]>([
    ['a model of another provider with the same name', of('nebius', 'gpt-long'), { inputTokens: 1 }],
    ['seconds of a model priced per token', of('openai', 'gpt-long'), { audioSeconds: 3 }],
    ['tokens of a model priced per character', of('openai', 'tts-1'), { inputTokens: 3 }],
    ['pictures of unknown size, priced by the pixel', of('openai', 'dall-e-3'), { images: 1 }],
    ['names of every object', of('openai', 'constructor'), { inputTokens: 1 }],
  ])('%s has no cost', (_name, from, usage) => {
    expect(bill(LITELLM, from, usage)).toEqual({ cost: undefined, source: 'unknown' });
  });

  test('is asked of the catalogue', () => {
    expect(bill(LITELLM, { ...of('openai', 'gpt-4o-mini'), pricesAs: 'openai' }, { inputTokens: 1_000_000 })).toMatchObject({
      source: 'catalogue',
      cost: { totalUsd: '0.15' },
    });
  });
});

describe('a file', () => {
  test('of LiteLLM’s is read without complaint', () => {
    expect(parsePriceFile(LITELLM)).toMatchObject({ book: { models: 14 }, problems: [] });
    expect(parsePriceFile(OWN)).toMatchObject({ book: { models: 3 }, problems: [] });
  });

  test.each([
    ['broken JSON', '{\n  "a": {\n    "input_cost_per_token": 1e-6,,\n  }\n}', 3, /not JSON/],
    ['a cut file', '{\n  "a": {\n    "input_cost_per_token": 1e-6', 3, /not JSON/],
    ['nothing', '', 1, /not JSON/],
    ['a list', '[]', 1, /not an object/],
    ['a negative price', '{\n "a": {"mode": "chat",\n  "input_cost_per_token": -1}\n}', 3, /"a": input_cost_per_token must be a price/],
    ['a word for a price', '{"a": {},\n"b": {"output_cost_per_image": "free"}}', 2, /"b": output_cost_per_image/],
    ['a model that is none', '{\n"a": 5}', 2, /must be an object/],
    [
      'a misspelt price of ours',
      '{"headrace_prices": 1, "models": {\n "x/y": {\n "output_cost_per_tokn": 1}}}',
      3,
      /did you mean "output_cost_per_token"/,
    ],
    ['an unknown price of ours', '{"headrace_prices": 1, "models": {\n "x/y": {\n "per_visit": 1}}}', 3, /unknown price "per_visit"/],
  ])('with %s says where', (_name, text, line, message) => {
    expect(parsePriceFile(text).problems[0]).toEqual({ line, message: expect.stringMatching(message) });
  });

  test('leaves out what is wrong and reads the rest', () => {
    const parsed = parsePriceFile('{"a": {"input_cost_per_token": -1}, "b": {"input_cost_per_token": 1e-6}}');
    expect(parsed.book?.models).toBe(1);
    expect(parsed.problems).toHaveLength(1);
  });

  test('never throws, whatever it holds', () => {
    const texts = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(texts, (text) => {
        expect(Array.isArray(parsePriceFile(text).problems)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
