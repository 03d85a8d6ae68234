import { type RunningHeadrace, waitFor } from '#testing';
import { ask } from './job-client.ts';

/** How many answers the store of the cache has, for all ingresses. */
export async function storedEntries({ url, masterKey }: RunningHeadrace): Promise<number> {
  const answer = JSON.parse((await ask({ url, key: masterKey }, '/cache/redis/info')).text) as { info: { entries: number } };
  return answer.info.entries;
}

export async function untilEntries(headrace: RunningHeadrace, least: number): Promise<void> {
  await waitFor(async () => (await storedEntries(headrace)) >= least, { what: `${least} answers to be stored` });
}
