import type { ProcessUsage } from './process-usage.ts';
import type { Target } from './target.ts';
import { table } from './table.ts';

export interface ResourceLog {
  /** Takes the last sample; a Markdown table of what each process held and used. */
  finish(): Promise<string>;
}

interface Sample {
  readonly atMs: number;
  readonly usage: readonly ProcessUsage[];
}

/** Samples the target's processes from now on. */
export async function startResourceLog(target: Target, { everyMs }: { readonly everyMs: number }): Promise<ResourceLog> {
  const samples: Sample[] = [await takeSample(target)];
  const timer = setInterval(() => void takeSample(target).then((sample) => samples.push(sample)), everyMs);
  return {
    finish: async () => {
      clearInterval(timer);
      samples.push(await takeSample(target));
      return renderSamples(samples);
    },
  };
}

async function takeSample(target: Target): Promise<Sample> {
  return { usage: await target.usage(), atMs: performance.now() };
}

function renderSamples(samples: readonly Sample[]): string {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return '';
  const seconds = (last.atMs - first.atMs) / 1_000;
  const rows = last.usage.map(({ name }) => {
    const all = samples.flatMap(({ usage }) => usage.filter((process) => process.name === name));
    const rss = all.map((process) => process.rssMb);
    const cpuSeconds = ((all.at(-1)?.cpuMs ?? 0) - (all[0]?.cpuMs ?? 0)) / 1_000;
    const figures = [rss[0] ?? 0, rss.at(-1) ?? 0, Math.max(...rss)].map((mb) => mb.toFixed(0));
    return [name, ...figures, cpuSeconds.toFixed(1), `${((cpuSeconds / seconds) * 100).toFixed(0)} %`];
  });
  return table(['process', 'RSS MB first', 'last', 'max', 'CPU s', 'of a core'], rows);
}
