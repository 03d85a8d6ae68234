import type { JobsSettings } from '../settings/kept-answers.ts';
import { JOBS_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber } from '../values.ts';
import { readSection } from './read-section.ts';

const DAY_MS = 86_400_000;
const GIGABYTE = 1024 ** 3;

export const DEFAULT_JOBS: JobsSettings = { ttlMs: 7 * DAY_MS, maxBytes: 8 * GIGABYTE, resumable: false };

/** Reads `headrace.jobs`: for how long and in how much space the answers of background and batch jobs are kept. */
export function readJobs(node: SourceNode | undefined, reading: Reading): JobsSettings {
  if (node === undefined) return DEFAULT_JOBS;
  const fields = readSection([node], JOBS_KEYS, reading);
  // a job's answer must outlive its job, and the batches that collect it
  const days = readNumber(fields.get('ttl_days'), { min: 0.05, unit: 'days' }, reading);
  const gigabytes = readNumber(fields.get('max_gb'), { min: 0.01, unit: 'gigabytes' }, reading);
  return {
    ttlMs: days === undefined ? DEFAULT_JOBS.ttlMs : Math.round(days * DAY_MS),
    maxBytes: gigabytes === undefined ? DEFAULT_JOBS.maxBytes : Math.round(gigabytes * GIGABYTE),
    resumable: readBoolean(fields.get('resumable'), reading) ?? DEFAULT_JOBS.resumable,
  };
}
