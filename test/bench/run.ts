import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { readBenchOptions, type BenchOptions } from './bench-options.ts';
import { renderReport, type Series } from './bench-report.ts';
import { startLoadProcess, type LoadProcess } from './load-process.ts';
import { jsonScenario, measure, streamScenario, type Measurement } from './measure.ts';
import { startProvider } from './provider.ts';
import { startBare } from './start-bare.ts';
import { startHeadrace } from './start-headrace.ts';
import type { Target } from './target.ts';

/**
 * Measures the mock provider alone, a bare proxy before it, and Headrace before it, in turn, several rounds: a machine that
 * is slower for a while is slower for all of them.
 *
 * npm run bench -- --rounds 3 --seconds 5 --connections 1,64,256 --stream-connections 1,64 --only headrace,limited,bare,direct --json out.json
 */
const WARM_UP_SECONDS = 8;
/** Each is asked for each request, none is reached. */
const EVERY_LIMIT = { max_budget: 1e6, budget_duration: '1d', rpm_limit: 1e8, tpm_limit: 1e10, max_parallel_requests: 100_000 };
const options = readBenchOptions(process.argv.slice(2));
const load = startLoadProcess();
const targets = await startTargets(options);
try {
  const series = await runRounds(targets, { load, options });
  process.stdout.write(`\n${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}\n\n${renderReport(series)}`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ options, series }, undefined, 2)}\n`);
} finally {
  load.stop();
  for (const target of targets.toReversed()) await target.stop();
}

/** The provider first: it is behind the others even when it isn't measured itself. */
async function startTargets({ only }: BenchOptions): Promise<readonly Target[]> {
  const provider = await startProvider();
  const targets: Target[] = [provider.direct];
  if (only.includes('bare')) targets.push(await startBare(provider));
  if (only.includes('headrace')) targets.push(await startHeadrace(provider));
  if (only.includes('limited')) targets.push(await startHeadrace(provider, { name: 'limited', keySettings: EVERY_LIMIT }));
  return targets;
}

interface Run {
  readonly load: LoadProcess;
  readonly options: BenchOptions;
}

async function runRounds(started: readonly Target[], run: Run): Promise<Series[]> {
  const { options } = run;
  const measured = started.filter((target) => options.only.includes(target.name));
  const scenarios = [...options.connections.map(jsonScenario), ...options.streamConnections.map(streamScenario)];
  // compiled code and full caches for all: the first seconds of any of them are not what is asked for
  for (const target of measured) await measure(target, jsonScenario(64), { load, seconds: WARM_UP_SECONDS });
  const series = scenarios.flatMap((scenario) => measured.map((target) => ({ scenario, target, rounds: new Array<Measurement>() })));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const one of series) {
      const measurement = await measure(one.target, one.scenario, { load: run.load, seconds: options.seconds });
      one.rounds.push(measurement);
      const { perSecond, failures } = measurement.load;
      say(`round ${round}: ${one.target.name}, ${one.scenario.name}: ${Math.round(perSecond)}/s ${failures.join('; ')}`);
      await settle(one.target);
    }
  }
  return series.map(({ scenario, target, rounds }) => ({ scenario: scenario.name, target: target.name, rounds }));
}

/** The next target must not be measured while this one is still writing its ledger. */
async function settle(target: Target): Promise<void> {
  const settlement = await target.settle?.();
  if (settlement === undefined) return;
  const { waitedMs, ledgerMicroUsd, meterMicroUsd } = settlement;
  if (waitedMs === undefined) say(`  the ledger says ${ledgerMicroUsd} micro-dollars, the provider ${meterMicroUsd}`);
  else say(`  the ledger agreed with the provider after ${Math.round(waitedMs)} ms`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
