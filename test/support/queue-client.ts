import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bus, connectBus, publishDurably } from '#bus';
import { encodeJobMeta, JOB_HEADER, jobMessageId, type JobMeta, jobSubject } from '#contracts';
import { natsUrl } from '#runtime';
import type { RunningHeadrace } from '#testing';

const QUIET = { info: () => undefined, warn: () => undefined };

/** A connection to the NATS of a running Headrace, as a batch client has one. */
export function connectTo({ dataDir }: RunningHeadrace): Promise<Bus> {
  const { port, password } = JSON.parse(readFileSync(join(dataDir, 'nats', 'credentials.json'), 'utf8')) as {
    port: number;
    password: string;
  };
  return connectBus({ url: natsUrl({ port, user: 'headrace', password }), name: 'test client', log: QUIET });
}

/** Publishes jobs that nobody waits for straight to the queue, in portions. */
export async function publishJobs(
  bus: Bus,
  job: Pick<JobMeta, 'lane' | 'plan' | 'model'> & Partial<JobMeta>,
  bodies: readonly object[],
): Promise<void> {
  const [candidate] = job.plan;
  if (!candidate) throw new Error('a job needs a candidate');
  const subject = jobSubject({ lane: job.lane, tier: candidate.tier, provider: candidate.provider, bulk: job.bulk });
  const publish = (body: object, index: number) => {
    const id = `${job.id ?? 'job'}-${index}`;
    const now = Date.now();
    const meta: JobMeta = {
      v: 1,
      attempt: 1,
      cursor: 0,
      dialect: 'openai-chat',
      stream: false,
      acceptedAt: now,
      deadlineAt: now + 3_600_000,
      by: { keyHash: 'batch' },
      ...job,
      id,
    };
    const message = {
      subject,
      data: Buffer.from(JSON.stringify(body)),
      messageId: jobMessageId(id, 1),
      headers: { [JOB_HEADER]: encodeJobMeta(meta) },
    };
    return publishDurably(bus, message, { giveUpAfterMs: 10_000 });
  };
  const PORTION = 200;
  for (let at = 0; at < bodies.length; at += PORTION) {
    await Promise.all(bodies.slice(at, at + PORTION).map((body, index) => publish(body, at + index)));
  }
}
