import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GatewayError } from '#contracts';
import { waitFor } from '#testing';
import { createUpstream, type Upstream, type UpstreamCall } from '#upstream';
import { callUntilFinal } from './call-until-final.ts';

/** A provider whose answers are readings of a job: `[status, body]`, the last one for every further request. */
let answers: (readonly [status: number, body: string])[];
let asked: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders }[];
let provider: Server;
let upstream: Upstream;

beforeEach(async () => {
  asked = [];
  provider = createServer((request, response: ServerResponse) => {
    asked.push({ method: request.method, url: request.url, headers: request.headers });
    const [status, body] = answers[Math.min(asked.length, answers.length) - 1] ?? [500, ''];
    request.resume().on('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  upstream = createUpstream();
});

afterEach(async () => {
  await upstream.close();
  provider.close();
});

const RUNNING = '{"state":\n"running"}';
const DONE = '{"state":"done"}';

function start(isStream: boolean, delayMs = 1): { events: string[]; call: UpstreamCall } {
  const events: string[] = [];
  const request = {
    origin: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
    path: '/base/jobs?v=1',
    headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
    body: Buffer.from('{}'),
    headTimeoutMs: 0,
    stallTimeoutMs: 5_000,
  };
  const followUp = (body: Uint8Array) => (Buffer.from(body).toString() === RUNNING ? { path: '/jobs/1', delayMs } : undefined);
  const call = callUntilFinal(
    { exchange: { path: '/jobs', followUp }, request },
    { upstream, isStream },
    {
      head: (status, headers) => void events.push(`${status} ${headers['content-type']}`),
      data: (chunk) => void events.push(Buffer.from(chunk).toString()),
      end: () => void events.push('end'),
      error: (error) => void events.push(`error ${error.code}`),
    },
  );
  return { events, call };
}

const isOver = (events: readonly string[]): boolean => /^(?:end|error)/.test(events.at(-1) ?? '');

test('a job is read at the same host, below the same base and with the same key until it is done, and its end alone is the answer', async () => {
  answers = [
    [201, RUNNING],
    [200, RUNNING],
    [200, DONE],
  ];
  const { events } = start(false);
  await waitFor(() => isOver(events), { what: 'the end of the answer' });
  expect(events).toEqual(['200 application/json', DONE, 'end']);
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST /base/jobs?v=1',
    'GET /base/jobs/1?v=1',
    'GET /base/jobs/1?v=1',
  ]);
  expect(asked[2]?.headers).toMatchObject({ authorization: 'Bearer key' });
  expect(asked[2]?.headers['content-type']).toBeUndefined();
});

test('a stream is every reading as one line of one event stream', async () => {
  answers = [
    [201, RUNNING],
    [200, DONE],
  ];
  const { events } = start(true);
  await waitFor(() => isOver(events), { what: 'the end of the answer' });
  expect(events).toEqual(['200 text/event-stream', '{"state": "running"}\n', `${DONE}\n`, 'end']);
});

test.each([false, true])('an answer that is final at once needs no second request (stream: %s)', async (isStream) => {
  answers = [[200, DONE]];
  const { events } = start(isStream);
  await waitFor(() => isOver(events), { what: 'the end of the answer' });
  expect([asked.length, events.at(-1)]).toEqual([1, 'end']);
});

test('a refusal is passed on with its status, also of a later reading', async () => {
  answers = [[401, 'no']];
  const first = start(true);
  await waitFor(() => isOver(first.events), { what: 'the end of the answer' });
  expect(first.events).toEqual(['401 application/json', 'no', 'end']);
  asked = [];
  answers = [
    [201, RUNNING],
    [500, 'broken'],
  ];
  const later = start(false);
  await waitFor(() => isOver(later.events), { what: 'the end of the answer' });
  expect(later.events).toEqual(['500 application/json', 'broken', 'end']);
});

test('a stream that has begun fails when a later reading is refused', async () => {
  answers = [
    [201, RUNNING],
    [500, 'broken'],
  ];
  const { events } = start(true);
  await waitFor(() => isOver(events), { what: 'the end of the answer' });
  expect(events.at(-1)).toBe('error upstream_error');
});

test('an abort between two readings is told at once, and nothing is asked any more', async () => {
  answers = [[201, RUNNING]];
  const { events, call } = start(true, 60_000);
  await waitFor(() => events.length === 2, { what: 'the first reading' });
  call.abort(new GatewayError('client_gone', 'gone'));
  expect(events.at(-1)).toBe('error client_gone');
  expect(asked).toHaveLength(1);
});
