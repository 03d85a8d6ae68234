import { describe, expect, it } from 'vitest';
import type { ExchangeInput } from '../exchange.ts';
import { relayRequest } from './relay-request.ts';

function relay(body: string, changes: Partial<ExchangeInput> = {}) {
  const { body: sent, dropped } = relayRequest({
    clientDialect: 'gemini-generate',
    providerDialect: 'gemini-generate',
    stream: false,
    body: Buffer.from(body),
    upstreamModel: 'gemini-3-flash',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 0,
    answerId: '1',
    ...changes,
  });
  return { text: Buffer.from(sent).toString(), dropped };
}

const CONTENTS = '"contents": [ {"parts":[{"text":"hi","seq":12345678901234567890}]} ]';

describe('a Gemini request for a Gemini provider', () => {
  it('passes byte for byte, unknown fields included', () => {
    const body = `{ ${CONTENTS}, "brandNew": 1.50, "generation_config": {"topK": 40.0} }`;
    expect(relay(body).text).toBe(body);
  });

  it('loses what is said to the gateway or by the address', () => {
    expect(relay(`{"model":"group",${CONTENTS},"metadata":{"tags":["a"]},"user":"u","fallbacks":["b"],"stream":true}`).text).toBe(
      `{${CONTENTS}}`,
    );
  });

  it('has the deployment’s defaults where the client said nothing, in either spelling', () => {
    const defaultParams = { temperature: 0.1, max_tokens: 5, top_p: 0.5, safety_settings: [{ a: 1 }] };
    const sent = JSON.parse(
      relay(`{${CONTENTS},"generation_config":{"max_output_tokens":9,"temperature":1}}`, { defaultParams }).text,
    ) as object;
    expect(sent).toMatchObject({ generation_config: { max_output_tokens: 9, temperature: 1, topP: 0.5 }, safety_settings: [{ a: 1 }] });
    expect(JSON.stringify(sent)).not.toMatch(/maxOutputTokens|generationConfig/);
    expect(JSON.parse(relay(`{${CONTENTS}}`, { defaultParams }).text)).toMatchObject({
      generationConfig: { maxOutputTokens: 5, temperature: 0.1, topP: 0.5 },
    });
  });

  it('is refused by name for what the provider can’t take, or loses it when that is preferred', () => {
    const quirks = { unsupportedParams: ['seed'] };
    const body = `{${CONTENTS},"generationConfig":{"seed":1,"topK":2}}`;
    expect(() => relay(body, { quirks })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'generationConfig.seed' }),
    );
    expect(relay(body, { quirks, dropParams: true })).toEqual({
      text: `{${CONTENTS},"generationConfig":{"topK":2}}`,
      dropped: ['generationConfig.seed'],
    });
  });

  it('loses what another provider’s model signed, which Gemini would refuse', () => {
    const foreign = Buffer.from('headrace:c2ln').toString('base64');
    const parts = [
      { text: 'claude thinks', thought: true, thoughtSignature: foreign },
      { text: 'a', thought_signature: foreign },
      { functionCall: { name: 'f' }, thoughtSignature: foreign },
      { functionCall: { name: 'g' }, thoughtSignature: 'bmF0aXZl' },
    ];
    const contents = [
      { role: 'user', parts: [{ text: 'hi' }] },
      { role: 'model', parts: [parts[0]] },
      { role: 'model', parts },
    ];
    expect(JSON.parse(relay(JSON.stringify({ contents })).text)).toEqual({
      contents: [
        contents[0],
        {
          role: 'model',
          parts: [
            { text: 'a' },
            { functionCall: { name: 'f' }, thoughtSignature: 'skip_thought_signature_validator' },
            { functionCall: { name: 'g' }, thoughtSignature: 'bmF0aXZl' },
          ],
        },
      ],
    });
  });
});
