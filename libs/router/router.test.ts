import { describe, expect, test } from 'vitest';
import { chooseTier } from './choose-tier.ts';
import { BUILT_IN_WEIGHTS, encodeModel, parseModel, readModel } from './model-file.ts';
import { qualityGap } from './quality-gap.ts';
import { createScorer, thresholdFor } from './routing-model.ts';
import { parseOutcome, type RoutingOutcome } from './routing-outcome.ts';
import { routedText } from './routed-text.ts';
import { fitModel, hashTexts, quantized, TRAINING } from './train-model.ts';

const HARD = ['prove the theorem', 'prove that it converges', 'derive the integral', 'a proof of the lemma'];
const EASY = ['say hello', 'hello there', 'what is your name', 'say thanks'];
const OUTCOMES: readonly RoutingOutcome[] = Array.from({ length: 40 }, (_, at) => {
  const hard = at % 2 === 0;
  const prompt = `${(hard ? HARD : EASY)[at % 4] ?? ''} ${at}`;
  return { source: 's', prompt, weak: !hard, strong: true };
});

function train(seed = 1) {
  const options = { ...TRAINING, bits: 12, learningRate: 0.05, seed };
  return quantized(
    fitModel(
      hashTexts(
        OUTCOMES.map(({ prompt }) => prompt),
        options.bits,
      ),
      OUTCOMES,
      options,
    ),
    options.bits,
  );
}

describe('a model', () => {
  test('learns which texts need the strong tier', () => {
    const score = createScorer({ ...train(), quantiles: [0, 1] });
    expect(score('prove this lemma')).toBeGreaterThan(score('hello, what is your name') + 0.05);
  });

  test('is the same for the same data and seed', () => {
    expect(train(3).weights).toEqual(train(3).weights);
  });

  test('survives its file', () => {
    const model = { ...train(), quantiles: [0.1, 0.5, 0.9] };
    const text = encodeModel(model, { trainedOn: 'x', outcomes: 1, licence: 'y' });
    expect(parseModel(text, 'file')).toEqual(model);
  });

  test.each([
    ['{', 'not JSON'],
    ['[]', "'v' must be 1"],
    ['{"v":1,"bits":99}', "'bits' must be a whole number"],
    ['{"v":1,"bits":2,"weights":"AAA="}', "'weights' must be 4 bytes"],
    ['{"v":1,"bits":1,"weights":"AAA=","quantiles":[1,0]}', "'quantiles' must be"],
    ['{"v":1,"bits":1,"weights":"AAA=","quantiles":[0,1],"bias":0}', "'scale' must be a number"],
  ])('a file %s is refused with its name, the field and the fix', (text, message) => {
    expect(() => parseModel(text, 'own.json')).toThrow(new RegExp(`own\\.json.*${message}.*train:router`));
  });

  test('the one in the repository scores any text between 0 and 1, whatever its length', () => {
    const score = createScorer(readModel(BUILT_IN_WEIGHTS));
    for (const text of ['', 'hi', '数学の証明', '\u0000\ud800', 'a '.repeat(500_000)]) {
      expect(score(text)).toBeGreaterThan(0);
      expect(score(text)).toBeLessThan(1);
    }
  });
});

describe('a share', () => {
  const quantiles = Array.from({ length: 101 }, (_, at) => at / 100);

  test.each([
    [0, Infinity],
    [1, -Infinity],
    [0.5, 0.5],
    [0.25, 0.75],
    [0.005, 0.995],
  ])('of %d is a threshold of %d', (share, threshold) => expect(thresholdFor(share, quantiles)).toBeCloseTo(threshold, 9));

  test('the request’s word goes before the session’s, and that before the score', () => {
    const model = { score: () => 0.7, quantiles };
    const input = { group: 'auto', text: 'x', costShare: 0.5, asked: undefined, ofSession: undefined };
    expect(chooseTier(input, model)).toEqual({ group: 'auto', tier: 'strong', score: 0.7, by: 'score' });
    expect(chooseTier({ ...input, costShare: 0.2 }, model)).toMatchObject({ tier: 'weak' });
    expect(chooseTier({ ...input, ofSession: 'weak' }, model)).toEqual({ group: 'auto', tier: 'weak', by: 'session' });
    expect(chooseTier({ ...input, ofSession: 'weak', asked: 'strong' }, model)).toEqual({ group: 'auto', tier: 'strong', by: 'request' });
  });
});

describe('the quality gap', () => {
  const gain = { weak: false, strong: true };
  const tie = { weak: true, strong: true };

  test('a perfect ranking recovers all of it at once, its opposite at the end', () => {
    const outcomes = [...Array.from({ length: 10 }, () => gain), ...Array.from({ length: 90 }, () => tie)];
    expect(qualityGap(outcomes.map((one, at) => ({ ...one, score: -at })))).toEqual({ apgr: 0.95, cpt50: 0.05, cpt80: 0.08 });
    expect(qualityGap(outcomes.map((one, at) => ({ ...one, score: at })))?.apgr).toBeCloseTo(0.05, 9);
  });

  test('there is none where the strong model is no better', () => {
    expect(qualityGap([{ ...tie, score: 1 }])).toBeUndefined();
    expect(qualityGap([])).toBeUndefined();
  });
});

describe('a line of outcomes', () => {
  test('may leave one half unknown', () => {
    expect(parseOutcome('{"prompt":"p","weak":true}', 1)).toEqual({ source: 'own', prompt: 'p', weak: true, strong: null });
  });

  test.each([
    ['x', 'line 7: not JSON'],
    ['[]', 'line 7: not a JSON object'],
    ['{"weak":true}', "line 7: 'prompt' must be text"],
    ['{"prompt":"p","weak":1}', "line 7: 'weak' must be true, false or null"],
    ['{"prompt":"p"}', "line 7: one of 'weak' and 'strong'"],
  ])('%s is refused with its number', (line, message) => expect(() => parseOutcome(line, 7)).toThrow(message));
});

test.each<[object, string]>([
  [{ messages: [{ role: 'user', content: 'one' }] }, 'one'],
  [
    {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'no' },
        { role: 'user', content: [{ type: 'text', text: 'b' }] },
      ],
    },
    'a\nb',
  ],
  [
    {
      messages: [
        { role: 'user', content: 'x'.repeat(900) },
        { role: 'user', content: 'b' },
      ],
    },
    `${'x'.repeat(400)}\nb`,
  ],
  [
    {
      messages: [
        { role: 'user', content: 'ask' },
        { role: 'tool', content: 'result' },
      ],
    },
    'ask',
  ],
  [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, ''],
  [{ input: 'text' }, 'text'],
  [{ input: [{ role: 'user', content: [{ type: 'input_text', text: 'in' }] }] }, 'in'],
  [{ contents: [{ parts: [{ text: 'gem' }] }] }, 'gem'],
  [{ prompt: 'old' }, 'old'],
  [{}, ''],
])('%j is judged by its last question', (fields, text) => expect(routedText({ ...fields })).toBe(text));
