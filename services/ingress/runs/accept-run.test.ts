import { expect, test } from 'vitest';
import { createStatusBoard } from '#routing';
import type { JobMeta } from '#contracts';
import { acceptRun } from './accept-run.ts';

const meta = { id: 'job_1', by: { keyHash: 'h' }, run: { group: 'g' }, dialect: 'openai-chat', acceptedAt: 1 } as unknown as JobMeta;

test.each([
  ['is accepted already', () => Promise.resolve(undefined)],
  ['can’t be accepted', () => Promise.reject(new Error('away'))],
])('a job that %s is not counted as one on its way, for nobody would tell here that it has arrived', async (_, claim) => {
  const board = createStatusBoard({ now: Date.now, measurementsHoldMs: 1_000 });
  board.expect(meta.id, 'd1', 10);
  const resources = { routing: { board }, admission: { release: () => undefined } } as never;
  await acceptRun({ meta, body: new Uint8Array(0) }, { claim } as never, resources).catch(() => undefined);
  expect(board.loadOf('d1')).toMatchObject({ expected: 0, expectedTokens: 0 });
});
