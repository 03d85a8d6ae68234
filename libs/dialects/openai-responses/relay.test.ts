import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exchange, ExchangeInput } from '../exchange.ts';
import { openFor } from '../test-exchange.ts';
import { readPieces, RESPONSES_INPUT } from './test-responses.ts';

const fixture = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const STREAM = fixture('stream-reasoning-tools.sse');
const EVENTS = STREAM.split(/(?<=\n\n)/);

function open(body = '{"model":"group","input":"hi"}', changes: Partial<ExchangeInput> = {}): Exchange {
  return openFor('openai-responses', {}, { ...RESPONSES_INPUT, clientDialect: 'openai-responses', body: Buffer.from(body), ...changes });
}

const sent = (body: string, changes: Partial<ExchangeInput> = {}): string => Buffer.from(open(body, changes).body).toString();

const run = (pieces: readonly (string | Uint8Array)[]) => readPieces(open(), pieces);

describe('a Responses stream for a Responses client', () => {
  it('is relayed byte for byte and metered', () => {
    const { text, error, done, decoder } = run([': hello\n\n', STREAM]);
    expect({ text, error, done }).toEqual({ text: `: hello\n\n${STREAM}`, error: undefined, done: true });
    expect(decoder).toMatchObject({ finishReason: 'tool_calls', usage: { inputTokens: 1_112, outputTokens: 89, reasoningTokens: 20 } });
    expect(decoder.producedText).toContain('I look both up: Zürich und Genève.{"city":"Zürich"');
  });

  it('keeps events that nobody here knows', () => {
    const unknown = 'event: response.brand_new.delta\ndata: {"type":"response.brand_new.delta","n":12345678901234567890}\n\n';
    expect(run([EVENTS[0] ?? '', unknown, ...EVENTS.slice(1)]).text).toContain(unknown);
  });

  it('is the same wherever it is cut, with any line ends', () => {
    for (const lineEnd of ['\n', '\r\n']) {
      const bytes = Buffer.from(STREAM.replaceAll('\n', lineEnd));
      for (let cut = 1; cut < bytes.length; cut += 1) {
        expect(run([bytes.subarray(0, cut), bytes.subarray(cut)])).toMatchObject({ text: bytes.toString(), done: true });
      }
    }
    const bytes = Buffer.from(STREAM);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        expect(run(chunks)).toMatchObject({ text: STREAM, done: true });
      }),
    );
  });

  it('that closes before its end is an error (P2)', () => {
    for (let count = 0; count < EVENTS.length - 1; count += 1) {
      expect(run(EVENTS.slice(0, count))).toMatchObject({ error: 'upstream_truncated', done: false });
    }
    expect(run([STREAM.trimEnd()])).toMatchObject({ error: undefined, done: true });
    expect(run([STREAM.slice(0, -20)])).toMatchObject({ error: 'upstream_truncated', done: false });
  });

  it('that fails gives what came before, and not the event of the failure', () => {
    const failed =
      'event: response.failed\ndata: {"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"x"}}}\n\n';
    expect(run([...EVENTS.slice(0, 5), failed])).toMatchObject({ text: EVENTS.slice(0, 5).join(''), error: 'upstream_error', done: false });
  });

  it('has content from its first delta, or a hosted tool at work', () => {
    const decoder = open().openStream();
    expect(EVENTS.slice(0, 5).map((event) => decoder.push(Buffer.from(event)).hasContent)).toEqual([false, false, false, false, true]);
    const search = 'data: {"type":"response.output_item.added","item":{"type":"web_search_call"}}\n\n';
    expect(open().openStream().push(Buffer.from(search)).hasContent).toBe(true);
  });

  it('ends at its end, whatever follows', () => {
    expect(run([STREAM, 'data: [DONE]\n\n', STREAM]).text).toBe(STREAM);
  });
});

describe('a whole response', () => {
  it('is relayed byte for byte and metered', () => {
    const body = Buffer.from(fixture('answer-reasoning-tools.json'));
    const answer = open().decodeAnswer(body);
    expect(answer).toMatchObject({ finishReason: 'tool_calls', usage: { inputTokens: 1_112, outputTokens: 89 } });
    expect(answer.body).toBe(body);
  });

  it('meters web searches and a tier with its own price', () => {
    const body = { output: [{ type: 'web_search_call' }], service_tier: 'flex', usage: { input_tokens: 1 } };
    expect(open().decodeAnswer(Buffer.from(JSON.stringify(body))).usage).toMatchObject({ webSearches: 1, serviceTier: 'flex' });
  });
});

describe('a Responses request for a Responses provider', () => {
  it('keeps its bytes but for the model and what is the gateway’s', () => {
    const body = '{ "input":[ {"id":12345678901234567890} ],"model":"group", "tags":["a"], "metadata":{"a":"b","tags":["x"]},"new": 1.0 }';
    expect(sent(body)).toBe('{ "input":[ {"id":12345678901234567890} ],"model":"gpt-5-mini", "metadata":{"a":"b"},"new": 1.0 }');
  });

  it('gets a deployment’s defaults under this format’s names', () => {
    const defaultParams = { max_tokens: 5, reasoning_effort: 'low', temperature: 1 };
    expect(JSON.parse(sent('{"model":"g","input":"x","temperature":0}', { defaultParams }))).toEqual({
      model: 'gpt-5-mini',
      input: 'x',
      temperature: 0,
      max_output_tokens: 5,
      reasoning: { effort: 'low' },
    });
  });

  it('loses what another provider signed', () => {
    const input = [
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'hr1.claude.x' },
      { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gAAAA' },
      { type: 'function_call', call_id: 'call_1__sig__aHIxLmdvb2dsZS54', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1__sig__aHIxLmdvb2dsZS54', output: 'x' },
    ];
    expect(JSON.parse(sent(JSON.stringify({ model: 'g', input })))).toMatchObject({
      input: [{ id: 'rs_2' }, { type: 'function_call', call_id: 'call_1' }, { type: 'function_call_output', call_id: 'call_1' }],
    });
  });

  it('is refused for what the provider can’t take, or loses it under drop_params', () => {
    const quirks = { unsupportedParams: ['max_tokens'] };
    const body = '{"model":"g","input":"x","max_output_tokens":5}';
    expect(() => open(body, { quirks })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'max_output_tokens' }));
    expect(open(body, { quirks, dropParams: true }).dropped).toEqual(['max_output_tokens']);
  });
});
