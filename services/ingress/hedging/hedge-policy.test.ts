import { describe, expect, test } from 'vitest';
import { DEFAULT_HEDGING, type HedgingSettings } from '#config';
import type { ClientDialect, JobMeta } from '#contracts';
import { hedgePolicy } from './hedge-policy.ts';

interface Case {
  readonly hedging?: Partial<HedgingSettings>;
  readonly group?: boolean;
  readonly header?: string;
  readonly field?: unknown;
  readonly dialect?: ClientDialect;
  readonly onStreamFailure?: JobMeta['onStreamFailure'];
}

const policy = ({ hedging, group, header, field, dialect = 'openai-chat', onStreamFailure }: Case) =>
  hedgePolicy(
    {
      dialect,
      modelGroup: 'g',
      onStreamFailure,
      headers: header === undefined ? {} : { 'x-headrace-hedge': header },
      fields: field === undefined ? {} : { headrace_hedge: field },
    },
    {
      hedging: hedging === undefined ? undefined : { ...DEFAULT_HEDGING, ...hedging },
      modelGroups: group === undefined ? {} : { g: { singleFlight: false, hedge: group } },
    },
  );

describe('a request is hedged', () => {
  test.each<[string, Case, boolean]>([
    ['not without a word of it', {}, false],
    ['not by the section alone', { hedging: {} }, false],
    ['where it is the default', { hedging: { enabled: true } }, true],
    ['where its group says so', { group: true }, true],
    ['not where its group says no', { hedging: { enabled: true }, group: false }, false],
    ['where its header says so', { header: 'true' }, true],
    ['where its field says so', { field: true }, true],
    ['as its header says, not its field', { header: 'off', field: true }, false],
    ['not where it says no', { hedging: { enabled: true }, group: true, field: false }, false],
    ['for embeddings', { group: true, dialect: 'openai-embeddings' }, true],
    ['not for pictures', { group: true, dialect: 'openai-images' }, false],
    ['not for uploads', { group: true, dialect: 'openai-transcriptions' }, false],
    ['for pictures that ask for it', { header: 'on', dialect: 'openai-images' }, true],
    ['not when it is buffered', { header: 'on', onStreamFailure: 'buffer' }, false],
    ['when another attempt may go on with it', { header: 'on', onStreamFailure: 'continue' }, true],
  ])('%s', (_when, given, expected) => expect(policy(given) !== undefined).toBe(expected));
});

test('the delay of the request goes before those of the configuration, the share does not change', () => {
  expect(policy({ hedging: { enabled: true, percentile: 'p90', maxShare: 0.2 }, header: '250' })).toEqual({
    delayMs: 250,
    percentile: undefined,
    maxShare: 0.2,
  });
});

test.each<[Case, string]>([
  [{ header: 'maybe' }, 'x-headrace-hedge'],
  [{ header: '-1' }, 'x-headrace-hedge'],
  [{ field: 0 }, 'headrace_hedge'],
  [{ field: {} }, 'headrace_hedge'],
  [{ field: 'constructor' }, 'headrace_hedge'],
])('%j is refused by name', (given, name) => expect(() => policy(given)).toThrow(name));
