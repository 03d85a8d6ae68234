import { describe, expect, test } from 'vitest';
import { countTokens, estimateUsage } from './estimate-usage.ts';

const body = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

describe('counting tokens', () => {
  test.each([
    ['no text is no tokens', '', 0],
    ['a common word is one', 'hello', 1],
    ['words count with their spaces', 'the quick brown fox', 4],
  ])('%s', async (_what, text, expected) => {
    expect(await countTokens(text)).toBe(expected);
  });

  test.each(['<|endoftext|>', 'a <|im_start|> b', '<|endofprompt|>'])('takes %j for text, as it is in a prompt', async (text) => {
    expect(await countTokens(text)).toBeGreaterThan(3);
  });

  test.each([
    ['one letter', 'a'],
    ['white space', ' '],
    ['punctuation', '!'],
    ['an emoji', '😀'],
    ['Chinese', '中'],
  ])('does not hold up the process over 200,000 times %s in a row', async (_what, piece) => {
    await countTokens('warm up');
    const startedAt = performance.now();
    await countTokens(piece.repeat(200_000));
    // 17 s for letters without the cut into pieces
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test('extrapolates beyond 200,000 characters', async () => {
    const once = await countTokens('word '.repeat(40_000));
    const thrice = await countTokens('word '.repeat(120_000));
    expect(thrice / once).toBeCloseTo(3, 2);
  });
});

describe('an estimate', () => {
  test('counts the text of a request in any shape, and says that it is one', async () => {
    const usage = await estimateUsage({
      body: body({ messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }] }),
      producedText: 'hello',
    });
    expect(usage.estimated).toBe(true);
    expect(usage.inputTokens).toBeGreaterThan(0);
    expect(usage.outputTokens).toBe(1);
  });

  test('leaves out encoded images and sound', async () => {
    const data = Buffer.alloc(300_000, 7).toString('base64');
    const plain = await estimateUsage({ body: body({ content: 'hello' }), producedText: '' });
    const withMedia = await estimateUsage({
      body: body({ content: 'hello', url: `data:image/png;base64,${data}`, data }),
      producedText: '',
    });
    expect(withMedia.inputTokens).toBe(plain.inputTokens);
  });

  test.each([
    ['no JSON', Buffer.from('{"a":')],
    ['nothing', new Uint8Array(0)],
    ['a deep nest', Buffer.from('['.repeat(200_000) + ']'.repeat(200_000))],
  ])('of %s is no input, and no error', async (_what, bytes) => {
    expect((await estimateUsage({ body: bytes, producedText: 'hello' })).inputTokens).toBe(0);
  });
});
