import { beforeEach, describe, expect, test } from 'vitest';
import type { JobMeta, StoredResponse } from '#contracts';
import type { ClientResponse } from '../chat/client-response.ts';
import { recordResponse } from './record-response.ts';

const META = { id: 'job_1', model: 'planner', stream: false, by: { keyHash: 'k1' } } as JobMeta;
const HEAD = { status: 200, headers: { 'x-headrace-deployment': 'd1', 'x-litellm-model-group': 'g1' } };
const INPUT = [{ type: 'message', role: 'user', content: 'x' }];

let sent: string[];
let kept: { owner: string; stored: StoredResponse }[];
let letGo: () => void;

beforeEach(() => {
  sent = [];
  kept = [];
});

/** A client's connection that only takes notes. */
function connection(): ClientResponse {
  return {
    headSent: false,
    over: false,
    backedUp: false,
    status: 0,
    head: () => sent.push('head'),
    write: (bytes) => sent.push(`write ${Buffer.from(bytes).toString()}`),
    end: (_head, bytes) => sent.push(`end ${Buffer.from(bytes ?? []).toString()}`),
    fail: (error) => sent.push(`fail ${error.code}`),
  } as ClientResponse;
}

function record(): ClientResponse {
  const responses = {
    keep: (owner: string, stored: StoredResponse) => {
      kept.push({ owner, stored });
      return new Promise<void>((resolve) => {
        letGo = resolve;
      });
    },
  };
  return recordResponse(connection(), { meta: META, input: INPUT, responses });
}

describe('an answer that is recorded', () => {
  test('ends when it is stored, under the key that asked', async () => {
    const response = record();
    const body = Buffer.from('{"id":"resp_job_1","output":[]}');
    response.end(HEAD, body);
    expect(sent).toEqual([]);
    expect(response.status).toBe(200);
    expect(kept).toMatchObject([{ owner: 'k1', stored: { v: 1, id: 'resp_job_1', model: 'planner', input: INPUT, keptBy: undefined } }]);
    letGo();
    await Promise.resolve();
    expect(sent).toEqual([`end ${body.toString()}`]);
  });

  test('with an id of the provider’s own remembers who keeps it', () => {
    record().end(HEAD, Buffer.from('{"id":"resp_abc","output":[]}'));
    expect(kept[0]?.stored.keptBy).toEqual({ deploymentId: 'd1', modelGroup: 'g1' });
  });

  test.each([
    ['that is no response', 'not JSON'],
    ['without an id', '{}'],
  ])('%s ends at once and is not stored', (_name, body) => {
    record().end(HEAD, Buffer.from(body));
    expect(kept).toEqual([]);
    expect(sent).toEqual([`end ${body}`]);
  });

  test('that came in pieces is read from all of them', () => {
    const response = record();
    response.head(HEAD);
    response.write(Buffer.from('{"id":"resp_job_1",'));
    response.end(undefined, Buffer.from('"output":[]}'));
    expect(sent).toEqual(['head', 'write {"id":"resp_job_1",']);
    expect(kept).toHaveLength(1);
  });
});
