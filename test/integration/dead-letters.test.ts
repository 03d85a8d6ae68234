import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openRunStore, publishDurably } from '#bus';
import { DEFAULT_ALERTS, DEFAULT_JOBS } from '#config';
import {
  BACKGROUND_GROUP,
  DEAD_STREAM,
  deadEventSubject,
  deadJobSubject,
  deadSubmissionSubject,
  decodeJobMeta,
  encodeJobMeta,
  EVENTS_STREAM,
  JOB_HEADER,
  type JobMeta,
  JOBS_STREAM,
  SUBMIT_STREAM,
} from '#contracts';
import { listAlerts } from '#db';
import { waitFor } from '#testing';
import { openAlerts } from '../../services/admin/alerts/open-alerts.ts';
import { type AdminUnderTest, startAdmin } from './support/admin.ts';

const quiet = { info() {}, warn() {}, error() {} };
const HASH = 'c'.repeat(64);
const ROUTE = { lane: 'batch', tier: 'standard', provider: 'acme' } as const;

let admin: AdminUnderTest;
let count = 0;

beforeAll(async () => {
  admin = await startAdmin();
}, 60_000);
afterAll(() => admin?.remove());
afterEach(async () => {
  const manager = await admin.bus.js.jetstreamManager();
  for (const stream of [DEAD_STREAM, JOBS_STREAM, EVENTS_STREAM, SUBMIT_STREAM]) await manager.streams.purge(stream);
  await admin.db.pool.query('truncate alerts cascade');
});

function meta(change: Partial<JobMeta> = {}): JobMeta {
  count += 1;
  const deploymentId = admin.stored.config.deployments[0]?.id ?? 'd1';
  return {
    v: 1,
    id: `job_${count}`,
    attempt: 2,
    cursor: 0,
    plan: [{ deploymentId, provider: 'acme', tier: 'standard', modelGroup: 'm' }],
    lane: 'batch',
    dialect: 'openai-chat',
    stream: false,
    model: 'm',
    acceptedAt: Date.now() - 120_000,
    deadlineAt: Date.now() - 60_000,
    by: { keyHash: HASH },
    run: { group: BACKGROUND_GROUP },
    failures: [{ cursor: 0, code: 'upstream_error' }],
    ...change,
  };
}

const bury = async (subject: string, headers: Record<string, string>, text = 'what a client wrote') =>
  (
    await publishDurably(
      admin.bus,
      { subject, data: Buffer.from(text), messageId: `dead.${(count += 1)}`, headers: { 'Headrace-Error': 'five times', ...headers } },
      { giveUpAfterMs: 5_000 },
    )
  ).streamSeq;
const buryJob = (job: JobMeta) => bury(deadJobSubject(ROUTE), { [JOB_HEADER]: encodeJobMeta(job) });
const stored = async (stream: string, subject: string) =>
  (await admin.bus.js.jetstreamManager()).streams.getMessage(stream, { last_by_subj: subject });
const list = async (query = '') => (await admin.call(`/dead${query}`)).json;

describe('what is there', () => {
  test('letters of all kinds in their order, page by page, without what clients wrote', async () => {
    const ids = [
      await buryJob(meta()),
      await bury(deadEventSubject('attempt'), { 'Headrace-Subject': 'events.attempt.acme' }),
      await bury(deadSubmissionSubject('batch'), { 'Headrace-Subject': `submit.v1.${HASH}.batch.g.1` }),
      await bury(deadEventSubject('alert'), {}),
    ];
    const all = await list();
    expect(all.dead.map(({ id, kind }: { id: number; kind: string }) => [id, kind])).toEqual([
      [ids[0], 'job'],
      [ids[1], 'event'],
      [ids[2], 'submission'],
      [ids[3], 'alert'],
    ]);
    expect(all).toMatchObject({ total: 4, next_after: null });
    expect(all.dead[0]).toMatchObject({
      error: 'five times',
      job: { model: 'm', attempt: 2, key: HASH, failed_attempts: [{ error: 'upstream_error' }] },
    });
    expect(JSON.stringify(all)).not.toContain('what a client wrote');
    const page = await list('?limit=2');
    expect([page.dead.length, page.next_after]).toEqual([2, ids[1]]);
    expect((await list(`?after=${ids[1]}`)).dead).toHaveLength(2);
    expect((await list('?kind=event')).dead).toMatchObject([{ id: ids[1], subject: 'events.attempt.acme' }]);
  });

  test('one is shown with its body only to those who ask for that, which the audit log has', async () => {
    const id = await buryJob(meta());
    expect((await admin.call(`/dead/${id}`)).json.body).toBeUndefined();
    expect((await admin.call(`/dead/${id}?body=true`)).json.body).toBe('what a client wrote');
    const { rows } = await admin.db.pool.query(
      `select action, object_id from audit_log where table_name = 'dead_letters' order by at desc limit 1`,
    );
    expect(rows).toEqual([{ action: 'shown', object_id: String(id) }]);
    expect((await admin.call('/dead/999999')).status).toBe(404);
    const key = (await admin.call('/key/generate', { body: {} })).json.key;
    expect((await admin.call('/dead', { as: key })).status).toBe(403);
  });
});

describe('redrive', () => {
  test('a job goes on as its next attempt, with as much time as at first and room for another end', async () => {
    await admin.call('/model/new', { body: { model_name: 'm', litellm_params: { model: 'openai/m', api_key: 'sk-a' } } });
    await waitFor(() => admin.stored.config.deployments.length > 0, { timeoutMs: 10_000, what: 'the model is known' });
    const job = meta();
    const runs = await openRunStore(admin.bus, DEFAULT_JOBS);
    const name = { owner: HASH, group: BACKGROUND_GROUP, job: job.id };
    await runs.put(name, 'end', { v: 1, job: job.id, state: 'failed', attempt: 2, acceptedAt: 1, endedAt: 2, pieces: 0 });
    const id = await buryJob(job);
    expect((await admin.call('/dead/redrive', { body: { ids: [id] } })).json).toEqual({ redriven: 1, refused: [], next_after: null });
    const message = await stored(JOBS_STREAM, 'jobs.batch.standard.acme');
    const sent = decodeJobMeta(message?.header.get(JOB_HEADER));
    expect(message?.string()).toBe('what a client wrote');
    expect(sent).toMatchObject({ id: job.id, attempt: 3, acceptedAt: job.acceptedAt, run: job.run });
    expect(sent.failures).toBeUndefined();
    expect(sent.deadlineAt).toBeGreaterThan(Date.now());
    expect(await runs.findEnd(name)).toBeUndefined();
    expect(await list()).toMatchObject({ total: 0 });
  });

  test('events and submissions go back to where they came from', async () => {
    await bury(deadEventSubject('attempt'), { 'Headrace-Subject': 'events.attempt.acme' }, 'event');
    await bury(deadSubmissionSubject('batch'), { 'Headrace-Subject': `submit.held.${HASH}.batch.g.1`, 'Headrace-Route': '/v1/x' }, 'job');
    expect((await admin.call('/dead/redrive', { body: {} })).json).toMatchObject({ redriven: 2, refused: [] });
    expect((await stored(EVENTS_STREAM, 'events.attempt.acme'))?.string()).toBe('event');
    const submission = await stored(SUBMIT_STREAM, `submit.v1.${HASH}.batch.g.1`);
    expect([submission?.string(), submission?.header.get('Headrace-Route'), submission?.header.get('Headrace-Error')]).toEqual([
      'job',
      '/v1/x',
      '',
    ]);
  });

  test('what can not go on stays, named with the reason, and holds up none of the others', async () => {
    const ids = [
      await buryJob(meta({ inbox: 'hr.in.gone' })),
      await buryJob(meta({ plan: [{ deploymentId: 'gone', provider: 'acme', tier: 'standard', modelGroup: 'm' }] })),
      await bury(deadJobSubject(ROUTE), { [JOB_HEADER]: 'nothing' }),
      await bury(deadEventSubject('attempt'), {}),
      await bury(deadEventSubject('attempt'), { 'Headrace-Subject': 'hr.ctl.worker' }),
      await bury(deadEventSubject('alert'), {}),
    ];
    await bury(deadEventSubject('attempt'), { 'Headrace-Subject': 'events.attempt.acme' }, 'event');
    const { redriven, refused } = (await admin.call('/dead/redrive', { body: {} })).json;
    expect([redriven, refused.map(({ id }: { id: number }) => id)]).toEqual([1, ids]);
    expect((await list()).total).toBe(6);
  });
});

test('letters are thrown away by id, by kind, or all, never by an empty request', async () => {
  const [id] = [await buryJob(meta()), await buryJob(meta())];
  await bury(deadEventSubject('attempt'), {});
  await bury(deadSubmissionSubject('batch'), {});
  const purge = async (body: object) => (await admin.call('/dead/purge', { body })).json;
  expect((await admin.call('/dead/purge', { body: {} })).status).toBe(400);
  expect(await purge({ ids: [id] })).toEqual({ purged: 1 });
  expect(await purge({ ids: [id] })).toEqual({ purged: 0 });
  expect(await purge({ kind: 'job' })).toEqual({ purged: 1 });
  expect(await purge({ all: true })).toEqual({ purged: 2 });
});

test('an arrival is told, also of one that came before the process; many in one place once; an undelivered alert not', async () => {
  const id = await buryJob(meta());
  await buryJob(meta());
  await bury(deadEventSubject('alert'), {});
  const releases: (() => unknown)[] = [];
  const url = { literal: 'https://127.0.0.1:9/' };
  const destinations = [{ name: 'hook', format: 'webhook', url, kinds: ['dead_letter'] } as const];
  await openAlerts({
    ...admin,
    config: () => ({ alerts: { ...DEFAULT_ALERTS, destinations }, deployments: [] }) as never,
    env: {},
    log: quiet,
    now: () => new Date(),
    releases: { add: (_name, release) => void releases.push(release) },
  });
  try {
    await bury(deadEventSubject('attempt'), {});
    await waitFor(async () => (await listAlerts(admin.db, { limit: 9 })).length >= 2, { timeoutMs: 20_000, what: 'two alerts' });
    const told = (await listAlerts(admin.db, { limit: 9 })).map(({ event }) => event);
    expect(told.find((event) => event.kind === 'dead_letter' && event.what === 'job')).toMatchObject({ letter: id, cause: 'five times' });
    expect(told.flatMap((event) => (event.kind === 'dead_letter' ? [String(event.what)] : [])).toSorted()).toEqual(['event', 'job']);
  } finally {
    for (const release of releases.toReversed()) await release();
  }
});
