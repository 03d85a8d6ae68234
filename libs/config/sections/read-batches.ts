import { BATCHES_KEYS, BATCHES_S3_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { BatchSettings, S3Settings } from '../settings/batch-settings.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber, readSecret, readText } from '../values.ts';
import { readSection } from './read-section.ts';

const DAY_MS = 86_400_000;
const MEGABYTE = 1024 ** 2;

/** OpenAI's limits: 50,000 requests and 200 MB. Anthropic keeps results for 29 days, OpenAI for 30. */
export const DEFAULT_BATCHES: BatchSettings = {
  maxRequests: 50_000,
  maxFileBytes: 200 * MEGABYTE,
  inFlight: 2_000,
  outputTtlMs: 30 * DAY_MS,
};

/** Reads `headrace.batches`: how large files and batches may be, and where files are kept. */
export function readBatches(node: SourceNode | undefined, reading: Reading): BatchSettings {
  if (node === undefined) return DEFAULT_BATCHES;
  const fields = readSection([node], BATCHES_KEYS, reading);
  const count = (key: string, unit: string) => readNumber(fields.get(key), { min: 1, integer: true, unit }, reading);
  const megabytes = readNumber(fields.get('max_file_mb'), { min: 0.001, unit: 'megabytes' }, reading);
  const days = readNumber(fields.get('output_ttl_days'), { min: 0.01, unit: 'days' }, reading);
  return {
    maxRequests: count('max_requests', 'requests') ?? DEFAULT_BATCHES.maxRequests,
    maxFileBytes: megabytes === undefined ? DEFAULT_BATCHES.maxFileBytes : Math.round(megabytes * MEGABYTE),
    inFlight: count('in_flight', 'requests') ?? DEFAULT_BATCHES.inFlight,
    outputTtlMs: days === undefined ? DEFAULT_BATCHES.outputTtlMs : Math.round(days * DAY_MS),
    s3: readS3(fields.get('s3'), reading),
  };
}

function readS3(node: SourceNode | undefined, reading: Reading): S3Settings | undefined {
  if (node === undefined || node.kind === 'null') return undefined;
  const fields = readSection([node], BATCHES_S3_KEYS, reading);
  const bucket = readText(fields.get('bucket'), reading);
  const accessKeyId = readSecret(fields.get('access_key_id'), 'the files of batches', reading);
  const secretAccessKey = readSecret(fields.get('secret_access_key'), 'the files of batches', reading);
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    reading.problem(node, 'needs bucket, access_key_id and secret_access_key', { hideValue: true });
    return undefined;
  }
  return {
    bucket,
    accessKeyId,
    secretAccessKey,
    region: readText(fields.get('region'), reading) ?? 'us-east-1',
    endpoint: readText(fields.get('endpoint'), reading),
    prefix: readText(fields.get('prefix'), reading) ?? '',
  };
}
