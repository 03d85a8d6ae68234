import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '#contracts';
import type { ExchangeInput } from '../exchange.ts';
import { openExchange } from '../open-exchange.ts';
import { validateCount } from './open-count.ts';

const CONTENTS = [{ role: 'user', parts: [{ text: 'one two three' }, { inlineData: { mimeType: 'image/png', data: 'QUJD' } }] }];

function open(body: object, changes: Partial<ExchangeInput> = {}) {
  return openExchange({
    clientDialect: 'gemini-count-tokens',
    providerDialect: 'gemini-generate',
    stream: false,
    body: Buffer.from(JSON.stringify(body)),
    upstreamModel: 'gemini-3-flash',
    defaultParams: { temperature: 1 },
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 0,
    answerId: '1',
    countTokens: (text: string) => Promise.resolve(text.split(' ').length),
    ...changes,
  });
}

describe('counting tokens', () => {
  it('is asked of a provider that can, in its words, and costs nothing', () => {
    const exchange = open({ contents: CONTENTS });
    expect(exchange.path).toBe('/v1beta/models/gemini-3-flash:countTokens');
    expect(JSON.parse(Buffer.from(exchange.body).toString())).toEqual({ contents: CONTENTS });
    expect(exchange.decodeAnswer(Buffer.from('{"totalTokens":7,"x":1}'))).toEqual({
      body: Buffer.from('{"totalTokens":7,"x":1}'),
      usage: NO_USAGE,
      finishReason: undefined,
    });
    expect(() => exchange.decodeAnswer(Buffer.from('{}'))).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
  });

  it('of a whole request names the provider’s model in it', () => {
    const { body } = open({ generateContentRequest: { model: 'models/group', contents: CONTENTS } });
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      generateContentRequest: { model: 'models/gemini-3-flash', contents: CONTENTS },
    });
  });

  it('is done here for other providers', async () => {
    const body = { contents: [...CONTENTS, { role: 'model', parts: [{ text: 'thinks a lot', thought: true }, { text: 'four' }] }] };
    for (const sent of [body, { generate_content_request: body }]) {
      const answer = await open(sent, { providerDialect: 'openai-chat' }).local?.();
      // three words and one, joined by a line end; two contents; one picture
      expect(JSON.parse(Buffer.from(answer?.body ?? []).toString())).toEqual({ totalTokens: 3 + 2 * 4 + 258 });
      expect(answer?.usage).toEqual(NO_USAGE);
    }
  });

  it('needs contents', () => {
    expect(() => validateCount({ model: 'm', generateContentRequest: {} })).toThrow(expect.objectContaining({ param: 'contents' }));
  });
});
