import { describe, expect, it } from 'vitest';
import type { ExchangeInput, ProviderDialect } from './exchange.ts';
import { openExchange } from './open-exchange.ts';
import { remoteMediaOf } from './remote-media.ts';

const URL_A = 'https://example.test/a.png';
const picture = (url: string) => ({ type: 'image_url', image_url: { url } });
const file = (url: string) => ({ type: 'file', file: { file_data: url } });

function input(content: unknown, providerDialect: ProviderDialect, changes: Partial<ExchangeInput> = {}): ExchangeInput {
  const system = { role: 'system', content: 'x' };
  return {
    clientDialect: 'openai-chat',
    providerDialect,
    stream: false,
    body: Buffer.from(JSON.stringify({ model: 'm', messages: [system, { role: 'user', content }] })),
    upstreamModel: 'm',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1,
    answerId: '1',
    ...changes,
  };
}

describe('media by address', () => {
  it('is named with its place when the provider takes bytes only, each address once', () => {
    const content = [picture(URL_A), picture(URL_A), file('https://example.test/b.pdf'), picture('data:image/png;base64,iVBO')];
    expect(remoteMediaOf(input(content, 'bedrock-converse'))).toEqual([
      { url: URL_A, param: 'messages[1].content[1]' },
      { url: 'https://example.test/b.pdf', param: 'messages[1].content[2]' },
    ]);
  });

  it.each<[string, unknown, ProviderDialect]>([
    ['a provider of the client’s own format', [picture(URL_A)], 'openai-chat'],
    ['a provider that takes addresses', [picture(URL_A)], 'anthropic-messages'],
    ['text that begins like an address', URL_A, 'bedrock-converse'],
    ['no address at all', 'hi', 'bedrock-converse'],
  ])('is none for %s', (_what, content, dialect) => {
    expect(remoteMediaOf(input(content, dialect))).toEqual([]);
  });

  it('goes to the provider as bytes once it is fetched', () => {
    const fetchedMedia = new Map([[URL_A, { mediaType: 'image/png', data: 'iVBORw0K' }]]);
    const exchange = openExchange(input([picture(URL_A)], 'bedrock-converse', { fetchedMedia }));
    const text = Buffer.from(exchange.body).toString();
    expect(text).toContain('iVBORw0K');
    expect(text).not.toContain(URL_A);
  });

  it('that was not fetched is refused by its place', () => {
    expect(() => openExchange(input([picture(URL_A)], 'bedrock-converse'))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'messages[1].content[0]' }),
    );
  });

  it('that is a recording is refused where there is no place for one', () => {
    const recording = [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }];
    expect(() => openExchange(input(recording, 'anthropic-messages'))).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'messages[1].content[0]' }),
    );
  });
});
