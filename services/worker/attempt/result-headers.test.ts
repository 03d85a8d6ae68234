import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { JobMeta } from '#contracts';
import type { Exchange } from '#dialects';
import type { AttemptPlan } from './attempt-plan.ts';
import { type ResultFacts, resultHead } from './result-headers.ts';

const candidate = (modelGroup: string) => ({ deploymentId: 'd1', provider: 'sandbox', tier: 'standard', modelGroup });

function facts(change: Partial<JobMeta> = {}, deploymentId = 'd1', exchange: Partial<Exchange> = {}): ResultFacts {
  const meta = {
    attempt: 1,
    cursor: 0,
    stream: false,
    model: 'planner',
    plan: [candidate('planner'), candidate('planner'), candidate('backup')],
    ...change,
  };
  return {
    meta: meta as JobMeta,
    plan: {
      deployment: { id: deploymentId, provider: 'sandbox' },
      target: { publicBase: 'http://host/v1' },
      exchange,
    } as AttemptPlan,
    queueMs: 3,
    upstreamMs: 250,
    priced: undefined,
  };
}

/** Whether Node sends these headers: it throws for a value outside Latin-1. */
function send(headers: Readonly<Record<string, string>>): void {
  new ServerResponse(new IncomingMessage(new Socket())).writeHead(200, headers);
}

describe('the head of an answer', () => {
  test('tells deployment, attempts, queue time and provider time in our names and LiteLLM’s', () => {
    expect(resultHead(200, facts({ attempt: 2, cursor: 1, failures: [{ cursor: 0, code: 'upstream_error' }] }), {}).headers).toMatchObject({
      'x-headrace-deployment': 'd1',
      'x-headrace-attempts': '2',
      'x-headrace-queue-ms': '3',
      'x-headrace-upstream-ms': '250',
      'x-litellm-model-id': 'd1',
      'x-litellm-model-group': 'planner',
      'x-litellm-model-api-base': 'http://host/v1',
      'x-litellm-attempted-retries': '1',
      'x-litellm-attempted-fallbacks': '0',
    });
  });

  test('says when a fallback group answered', () => {
    const failures = [0, 1].map((cursor) => ({ cursor, code: 'upstream_error' as const }));
    expect(resultHead(200, facts({ attempt: 3, cursor: 2, failures }), {}).headers).toMatchObject({
      'x-headrace-attempts': '3',
      'x-headrace-fallback': 'backup',
      'x-litellm-model-group': 'backup',
      'x-litellm-attempted-retries': '0',
      'x-litellm-attempted-fallbacks': '1',
    });
  });

  test('says so too when the group asked for was left out from the start', () => {
    const plan = [candidate('backup'), candidate('planner')];
    expect(resultHead(200, facts({ modelGroup: 'planner', plan }), {}).headers).toMatchObject({
      'x-headrace-fallback': 'backup',
      'x-litellm-attempted-fallbacks': '1',
    });
    expect(resultHead(200, facts({}), {}).headers).not.toHaveProperty('x-headrace-fallback');
  });

  test('counts no attempt that was left to another deployment without a call', () => {
    expect(resultHead(200, facts({ attempt: 2, cursor: 1, detours: 1 }), {}).headers).toMatchObject({ 'x-headrace-attempts': '1' });
  });

  test.each([
    ['a stream', true, 200, 'text/event-stream; charset=utf-8'],
    ['an answer in one piece', false, 200, 'application/json'],
    ['an error to a stream request', true, 503, 'application/json'],
  ])('of %s has its content type', (_what, stream, status, type) => {
    expect(resultHead(status, facts({ stream }), {}).headers['content-type']).toBe(type);
  });

  test.each<[string, boolean, number, Partial<Exchange>, string]>([
    ['speech', false, 200, { relaysContentType: true }, 'audio/mpeg'],
    ['streamed speech', true, 200, { relaysContentType: true }, 'audio/mpeg'],
    ['an error to a speech request', true, 503, { relaysContentType: true }, 'application/json'],
    ['an answer made here to a stream request', true, 200, { local: () => Promise.reject(new Error('not called')) }, 'application/json'],
  ])('of %s has the right content type', (_what, stream, status, exchange, type) => {
    const upstream = status === 200 ? { 'content-type': 'audio/mpeg' } : {};
    expect(resultHead(status, facts({ stream }, 'd1', exchange), upstream).headers['content-type']).toBe(type);
  });

  test('names the parameters that were dropped, and only then', () => {
    const dropped = ['seed', 'top_k'];
    expect(resultHead(200, facts({}, 'd1', { dropped }), {}).headers['x-headrace-dropped-params']).toBe('seed, top_k');
    expect(resultHead(200, facts({}, 'd1', { dropped: [] }), {}).headers).not.toHaveProperty('x-headrace-dropped-params');
  });

  test('shows the provider’s headers under a prefix, but not those of its connection and cookies', () => {
    const upstream = {
      'x-request-id': 'req-1',
      'set-cookie': 'a=b',
      connection: 'close',
      'content-length': '5',
      'content-encoding': 'gzip',
      'content-type': 'x',
    };
    const { headers } = resultHead(200, facts(), upstream);
    expect(Object.keys(headers).filter((name) => name.startsWith('llm_provider-'))).toEqual(['llm_provider-x-request-id']);
  });

  test('shows the cost only when it is known', () => {
    expect(resultHead(200, facts(), {}).headers).not.toHaveProperty('x-headrace-cost-usd');
    const cost = { inputUsd: '0', cacheReadUsd: '0', cacheWriteUsd: '0', outputUsd: '0.00001275', totalUsd: '0.00001275' };
    expect(resultHead(200, { ...facts(), priced: { cost, source: 'config' } }, {}).headers).toMatchObject({
      'x-headrace-cost-usd': '0.00001275',
      'x-headrace-cost': 'total="0.00001275", output="0.00001275", source=config',
      'x-litellm-response-cost': '0.00001275',
      'x-litellm-response-cost-output': '0.00001275',
    });
  });

  test('says of an answer without a known price that it is unknown, and of an error nothing', () => {
    const priced = { cost: undefined, source: 'unknown' } as const;
    const { headers } = resultHead(200, { ...facts(), priced }, {});
    expect(headers['x-headrace-cost']).toBe('source=unknown');
    expect(headers).not.toHaveProperty('x-headrace-cost-usd');
    expect(resultHead(503, { ...facts(), priced }, {}).headers).not.toHaveProperty('x-headrace-cost');
  });

  test.each([
    ['a model group in Chinese', facts({ plan: [candidate('小模型')] }), {}],
    ['a model name with a line break', facts({ plan: [candidate('a\r\nset-cookie: x=y')] }), {}],
    ['a deployment with an emoji', facts({}, 'gpu-🚀'), {}],
    ['a provider’s header outside Latin-1', facts(), { 'x-region': '東京' }],
    ['a provider’s header in Latin-1', facts(), { 'x-region': 'Zürich' }],
  ])('can be sent with %s', (_what, given, upstream) => {
    const { headers } = resultHead(200, given, upstream);
    expect(() => send(headers)).not.toThrow();
    expect(JSON.stringify(headers)).not.toContain('\\r');
  });
});
