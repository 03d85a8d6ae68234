import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type GatewayError, NO_USAGE, type Refusal, type TokenUsage, type TopUp, type TopUpReply } from '#contracts';
import { type BudgetGuard, type BudgetGuardOptions, createBudgetGuard } from './budget-guard.ts';
import { createProducedTokens } from './produced-tokens.ts';

const REFUSAL: Refusal = { kind: 'budget', scope: 'key', id: 'h', limit: '1', used: '1' };
const EVENT = Buffer.from('data: {}\n\n');

let asks: TopUp[];
let answers: (TopUpReply | undefined)[];
let guard: BudgetGuard;
let text: string;

/** A dollar a token; the input costs ten. */
function open(change: Partial<BudgetGuardOptions> = {}): void {
  guard = createBudgetGuard({
    job: 'job_1',
    heldUsd: '110',
    priceOf: () => ({ inputUsd: 10, perOutputTokenUsd: 1 }),
    topUp: async (ask) => {
      asks.push(ask);
      return answers.shift();
    },
    now: Date.now,
    ...change,
  });
}

/** So many tokens of text in one piece; the count takes three letters for one. */
function produce(tokens: number, usage?: TokenUsage): GatewayError | undefined {
  text += 'abc'.repeat(tokens);
  return guard.check(EVENT, { producedText: text, usage });
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  asks = [];
  answers = [];
  text = '';
  open();
});
afterEach(() => {
  guard.close();
  vi.useRealTimers();
});

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a stream that something is held for', () => {
  test('asks for more at half of it, once, and goes on meanwhile', async () => {
    expect(produce(44)).toBeUndefined();
    expect(asks).toEqual([]);
    expect(produce(2)).toBeUndefined();
    expect(produce(2)).toBeUndefined();
    expect(asks).toEqual([{ job: 'job_1', neededUsd: '312.000000000000' }]);
    await after(0);
  });

  test('with more held asks again only at half of that', async () => {
    answers = [{ heldUsd: '300' }];
    produce(50);
    await after(0);
    produce(89);
    expect(asks).toHaveLength(1);
    produce(2);
    expect(asks).toHaveLength(2);
  });

  test('is stopped before it has used up what it has when no more is given, and says why', async () => {
    answers = [{ heldUsd: '120', refusal: REFUSAL }];
    produce(50);
    await after(0);
    expect(produce(53)).toBeUndefined();
    expect(produce(1)).toMatchObject({ code: 'budget_exceeded', retry: 'never', message: expect.stringContaining('Max budget: 1') });
    await after(10_000);
    expect(asks).toHaveLength(1);
  });

  test('is stopped without waiting for an answer: what a provider sends unread is billed too', () => {
    open({ topUp: () => new Promise(() => undefined) });
    expect(produce(90)).toBeUndefined();
    expect(produce(5)).toMatchObject({ code: 'budget_exceeded' });
  });

  test.each([
    ['nobody has answered', undefined],
    ['others hold what is missing', { heldUsd: '110', refusal: REFUSAL, busy: true }],
  ])('asks again every half second when %s', async (_what, reply) => {
    answers = [reply, { heldUsd: '500' }];
    produce(50);
    await after(400);
    produce(1);
    expect(asks).toHaveLength(1);
    await after(200);
    produce(1);
    expect(asks).toHaveLength(2);
    await after(0);
    expect(produce(100)).toBeUndefined();
  });

  test('counts what the provider states: output it has hidden, and what the input really cost', () => {
    open({ priceOf: (stated) => ({ inputUsd: stated === undefined ? 10 : stated.inputTokens, perOutputTokenUsd: 1 }) });
    produce(1, { ...NO_USAGE, inputTokens: 40, outputTokens: 40 });
    expect(asks).toHaveLength(1);
  });

  test('is charged what the provider has stated so far, and for what came since by count', () => {
    for (let tokens = 1; tokens < 44; tokens += 1) expect(produce(5, { ...NO_USAGE, outputTokens: tokens })).toBeUndefined();
    expect(asks).toEqual([]);
    produce(10, { ...NO_USAGE, outputTokens: 43 });
    expect(asks).toHaveLength(1);
  });

  test('is left alone when nobody knows its price', () => {
    open({ priceOf: () => undefined });
    expect(produce(10_000)).toBeUndefined();
    expect(asks).toEqual([]);
  });
});

describe('counting what a stream has produced', () => {
  const count = (produced: string, chunks: readonly string[] = [], mattersAt = 0): number => {
    const tokens = createProducedTokens();
    for (const chunk of chunks) tokens.saw(Buffer.from(chunk));
    return tokens.count(produced, mattersAt);
  };

  test.each([
    ['three letters are a token', 'abcdef', [], 2],
    ['any other character is one', '水往低处流', [], 5],
    ['an event is at least one, also when its text is hidden', '', ['data: a\n\ndata: b\n', '\n', 'data: c\r\n\r\n'], 3],
  ])('%s', (_what, produced, chunks, tokens) => {
    expect(count(produced, chunks)).toBe(tokens);
  });

  test('is only a bound as long as it does not matter, and exact from there on', () => {
    const tokens = createProducedTokens();
    expect(tokens.count('abc'.repeat(10), 100)).toBe(30);
    expect(tokens.count('abc'.repeat(40), 100)).toBe(40);
    expect(tokens.count('abc'.repeat(41), 40)).toBe(41);
  });
});
