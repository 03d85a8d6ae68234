import { describe, expect, test } from 'vitest';
import { publishCore, requestCore } from '#bus';
import { attemptId, encodeFrame, FRAME, frameSubject, GatewayError, heartbeatSubject } from '#contracts';
import { waitFor } from '#testing';
import { started, useWaitingJobs } from './support/use-waiting-jobs.ts';

/** What a worker that lives is believed and told. */
const { hear, submit, under } = useWaitingJobs();

describe.concurrent('a worker that lives', () => {
  test('and says so keeps its job, though it sends nothing', async () => {
    const [{ job, frame }, silent] = await Promise.all([submit(), submit()]);
    frame(0, started('w-alive'));
    silent.frame(0, started('w-silent'));
    await waitFor(() => job.current.worker === 'w-alive' && silent.job.current.worker === 'w-silent', { what: 'the starts' });
    const beat = Buffer.from(JSON.stringify({ worker: 'w-alive', attempts: [attemptId(job.meta.id, 1, 1)] }));
    const beatUntilTheOtherIsMissed = async () => {
      const answer = await requestCore(under.bus, heartbeatSubject(under.resources.pending.inbox), beat, { timeoutMs: 1_000 });
      expect(answer.kind === 'answer' && JSON.parse(Buffer.from(answer.data).toString())).toEqual({ over: [] });
      return silent.job.current.attempt === 2;
    };
    await waitFor(beatUntilTheOtherIsMissed, { what: 'the silent worker to be missed', intervalMs: 800 });
    expect(job.current).toMatchObject({ attempt: 1, worker: 'w-alive' });
  });

  test('and holds a job for want of a permit keeps it, until it has not said so for a while', async () => {
    const [held, lost] = await Promise.all([submit(), submit()]);
    await Promise.all([held.pull(), lost.pull()]);
    const beat = Buffer.from(JSON.stringify({ worker: 'w-holds', attempts: [], held: [attemptId(held.job.meta.id, 1, 1)] }));
    const beatUntilTheOtherIsMissed = async () => {
      const answer = await requestCore(under.bus, heartbeatSubject(under.resources.pending.inbox), beat, { timeoutMs: 1_000 });
      expect(answer.kind === 'answer' && JSON.parse(Buffer.from(answer.data).toString())).toEqual({ over: [] });
      return lost.job.current.attempt === 2;
    };
    await waitFor(beatUntilTheOtherIsMissed, { what: 'the lost delivery to be missed', intervalMs: 500 });
    expect(held.job.current).toMatchObject({ attempt: 1, worker: undefined, holder: { worker: 'w-holds' } });
    expect(await held.pull()).toMatchObject({ meta: { attempt: 2 } });
  });

  test('is told of a job it holds that its client has left, at once and with the next heartbeat', async () => {
    const { job, pull } = await submit();
    await pull();
    const { controls, stop } = hear('w-holds-2');
    const token = attemptId(job.meta.id, 1, 1);
    const beat = Buffer.from(JSON.stringify({ worker: 'w-holds-2', attempts: [], held: [token] }));
    const tell = () => requestCore(under.bus, heartbeatSubject(under.resources.pending.inbox), beat, { timeoutMs: 1_000 });
    await tell();
    under.resources.pending.cancel(job, new GatewayError('client_gone', 'gone'));
    await waitFor(() => controls.length > 0, { what: 'the cancel' });
    expect(controls).toEqual([{ type: 'cancel', job: job.meta.id }]);
    const answer = await tell();
    expect(answer.kind === 'answer' && JSON.parse(Buffer.from(answer.data).toString())).toEqual({ over: [token] });
    stop();
  });

  test('is told which of its attempts are over', async () => {
    const { job, frame } = await submit();
    frame(0, { ...started('w-now'), attempt: 2 });
    await waitFor(() => job.current.attempt === 2, { what: 'the second attempt' });
    const attempts = [attemptId('job_unknown', 1, 1), attemptId(job.meta.id, 1, 1), attemptId(job.meta.id, 2, 1)];
    const ask = async (worker: string) => {
      const answer = await requestCore(
        under.bus,
        heartbeatSubject(under.resources.pending.inbox),
        Buffer.from(JSON.stringify({ worker, attempts })),
        {
          timeoutMs: 1_000,
        },
      );
      return answer.kind === 'answer' ? JSON.parse(Buffer.from(answer.data).toString()).over : answer;
    };
    expect(await ask('w-now')).toEqual([attempts[0], attempts[1]]);
    expect(await ask('w-other')).toEqual(attempts);
  });

  test('and starts a job nobody waits for is told to stop', async () => {
    const { controls, stop } = hear('w-stray');
    publishCore(
      under.bus,
      frameSubject(under.resources.pending.inbox, 'job_gone'),
      encodeFrame({ seq: 0, attempt: 1, delivery: 1, ...started('w-stray') }),
    );
    await waitFor(() => controls.length > 0, { what: 'the cancel' });
    expect(controls).toEqual([{ type: 'cancel', job: 'job_gone' }]);
    stop();
  });
});

test('malformed frames and heartbeats don’t make the ingress deaf', async () => {
  const { frame, told } = await submit();
  for (const bytes of [new Uint8Array(0), new Uint8Array([FRAME.started]), Buffer.from('\u0001no frame at all, but long')]) {
    publishCore(under.bus, frameSubject(under.resources.pending.inbox, 'job_unknown'), bytes);
    publishCore(under.bus, heartbeatSubject(under.resources.pending.inbox), bytes);
  }
  publishCore(under.bus, heartbeatSubject(under.resources.pending.inbox), Buffer.from('{"worker":"w"}'));
  frame(0, started('w1'));
  frame(1, { kind: FRAME.final, meta: {}, body: Buffer.from('answer') });
  await waitFor(() => told.includes('end answer'), { what: 'the answer' });
});
