import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { awaitRows, ledgerRows, type LedgerRow } from '../support/books.ts';
import { chat, readStream } from '../support/chat-client.ts';
import { type FailingHeadrace, startFailingHeadrace } from '../support/failing-headrace.ts';
import { TOKENS, WHOLE_TEXT } from '../support/failing-model.ts';

/**
 * Every way a provider's stream can fail, at every place. Before the first content another attempt takes over unseen; behind it the
 * client gets an error event that says what happened, and what it was sent is billed.
 */
let failing: FailingHeadrace;
let headrace: FailingHeadrace['headrace'];
let target: FailingHeadrace['target'];

beforeAll(async () => {
  failing = await startFailingHeadrace(`
  timeouts: { first_token_ms: 700, inter_chunk_ms: 900, total_ms: 3000 }
`);
  ({ headrace, target } = failing);
});
afterAll(() => failing?.stop());

async function ask(model: string) {
  const answer = await chat(target, { model, stream: true, messages: [{ role: 'user', content: 'go' }] });
  return { answer, reading: readStream(answer.text), rows: await rowsOf(String(answer.headers['x-headrace-job-id'])) };
}

async function rowsOf(jobId: string): Promise<LedgerRow[]> {
  let rows: LedgerRow[] = [];
  await waitFor(
    async () => {
      const found = await ledgerRows(headrace, jobId);
      const isSame = found.length === rows.length && found.length > 0;
      rows = found;
      return isSame;
    },
    { what: 'the attempts in the ledger' },
  );
  return rows;
}

const EARLY = [
  ['reset@-1', 'upstream_unreachable'],
  ['stall@-1', 'upstream_timeout'],
  ['reset@0', 'upstream_truncated'],
  ['close@0', 'upstream_truncated'],
  ['stall@0', 'upstream_timeout'],
  ['error-event@0', 'upstream_overloaded'],
  ['bad-json@0', 'upstream_invalid_response'],
  ['html@0', 'upstream_invalid_response'],
  ['json@0', 'upstream_invalid_response'],
] as const;

test.each(EARLY)('%s: the next attempt takes over unseen, and the reason is in the ledger', async (fault, code) => {
  const { answer, reading } = await ask(`${fault},anew`);
  expect(reading).toMatchObject({ text: WHOLE_TEXT, done: true, finishReason: 'stop', error: undefined });
  const rows = await awaitRows(headrace, answer.headers['x-headrace-job-id'], 2);
  expect(rows.map((row) => [row.headrace.status, row.headrace['error_code'] ?? undefined])).toEqual([
    ['failure', code],
    ['success', undefined],
  ]);
});

const LATE = [
  ['reset', 'upstream_truncated', 'closed the connection'],
  ['close', 'upstream_truncated', 'before the answer was complete'],
  ['stall', 'upstream_timeout', 'stopped in the middle'],
  ['error-event', 'upstream_overloaded', 'overloaded'],
  ['bad-json', 'upstream_invalid_response', 'not JSON'],
] as const;

describe.each(LATE)('%s', (kind, code, words) => {
  test.each([1, 50, 100])('after %i tokens: the client has them, then an error event, and one attempt is billed', async (after) => {
    const { reading, rows } = await ask(`${kind}@${after},anew`);
    expect(reading).toMatchObject({ text: TOKENS.slice(0, after).join(''), done: false, finishReason: undefined, error: { code } });
    expect(reading.error?.message).toContain(words);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.completion_tokens).toBeGreaterThan(0);
    expect(rows[0]?.spend).toBeGreaterThan(0);
  });
});

test('a stream that drips for longer than the total limit ends with words of its own', async () => {
  const { reading, rows } = await ask('drip@1,anew');
  expect(reading.error).toMatchObject({ code: 'upstream_timeout' });
  expect(reading.error?.message).toContain('not complete within 3000 ms');
  expect(rows[0]?.completion_tokens).toBeGreaterThan(10);
});
