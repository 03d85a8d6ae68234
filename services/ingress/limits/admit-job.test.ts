import { beforeEach, describe, expect, test } from 'vitest';
import type { Deployment } from '#config';
import type { AdmissionAnswer, AdmissionAsk, Candidate, GatewayError, JobMeta, KeyRecord, Refusal } from '#contracts';
import { createPricer } from '#pricing';
import { NO_SCOPES } from '../auth/caller.ts';
import type { IngressResources } from '../resources.ts';
import { admitJob, type AdmittedJob, type JobToAdmit } from './admit-job.ts';

const BUDGET: Refusal = { kind: 'budget', scope: 'key', id: 'h', limit: '1', used: '1' };
const key = (change: Partial<KeyRecord> = {}): KeyRecord => ({
  v: 1,
  hash: 'h',
  masked: 'sk-…abcd',
  models: [],
  blocked: false,
  limits: { rpm: 5 },
  ...change,
});
const candidate = (deploymentId: string, modelGroup = 'big'): Candidate => ({ deploymentId, provider: 'p', tier: 'standard', modelGroup });
const meta = (modelGroup: string, plan: readonly Candidate[]): JobMeta => ({
  v: 1,
  id: `job_${modelGroup}`,
  attempt: 1,
  cursor: 0,
  plan,
  lane: 'live',
  dialect: 'openai-chat',
  stream: false,
  model: modelGroup,
  modelGroup,
  acceptedAt: 1,
  deadlineAt: 2,
  by: { keyHash: 'h' },
});
/** $1 a token in, $2 out, but the unpriced one. */
const deployment = (id: string): Deployment =>
  ({
    id,
    provider: 'p',
    upstreamModel: `no-such-model-${id}`,
    defaultParams: {},
    modelInfo: {},
    prices: id === 'unpriced' ? undefined : { inputUsd: '1', outputUsd: id === 'dear' ? '9' : '2' },
  }) as unknown as Deployment;

let asks: AdmissionAsk[];
let answers: (answer: AdmissionAsk) => AdmissionAnswer | Promise<AdmissionAnswer>;
let unplanned: string[];
let ended: string[];
let withdrawn: string[];
let refusedWith: Record<string, string>;
let resources: IngressResources;

beforeEach(() => {
  asks = [];
  unplanned = [];
  ended = [];
  withdrawn = [];
  refusedWith = {};
  answers = yes();
  resources = {
    admission: {
      ask: async (ask: AdmissionAsk) => {
        asks.push(ask);
        return answers(ask);
      },
      ended: (job: string) => ended.push(job),
      withdraw: (job: string) => withdrawn.push(job),
    },
    config: { deployments: [], modelGroups: {} },
    models: { deployment: (_group: string, id: string) => deployment(id) },
    pricer: createPricer(),
    routing: { board: { ended: (job: string) => unplanned.push(job) } },
    now: () => 1,
  } as unknown as IngressResources;
});

const yes =
  (more: object = {}, heldUsd = '0') =>
  ({ job, inputTokens, outputTokens }: AdmissionAsk): AdmissionAnswer => ({
    job,
    admitted: true,
    ticket: { job, heldUsd, inputTokens, outputTokens },
    ...more,
  });
const no =
  (refusal: Refusal) =>
  ({ job }: AdmissionAsk): AdmissionAnswer => ({ job, admitted: false, refusal });

function admit(record: KeyRecord, change: Partial<JobToAdmit> & { fields?: object } = {}): Promise<AdmittedJob> | undefined {
  const { fields = { max_tokens: 10 }, ...more } = change;
  return admitJob(
    {
      caller: { principal: { kind: 'key', record }, by: { keyHash: 'h' }, scopes: NO_SCOPES },
      call: { dialect: 'openai-chat', body: Buffer.alloc(40), fields: { ...fields }, model: 'big', stream: false },
      meta: meta('big', [candidate('a'), candidate('b'), candidate('a')]),
      planFor: (group) => meta(group, [candidate('cheap', group)]),
      onGone: () => () => undefined,
      refuseWith: (headers) => Object.assign(refusedWith, headers),
      ...more,
    },
    resources,
  );
}
const refusalOf = async (record: KeyRecord, change?: Partial<JobToAdmit>): Promise<GatewayError> => {
  try {
    await admit(record, change);
  } catch (error) {
    return error as GatewayError;
  }
  throw new Error('was admitted');
};

test('a caller without limits is not asked for', () => {
  expect(admit(key({ limits: undefined }))).toBeUndefined();
  expect(admit(key({ limits: {} }))).toBeUndefined();
});

describe('the ask', () => {
  test('names each deployment once and the most that the dearest costs', async () => {
    await admit(key(), { meta: meta('big', [candidate('a'), candidate('dear'), candidate('a')]) });
    // ten tokens in by the estimate, twenty at the most; ten out
    expect(asks).toMatchObject([
      { job: 'job_big', modelGroup: 'big', mostUsd: '110', leastUsd: undefined, inputTokens: 10, outputTokens: 10 },
    ]);
    expect(asks[0]?.candidates).toEqual([
      { deploymentId: 'a', provider: 'p' },
      { deploymentId: 'dear', provider: 'p' },
    ]);
  });

  test('holds both answers where the first one may be rejected and asked for again', async () => {
    await admit(key(), { meta: meta('big', [candidate('a')]) });
    await admit(key(), { meta: meta('big', [candidate('a'), { ...candidate('dear'), for: 'escalation' }]) });
    await admit(key(), { meta: meta('big', [{ ...candidate('dear'), for: 'escalation' }]) });
    const [alone, both, second] = asks.map(({ mostUsd }) => Number(mostUsd));
    expect(both).toBe(Number(alone) + Number(second));
  });

  test('of a stream says with how little it may begin', async () => {
    const call = { dialect: 'openai-chat', body: Buffer.alloc(40), fields: { max_tokens: 1_000 }, model: 'big', stream: true } as const;
    await admit(key(), { call });
    expect(asks).toMatchObject([{ mostUsd: '2020', leastUsd: '148' }]);
  });

  test('says nothing of a price that nobody knows', async () => {
    await admit(key(), { meta: meta('big', [candidate('unpriced'), candidate('a')]) });
    expect(asks[0]?.mostUsd).toBeUndefined();
  });
});

describe('admitted', () => {
  test('the job runs as planned, with what is held for it', async () => {
    answers = yes({}, '30');
    const budgets = [{ id: 'd', limitUsd: '100' }];
    expect((await admit(key({ limits: { budgets } })))?.meta).toMatchObject({
      id: 'job_big',
      heldUsd: '30',
      cursor: 0,
      plan: [{}, {}, {}],
    });
    expect((await admit(key({ limits: { models: { big: { budgets } } } })))?.meta).toMatchObject({ heldUsd: '30' });
  });

  test('nothing is guarded where all is held that the call can cost, and something where nobody ends it there', async () => {
    const limits = { budgets: [{ id: 'd', limitUsd: '100' }] };
    answers = yes({}, '40');
    expect((await admit(key({ limits })))?.meta.heldUsd).toBeUndefined();
    answers = yes({}, '8212');
    expect((await admit(key({ limits }), { fields: {} }))?.meta.heldUsd).toBe('8212');
  });

  test('of a call that only counts for rates nothing is guarded', async () => {
    answers = yes({}, '60');
    expect((await admit(key()))?.meta.heldUsd).toBeUndefined();
  });

  test('deployments without budget are left out of the plan', async () => {
    answers = yes({ excluded: ['a'] });
    expect((await admit(key()))?.meta.plan.map(({ deploymentId }) => deploymentId)).toEqual(['b']);
  });

  test('with none left it is refused, and what was held is given back', async () => {
    answers = yes({ excluded: ['a', 'b'] });
    expect(await refusalOf(key())).toMatchObject({ code: 'budget_exceeded' });
    expect(ended).toEqual(['job_big']);
    expect(unplanned).toEqual(['job_big']);
  });
});

describe('refused', () => {
  test('the client is told which limit it was; the plan is taken back', async () => {
    answers = no({ ...BUDGET, kind: 'requests' });
    expect(await refusalOf(key())).toMatchObject({ code: 'rate_limit_exceeded' });
    expect(refusedWith).toMatchObject({ rate_limit_type: 'requests' });
    expect(unplanned).toEqual(['job_big']);
  });

  test('for its budget the request runs on the key’s cheaper group, which its headers name', async () => {
    answers = (ask) => (ask.modelGroup === 'small' ? yes()(ask) : no(BUDGET)(ask));
    const admitted = await admit(key({ budgetFallbacks: { big: ['middle', 'small'] } }));
    expect(asks.map(({ modelGroup }) => modelGroup)).toEqual(['big', 'middle', 'small']);
    expect(admitted?.meta).toMatchObject({ id: 'job_small', modelGroup: 'big', plan: [{ modelGroup: 'small' }] });
    expect(admitted?.headers).toMatchObject({ 'x-headrace-budget-fallback': 'small' });
    expect(unplanned).toEqual(['job_big', 'job_middle']);
  });

  test('by all of them, or for a rate, no further group is asked', async () => {
    answers = no(BUDGET);
    expect(await refusalOf(key({ budgetFallbacks: { big: ['small'] } }))).toMatchObject({ code: 'budget_exceeded' });
    expect(asks).toHaveLength(2);
    answers = no({ ...BUDGET, kind: 'tokens' });
    await refusalOf(key({ budgetFallbacks: { big: ['small'] } }));
    expect(asks).toHaveLength(3);
  });

  test('with nobody to answer it says so, and the plan is taken back', async () => {
    answers = () => Promise.reject(new Error('nobody leads'));
    expect((await refusalOf(key())).message).toBe('nobody leads');
    expect(unplanned).toEqual(['job_big']);
  });
});

test('a client that leaves while it waits takes its ask with it', async () => {
  let leave: () => void = () => undefined;
  let stopped = false;
  let answer: (answer: AdmissionAnswer) => void = () => undefined;
  answers = () => new Promise((resolve) => (answer = resolve));
  const admitted = admit(key(), {
    onGone: (handler) => {
      leave = handler;
      return () => (stopped = true);
    },
  });
  await Promise.resolve();
  leave();
  expect(withdrawn).toEqual(['job_big']);
  answer(yes()({ job: 'job_big' } as AdmissionAsk));
  await admitted;
  expect(stopped).toBe(true);
});
