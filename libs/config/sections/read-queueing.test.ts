import { describe, expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import { parseConfig } from '../parse-config.ts';
import { DEFAULT_QUEUEING } from './read-queueing.ts';

const options = { file: 'config.yaml', env: {}, providers: new Set(['openai', 'anthropic']) };

function read(headrace: string, params = '') {
  const text = `model_list:\n  - {model_name: m, litellm_params: {model: openai/m${params}}, model_info: {id: M}}\nheadrace: ${headrace}\n`;
  return parseConfig(text, options);
}

describe('how jobs wait', () => {
  test('is what the file says, and the defaults where it says nothing', () => {
    expect(read('{}').queueing).toEqual(DEFAULT_QUEUEING);
    const { queueing } = read(
      '{pools: {openai: {concurrency: 64}, anthropic: {concurrency: auto}}, lanes: {live: 4, live_reserve: 0.5, bulk_after: 10}, queue: {waiting_comment_s: 0, refuse_hopeless: false, limit_window_s: 6}}',
    );
    expect(queueing).toEqual({
      concurrency: { openai: 64, anthropic: 'auto' },
      laneWeights: { live: 4, background: 1, batch: 1 },
      liveReserve: 0.5,
      bulkAfter: 10,
      waitingCommentMs: undefined,
      refuseHopeless: false,
      limitWindowMs: 6_000,
    });
  });

  test.each([
    ['{pools: {openai: {concurrency: fast}}}', 'jobs at a time, or auto'],
    ['{pools: {openai: {concurrrency: 4}}}', 'unknown key "concurrrency"'],
    ['{lanes: {liv: 4}}', 'unknown key "liv"'],
    ['{lanes: {live: 0}}', 'shares of the capacity'],
    ['{queue: {limit_window_s: 0.1}}', 'seconds'],
  ])('a mistake is named: %s', (headrace, expected) => {
    expect(() => read(headrace)).toThrow(ConfigError);
    expect(() => read(headrace)).toThrow(expected);
  });
});

describe('a queue of its own', () => {
  test.each([
    [', rpm: 5', 'M'],
    [', tpm: 5', 'M'],
    [', max_parallel_requests: 5', 'M'],
    ['', undefined],
  ])('is what a deployment with limits has (%s)', (params, queue) => {
    expect(read('{}', params).deployments[0]?.queue).toBe(queue);
  });

  test('is what each deployment of a pool that finds its concurrency itself has', () => {
    expect(read('{pools: {openai: {concurrency: auto}}}').deployments[0]?.queue).toBe('M');
    expect(read('{pools: {openai: {concurrency: 5}}}').deployments[0]?.queue).toBeUndefined();
  });

  test('is shared by several once there are more than 16 of a provider, always by the same', () => {
    const entries = Array.from({ length: 40 }, (_, index) => `  - {model_name: m, litellm_params: {model: openai/m${index}, rpm: 1}}`);
    const queues = (lines: readonly string[]) =>
      parseConfig(`model_list:\n${lines.join('\n')}\n`, options).deployments.map(({ queue }) => queue);
    expect(new Set(queues(entries)).size).toBeLessThanOrEqual(16);
    expect(queues(entries.toReversed())).toEqual(queues(entries).toReversed());
  });
});
