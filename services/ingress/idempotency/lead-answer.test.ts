import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { GatewayError, type HeadMeta, type JobMeta } from '#contracts';
import type { ClientResponse } from '../chat/client-response.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';
import { createFlights } from './flights.ts';
import { leadAnswer } from './lead-answer.ts';

const SHARED = { among: 'askers', owner: 'team', name: 'cache-h-d', fingerprint: 'cache-h-d' } as const;
const HEAD: HeadMeta = { status: 200, headers: {} };
const CALL = { dialect: 'openai-chat' } as unknown as ClientCall;
const META = { id: 'job_1' } as unknown as JobMeta;

/** A call that leads, up to where its job has a response to write to. */
async function lead(stored: Promise<void>, maxAnswerBytes = 1_000) {
  const flights = createFlights();
  const released: number[] = [];
  const flight = flights.open(SHARED);
  let response: ClientResponse | undefined;
  const raw = new ServerResponse(new IncomingMessage(new Socket()));
  const options = {
    raw,
    dialect: 'openai-chat',
    headers: {},
    onHead: () => undefined,
    onDrain: () => undefined,
    onGone: () => undefined,
  } as const;
  await leadAnswer({ flight, revision: 7, stored }, CALL, async ({ openResponse }) => void (response = openResponse?.(options, META)), {
    flights,
    keptAnswers: { release: async (revision: number) => void released.push(revision) } as unknown as IngressResources['keptAnswers'],
    config: { idempotency: { maxAnswerBytes } } as unknown as IngressResources['config'],
  });
  return { response: response!, released, isUnderWay: () => flights.find(SHARED) === flight };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('an answer is there for who asks until it is stored, and only then the name is free', async () => {
  const stored = Promise.withResolvers<void>();
  const { response, released, isUnderWay } = await lead(stored.promise);
  response.end(HEAD, Buffer.from('{}'));
  await settled();
  expect(isUnderWay()).toBe(true);
  expect(released).toEqual([]);
  stored.resolve();
  await settled();
  expect(isUnderWay()).toBe(false);
  expect(released).toEqual([7]);
});

test('a failure and an answer that is too large are nobody else’s', async () => {
  for (const end of [
    (response: ClientResponse) => response.fail(new GatewayError('upstream_error', 'no'), undefined),
    (response: ClientResponse) => response.end(HEAD, Buffer.alloc(2_000)),
  ]) {
    const stored = Promise.withResolvers<void>();
    const { response, released, isUnderWay } = await lead(stored.promise);
    end(response);
    expect(isUnderWay()).toBe(false);
    stored.resolve();
    await settled();
    expect(released).toEqual([7]);
  }
});
