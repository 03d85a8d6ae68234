import { describe, expect, it } from 'vitest';
import { CHAT_DIALECTS } from '#contracts';
import { PROVIDER_DIALECTS } from '#dialects';
import { CLIENT_FIXTURES, PROVIDER_FIXTURES } from './fixtures.ts';
import type { NeutralAnswer, NeutralRequest, NeutralTool, ProviderFault } from './neutral.ts';
import { can, open, runStream } from './run-exchange.ts';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const USAGE = { input: 120, cached: 20, output: 30 };
const TOOLS: readonly NeutralTool[] = ['get_weather', 'get_time'].map((name) => ({
  name,
  description: `Calls ${name}`,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}));
const SCHEMA = { type: 'object', properties: { answer: { type: 'number' } }, required: ['answer'], additionalProperties: false };
const ASK: NeutralRequest = { model: 'm', system: 'Be brief.', turns: [{ role: 'user', text: 'Say hello' }], maxTokens: 4096 };
const HELLO: NeutralAnswer = { text: 'Hello, wörld €😀!', finish: 'stop', usage: USAGE };
const CALLS: NeutralAnswer = {
  calls: [
    { id: 'call_a1', name: 'get_weather', input: { city: 'Paris' } },
    { id: 'call_b2', name: 'get_time', input: { city: 'Rome "x"' } },
  ],
  finish: 'tool_calls',
  usage: USAGE,
};
const THOUGHT: NeutralAnswer = { ...HELLO, thinking: { text: 'Let me think.', signature: 'c2lnbmF0dXJl' } };
const EXPECTED_FAULTS: Readonly<Record<ProviderFault, readonly string[]>> = {
  'rate-limited': ['upstream_rate_limited'],
  overloaded: ['upstream_overloaded'],
  context: ['context_length_exceeded'],
  auth: ['upstream_auth'],
  quota: ['upstream_quota'],
};

it('covers every client format and every provider format', () => {
  expect(CLIENT_FIXTURES.map((fixture) => fixture.dialect).toSorted()).toEqual([...CHAT_DIALECTS].toSorted());
  expect(PROVIDER_FIXTURES.map((fixture) => fixture.dialect).toSorted()).toEqual([...PROVIDER_DIALECTS].toSorted());
});

const PAIRS = CLIENT_FIXTURES.flatMap((client) => PROVIDER_FIXTURES.map((provider) => ({ client, provider })));

describe.each(PAIRS.map((pair) => [`${pair.client.dialect} client, ${pair.provider.dialect} provider`, pair] as const))(
  '%s',
  (_name, pair) => {
    const { client, provider } = pair;
    const heard = (request: NeutralRequest, stream = false) => provider.hear(open(pair, request, stream).body);
    const answered = (answer: NeutralAnswer, request = ASK) => client.hear(open(pair, request).decodeAnswer(provider.answer(answer)).body);
    const streamed = (answer: NeutralAnswer, request = ASK) => runStream(pair, open(pair, request, true), provider.stream(answer));

    it('carries text, system text and the token limit to the provider', () => {
      const request = heard(ASK);
      expect(request.turns.map(({ role, text }) => [role, text])).toEqual([['user', expect.stringContaining('Say hello')]]);
      if (can(pair, 'system')) expect(request.system).toBe('Be brief.');
      expect(request.maxTokens).toBe(4096);
    });

    it('carries a text answer back, with its finish reason and whole usage', () => {
      const answer = answered(HELLO);
      expect(answer).toMatchObject({ text: HELLO.text, finish: 'stop', usage: { input: 120, output: 30 } });
      const decoded = open(pair, ASK).decodeAnswer(provider.answer(HELLO));
      expect(decoded.usage).toMatchObject({
        inputTokens: 120,
        outputTokens: 30,
        ...(can(pair, 'cached-usage') && { cacheReadTokens: 20 }),
      });
    });

    it('carries a text stream back, whole and ended', () => {
      if (!can(pair, 'stream')) return;
      const stream = streamed(HELLO);
      expect(stream.failure).toBeUndefined();
      expect(stream).toMatchObject({ text: HELLO.text, finish: 'stop', ended: true, error: undefined });
      const decoder = open(pair, ASK, true).openStream();
      for (const unit of provider.stream(HELLO)) decoder.push(unit);
      decoder.end();
      expect(decoder.usage).toMatchObject({ inputTokens: 120, outputTokens: 30 });
    });

    it('carries tools to the provider and parallel calls back', () => {
      if (!can(pair, 'tools')) return;
      expect(heard({ ...ASK, tools: TOOLS }).tools).toEqual(['get_weather', 'get_time']);
      const expected = CALLS.calls?.map(({ name, input }) => ({ name, input }));
      const whole = answered(CALLS, { ...ASK, tools: TOOLS });
      expect(whole.calls.map(({ name, input }) => ({ name, input }))).toEqual(expected);
      expect(whole.finish).toBe('tool_calls');
      if (!can(pair, 'stream')) return;
      const stream = streamed(CALLS, { ...ASK, tools: TOOLS });
      expect(stream.failure).toBeUndefined();
      expect(stream.calls.map(({ name, input }) => ({ name, input }))).toEqual(expected);
      expect(stream).toMatchObject({ finish: 'tool_calls', ended: true });
    });

    it('carries calls and their results to the provider, as the client was given them', () => {
      if (!can(pair, 'tools')) return;
      const first = answered(CALLS, { ...ASK, tools: TOOLS });
      const results = first.calls.map(({ id, name }) => ({ id, name, text: `result of ${name}` }));
      const turns = [...ASK.turns, { role: 'assistant', heard: first } as const, { role: 'results', results } as const];
      const request = heard({ ...ASK, tools: TOOLS, turns });
      expect(request.turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'results']);
      expect(request.turns[1]?.calls).toEqual(CALLS.calls?.map(({ name, input }) => ({ name, input })));
      expect(request.turns[2]?.results).toEqual(
        ['result of get_weather', 'result of get_time'].map((text) => expect.stringContaining(text)),
      );
    });

    it('carries images to the provider', () => {
      if (!can(pair, 'images')) return;
      const request = heard({ ...ASK, turns: [{ role: 'user', text: 'What is this?', imageBase64: PIXEL }] });
      expect(request.turns).toMatchObject([{ role: 'user', text: 'What is this?', images: 1 }]);
    });

    it('carries a JSON schema to the provider', () => {
      const schema = can(pair, 'schema') ? heard({ ...ASK, schema: SCHEMA }).schema : SCHEMA;
      expect(schema).toMatchObject({ properties: SCHEMA.properties });
    });

    it('asks for thinking, shows it, and gives the signature back to the provider that issued it', () => {
      if (!can(pair, 'thinking')) return;
      expect(heard({ ...ASK, thinks: true }).thinks).toBe(true);
      expect(answered(THOUGHT, { ...ASK, thinks: true }).thinking).toBe('Let me think.');
      const stream = can(pair, 'stream') ? streamed(THOUGHT, { ...ASK, thinks: true }) : undefined;
      if (stream) expect(stream).toMatchObject({ thinking: 'Let me think.', text: HELLO.text, ended: true });
      if (!can(pair, 'signatures')) return;
      for (const answer of [answered(THOUGHT, { ...ASK, thinks: true }), stream]) {
        if (!answer) continue;
        const turns = [...ASK.turns, { role: 'assistant', heard: answer } as const, { role: 'user', text: 'Go on' } as const];
        expect(heard({ ...ASK, thinks: true, turns }).turns[1]?.signatures).toEqual(['c2lnbmF0dXJl']);
      }
    });

    it.each(['stop', 'length', 'content_filter'] as const)('carries the finish reason %s', (finish) => {
      if (finish !== 'stop' && !can(pair, finish)) return;
      expect(answered({ ...HELLO, finish }).finish).toBe(finish);
      if (can(pair, 'stream')) expect(streamed({ ...HELLO, finish })).toMatchObject({ finish, ended: true });
    });

    it.each(Object.entries(EXPECTED_FAULTS))('knows the provider’s %s error', (kind, codes) => {
      const { status, headers, body } = provider.fault(kind as ProviderFault);
      const error = open(pair, ASK).decodeError(status, headers, body);
      expect(codes).toContain(error.code);
      if (kind === 'rate-limited' && 'retry-after' in headers) expect(error.retryAfterMs).toBe(7_000);
      if (kind === 'quota') expect(error.retry).toBe('elsewhere');
    });

    it('gives an error event for an error inside a stream', () => {
      const unit = provider.streamFault?.();
      if (unit === undefined || !can(pair, 'stream')) return;
      const units = provider.stream(HELLO);
      const run = runStream(pair, open(pair, ASK, true), [...units.slice(0, Math.ceil(units.length / 2)), unit]);
      expect(run.failure?.code).toBe('upstream_overloaded');
      expect(run.ended).toBe(false);
      expect(run.error).toBeTruthy();
    });

    it('never gives a clean end to a stream that was cut', () => {
      if (!can(pair, 'stream')) return;
      const units = provider.stream(HELLO);
      const whole = streamed(HELLO);
      for (let count = 0; count < units.length; count += 1) {
        const run = runStream(pair, open(pair, ASK, true), units.slice(0, count));
        if (run.failure === undefined) expect(run.text).toBe(whole.text);
        else expect([run.ended, Boolean(run.error)]).toEqual([false, true]);
      }
      const half = runStream(pair, open(pair, ASK, true), units.slice(0, Math.ceil(units.length / 2)));
      expect(half.failure?.code).toBe('upstream_truncated');
    });

    it('gives the same stream wherever the bytes are cut', () => {
      if (!can(pair, 'stream')) return;
      const everything = { ...THOUGHT, calls: CALLS.calls ?? [], finish: 'tool_calls' as const };
      const bytes = Buffer.concat(provider.stream(can(pair, 'tools', 'thinking') ? everything : HELLO));
      const run = (pieces: readonly Uint8Array[]) => runStream(pair, open(pair, { ...ASK, thinks: true, tools: TOOLS }, true), pieces);
      const whole = run([bytes]);
      expect(whole).toMatchObject({ ended: true, failure: undefined });
      const cuts = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
      const differing = cuts.filter((cut) => !run([bytes.subarray(0, cut), bytes.subarray(cut)]).bytes.equals(whole.bytes));
      expect(differing).toEqual([]);
    });
  },
);
