import type { PulledJob } from '#bus';
import { InvalidMessage, type JobMeta, type RunName } from '#contracts';
import { createStoredJob, type RunningJob } from '../job/running-job.ts';
import type { WorkerResources } from '../resources.ts';
import { type AskedRequest, requestOf } from './request-of.ts';
import { createRunPrompt } from './run-prompt.ts';
import { createRunSender } from './run-sender.ts';

/** A job whose answer is stored. Throws `InvalidMessage` for one that names no place for it. */
export function openRun(meta: JobMeta, { delivery, data }: PulledJob, resources: WorkerResources): RunningJob {
  const { runs, now, log, config } = resources;
  const name = runName(meta);
  const asked = (): AskedRequest | undefined => requestOf(meta, data, { keepsNoPrompt: config.prompts !== undefined && !meta.prompt });
  const prompt = createRunPrompt({ meta, name, data }, resources);
  const options = { meta, name, delivery, asked, prompt, store: runs.store, now, log };
  return createStoredJob(meta, delivery, (on) => createRunSender({ ...options, ...on }), prompt);
}

/** Somebody has ended it: nothing is left to do but to keep what they may not have come to. */
export async function hasEnd({ meta, prompt }: RunningJob, { runs }: Pick<WorkerResources, 'runs'>): Promise<boolean> {
  const isOver = (await runs.store.findEnd(runName(meta))) !== undefined;
  if (isOver) prompt?.endedElsewhere();
  return isOver;
}

/** What the request brought with it, once its answer is stored. They would expire by themselves. */
export function forgetBodies({ bodyRef, uploadRef, sentRef }: JobMeta, { bodies }: Pick<WorkerResources, 'bodies'>): void {
  for (const ref of [bodyRef, uploadRef, sentRef]) if (ref !== undefined) void bodies.delete(ref).catch(() => undefined);
}

const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;

function runName({ id, by, run }: JobMeta): RunName {
  const name = { owner: by.keyHash, group: run?.group ?? '', job: id };
  if (TOKEN.test(name.owner) && TOKEN.test(name.group)) return name;
  throw new InvalidMessage('the place of a job’s answer is not a subject');
}
