import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, startPostgres, type TestPostgres, waitFor } from '#testing';
import { createKey } from '../support/books.ts';
import { chat, type ChatTarget, sandboxCall } from '../support/chat-client.ts';

/** `headrace.budgets.fail_closed`, for those who would rather refuse than go on by what is in memory. */
let postgres: TestPostgres;
let headrace: RunningHeadrace;

const CONFIG = `
model_list:
  - model_name: sandbox/*
    litellm_params: { model: sandbox/* }
headrace: { budgets: { fail_closed: true } }
`;

beforeAll(async () => {
  postgres = await startPostgres();
  headrace = await startHeadrace({ config: CONFIG, env: { DATABASE_URL: postgres.url } });
});
afterAll(async () => {
  await headrace?.stop();
  await postgres?.remove();
});

const withKey = async (fields: Readonly<Record<string, unknown>>): Promise<ChatTarget> => ({
  url: headrace.url,
  key: await createKey(headrace, fields),
});
const status = async (target: ChatTarget) => (await chat(target, sandboxCall({ text: 'hello' }))).status;

test('known keys with limits are refused while the database is away, those without go on, and all work when it is back', async () => {
  const [limited, free] = await Promise.all([withKey({ rpm_limit: 100_000 }), withKey({})]);
  expect([await status(limited), await status(free)]).toEqual([200, 200]);

  await postgres.kill();
  // ten seconds of patience with the database, and ten in which the call waits for somebody who admits it
  const refused = await waitFor(
    async () => {
      const answer = await chat(limited, sandboxCall({ text: 'hello' }));
      return answer.status !== 200 && answer;
    },
    { what: 'a refusal', timeoutMs: 60_000 },
  );
  expect(refused).toMatchObject({ status: 503 });
  expect(await status(free)).toBe(200);

  await postgres.start();
  await waitFor(async () => (await status(limited)) === 200, { what: 'the limited key to be served again', timeoutMs: 60_000 });
});
