import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAttemptId } from './control.ts';
import { attemptId } from './job.ts';
import { LANES } from './lane.ts';
import {
  attemptEventSubject,
  deadEventSubject,
  deadJobSubject,
  heartbeatSubject,
  ingressInbox,
  isAnswerPart,
  jobConsumer,
  jobSubject,
  parseJobSubject,
  parseRunSubject,
  runSubject,
  subjectToken,
} from './subjects.ts';

const anyName = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', '.', '*', '>', 'a.b', 'a b', '\r\n', 'jobs.>'));

describe('subjects', () => {
  test('have as many tokens as their pattern, whatever an operator calls a tier or a provider', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LANES), anyName, anyName, (lane, tier, provider) => {
        const route = { lane, tier, provider };
        expect(jobSubject(route)).toMatch(/^jobs\.(live|background|batch)\.[a-z0-9_-]+\.[a-z0-9_-]+$/);
        expect(deadJobSubject(route)).toMatch(/^dead\.jobs(\.[a-z0-9_-]+){3}$/);
        expect(attemptEventSubject(provider)).toMatch(/^events\.attempt\.[a-z0-9_-]+$/);
        expect(deadEventSubject(provider)).toMatch(/^dead\.events\.[a-z0-9_-]+$/);
        expect(jobConsumer(route)).toMatch(/^[a-z0-9_-]+$/);
      }),
    );
  });

  test('of jobs say which queue they are of', () => {
    const optional = fc.option(fc.nat(3), { nil: undefined });
    fc.assert(
      fc.property(fc.constantFrom(...LANES), anyName, anyName, optional, optional, (lane, tier, provider, queue, bulk) => {
        const route = { lane, tier: subjectToken(tier), provider: subjectToken(provider), queue: queue?.toString(), bulk };
        expect(parseJobSubject(jobSubject(route))).toEqual(route);
      }),
    );
    expect(parseJobSubject('events.attempt.openai')).toBeUndefined();
  });

  test.each([
    ['openai', 'openai'],
    ['OpenAI', 'openai'],
    ['together_ai', 'together_ai'],
    ['my-tier', 'my-tier'],
    ['a.b', 'a_b'],
    ['a*b>c d', 'a_b_c_d'],
    ['', '_'],
    ['模型', '__'],
  ])('name %j as %j', (name, token) => {
    expect(subjectToken(name)).toBe(token);
  });

  test('of one ingress: heartbeats go to the ingress whose inbox the job names', () => {
    expect(heartbeatSubject(ingressInbox('ingress-abc'))).toBe('hr.beat.ingress-abc');
  });
});

describe('an attempt’s id', () => {
  test('names the job, the attempt and the delivery that were put in', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/), fc.nat(65_535), fc.nat(65_535), (job, attempt, delivery) => {
        expect(parseAttemptId(attemptId(job, attempt, delivery))).toEqual({ job, attempt, delivery });
      }),
    );
  });
});

test.each([
  [0, true],
  [12, true],
  ['end', true],
  ['claim', false],
  ['cancel', false],
  ['request', false],
] as const)('part %s of a run is some of its answer: %s', (part, isAnswer) => {
  const name = { owner: 'o', group: 'g', job: 'job_1' };
  const parsed = parseRunSubject(runSubject(name, part));
  expect(parsed).toEqual({ ...name, part: String(part) });
  expect(isAnswerPart(parsed.part)).toBe(isAnswer);
});
