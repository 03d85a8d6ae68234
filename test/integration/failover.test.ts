import { jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, test } from 'vitest';
import { decodeAttemptEvent, EVENTS_STREAM, FRAME, GatewayError } from '#contracts';
import { waitFor } from '#testing';
import { started, useWaitingJobs } from './support/use-waiting-jobs.ts';

/** What becomes of a job whose worker dies, and of one that no worker takes. */
const { isStored, submit, under } = useWaitingJobs();

const lostEvents = async () => {
  const manager = await jetstreamManager(under.bus.nc);
  const { state } = await manager.streams.info(EVENTS_STREAM);
  const all = Array.from({ length: state.messages }, (_, index) =>
    manager.streams.getMessage(EVENTS_STREAM, { seq: state.first_seq + index }),
  );
  return (await Promise.all(all))
    .flatMap((message) => (message ? [decodeAttemptEvent(message.data)] : []))
    .filter((event) => event.status === 'lost');
};

describe.concurrent('a worker that dies', () => {
  test('while it runs a job: the attempt is booked as lost, and the job goes on with its body, on the same candidate', async () => {
    const { job, frame, pull, told } = await submit();
    await pull();
    frame(0, started('w-dead'));
    await waitFor(() => job.current.worker === 'w-dead', { what: 'the start' });
    const next = await pull();
    expect(next).toMatchObject({ body: '{"the":"body"}', meta: { attempt: 2, cursor: 0, previousError: 'worker_lost' } });
    await waitFor(() => job.current.streamSeq !== undefined, { what: 'its place in the queue' });
    expect(job.current).toMatchObject({ attempt: 2, worker: undefined, failingOver: false });
    expect((await lostEvents()).filter((event) => event.job === job.meta.id)).toMatchObject([
      { attempt: 1, worker: 'w-dead', errorCode: 'worker_lost' },
    ]);
    frame(0, { ...started('w-2'), attempt: 2 });
    frame(1, { kind: FRAME.final, meta: {}, attempt: 2, body: Buffer.from('done') });
    await waitFor(() => told.includes('end done'), { what: 'the answer' });
  });

  test('after the client has text: an error, and nothing is run again', async () => {
    const { job, frame, pull, told } = await submit();
    await pull();
    frame(0, started('w-dead-2'));
    frame(1, { body: Buffer.from('half') });
    await waitFor(() => told.length === 2, { what: 'the end' });
    expect(told).toEqual(['half', 'fail worker_lost']);
    await waitFor(async () => !(await isStored(job.current.streamSeq)), { what: 'the job to leave the queue' });
  });

  test('with a job in its socket: the job is published again, and nothing is booked', async () => {
    const { job, pull } = await submit();
    await pull();
    expect(await pull()).toMatchObject({ body: '{"the":"body"}', meta: { attempt: 2 } });
    expect((await lostEvents()).filter((event) => event.job === job.meta.id)).toEqual([]);
  });

  test('after it settled a job and before its frames left: the client is told, and does not wait for its deadline', async () => {
    const { pull, told } = await submit();
    (await pull()).settle();
    await waitFor(() => told.length > 0, { what: 'the error' });
    expect(told).toEqual(['fail worker_lost']);
  });
});

describe.concurrent('a job in the queue', () => {
  test('whose deadline passes gets an error and leaves the queue', async () => {
    const { job, told } = await submit({ deadlineAt: Date.now() + 300 });
    await waitFor(() => told.length > 0, { what: 'the error' });
    expect(told).toEqual(['fail queue_timeout']);
    await waitFor(async () => !(await isStored(job.current.streamSeq)), { what: 'the job to leave the queue' });
  });

  test('whose client leaves is taken out of the queue', async () => {
    const { job } = await submit();
    expect(await isStored(job.current.streamSeq)).toBe(true);
    under.resources.pending.cancel(job, new GatewayError('client_gone', 'x'));
    await waitFor(async () => !(await isStored(job.current.streamSeq)), { what: 'the job to leave the queue' });
    expect(under.resources.pending.get(job.meta.id)).toBeUndefined();
  });

  test('that nobody has taken yet waits, however long nobody is there', async () => {
    const [{ job }, taken] = await Promise.all([submit(), submit()]);
    await taken.pull();
    await waitFor(() => taken.job.current.attempt === 2, { what: 'the job that was taken and never started to be published again' });
    expect(job.over).toBe(false);
    expect(job.current).toMatchObject({ attempt: 1, failingOver: false });
    expect(await isStored(job.current.streamSeq)).toBe(true);
  });
});
