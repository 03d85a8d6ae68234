import { expect, test } from 'vitest';
import { decodeWorkerStatus, minuteOf, type WorkerStatus } from './deployment-status.ts';

const status: WorkerStatus = {
  v: 1,
  worker: 'w1',
  deployments: [{ id: 'a', inFlight: 1, minute: 5, requests: 1, tokens: 1, errors: 0, samples: 1, measuredAt: 5, msPerToken: 1.5 }],
};
const decode = (value: unknown) => decodeWorkerStatus(Buffer.from(JSON.stringify(value)));

test('a status arrives as it was sent', () => {
  expect(decode(status)).toEqual(status);
});

test.each<[string, unknown]>([
  ['of another version', { ...status, v: 2 }],
  ['of nobody', { ...status, worker: undefined }],
  ['without deployments', { ...status, deployments: {} }],
  ['with a negative count', { ...status, deployments: [{ ...status.deployments[0], inFlight: -1 }] }],
  ['with a text for a number', { ...status, deployments: [{ ...status.deployments[0], tokens: '1' }] }],
  ['with an average that is none', { ...status, deployments: [{ ...status.deployments[0], msPerToken: null }] }],
  ['that is no object', 4],
])('a status %s is no status', (_what, value) => {
  expect(decode(value)).toBeUndefined();
  expect(decodeWorkerStatus(Buffer.from('{'))).toBeUndefined();
});

test('minutes are those of the clock', () => {
  expect(minuteOf(59_999)).toBe(0);
  expect(minuteOf(60_000)).toBe(1);
});
