import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { crossValidate } from '../libs/router/cross-validate.ts';
import { BUILT_IN_WEIGHTS, encodeModel } from '../libs/router/model-file.ts';
import { DEFAULT_OUTCOMES, readOutcomes } from '../libs/router/read-outcomes.ts';
import type { RoutingOutcome } from '../libs/router/routing-outcome.ts';
import { fitModel, hashTexts, quantized, scoreQuantiles, TRAINING } from '../libs/router/train-model.ts';

/** `npm run train:router -- [--data PATH] [--out PATH] [--seed N]`: trains the model of difficulty routing from outcomes (docs/auto-routing.md). */
function main(): void {
  const { values } = parseArgs({ options: { data: { type: 'string' }, out: { type: 'string' }, seed: { type: 'string' } } });
  const data = values.data ?? process.env['HEADRACE_ROUTING_OUTCOMES'] ?? DEFAULT_OUTCOMES;
  const outcomes = readOutcomes(data);
  const options = { ...TRAINING, seed: Number(values.seed ?? TRAINING.seed) };
  const began = performance.now();
  const prompts = outcomes.map(({ prompt }) => prompt);
  const model = quantized(fitModel(hashTexts(prompts, options.bits), outcomes, options), options.bits);
  // scores of texts that a model was trained on are further apart than those of new ones
  const unseen = crossValidate(outcomes, { count: 5, keyOf: ({ prompt }) => prompt }, options);
  const quantiles = scoreQuantiles(unseen.map(({ score }) => score));
  const file = values.out ?? fileURLToPath(BUILT_IN_WEIGHTS);
  const notes = { trainedOn: sourcesOf(outcomes), outcomes: outcomes.length, licence: LICENCE };
  writeFileSync(file, encodeModel({ ...model, quantiles }, notes));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${file}: trained on ${outcomes.length} outcomes of ${basename(data)} in ${seconds} s\n`);
}

const LICENCE =
  'The weights are under the licence of this repository. They hold sums over hashed words and no text of the outcomes they were trained on.';

function sourcesOf(outcomes: readonly RoutingOutcome[]): string {
  const sets = new Set(outcomes.map(({ source }) => source.split('/')[0] ?? source));
  return [...sets].sort().join(', ');
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
