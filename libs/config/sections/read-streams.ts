import { STREAM_FAILURE_POLICIES, type StreamFailurePolicy } from '#contracts';
import type { Deployment } from '../settings/deployment.ts';
import type { StreamSettings, StreamTimeouts } from '../settings/stream-settings.ts';
import { closestKey } from '../keys/closest-key.ts';
import { STREAMS_KEYS, TIMEOUTS_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber, readSecondsAsMs, readText } from '../values.ts';
import { readSection } from './read-section.ts';

const MEGABYTE = 1024 * 1024;

export const DEFAULT_STREAMS: StreamSettings = {
  onFailure: 'error',
  holdBackMs: 300,
  keepAliveMs: 10_000,
  bufferBytes: 8 * MEGABYTE,
  timeouts: {},
};

/** Reads `headrace.streams` and `headrace.timeouts`. */
export function readStreams(streams: SourceNode | undefined, timeouts: SourceNode | undefined, reading: Reading): StreamSettings {
  const fields = streams === undefined ? new Map<string, SourceNode>() : readSection([streams], STREAMS_KEYS, reading);
  const megabytes = readNumber(fields.get('buffer_mb'), { min: 0.001, unit: 'megabytes' }, reading);
  return {
    onFailure: readStreamFailurePolicy(fields.get('on_failure'), reading) ?? DEFAULT_STREAMS.onFailure,
    holdBackMs: readNumber(fields.get('hold_back_ms'), { min: 0, unit: 'milliseconds' }, reading) ?? DEFAULT_STREAMS.holdBackMs,
    keepAliveMs: readSecondsAsMs(fields.get('keep_alive_s'), reading) ?? DEFAULT_STREAMS.keepAliveMs,
    bufferBytes: megabytes === undefined ? DEFAULT_STREAMS.bufferBytes : Math.round(megabytes * MEGABYTE),
    timeouts: readTimeouts(timeouts, reading),
  };
}

function readTimeouts(node: SourceNode | undefined, reading: Reading): StreamTimeouts {
  if (node === undefined) return {};
  const fields = readSection([node], TIMEOUTS_KEYS, reading);
  const ms = (key: string): number | undefined => readNumber(fields.get(key), { min: 1, unit: 'milliseconds' }, reading);
  return { firstTokenMs: ms('first_token_ms'), interChunkMs: ms('inter_chunk_ms'), totalMs: ms('total_ms') };
}

export function readStreamFailurePolicy(node: SourceNode | undefined, reading: Reading): StreamFailurePolicy | undefined {
  const text = readText(node, reading);
  if (node === undefined || text === undefined) return undefined;
  const found = STREAM_FAILURE_POLICIES.find((policy) => policy === text);
  if (found === undefined) {
    const near = closestKey(text, STREAM_FAILURE_POLICIES);
    reading.problem(node, `there is no way to deal with failed streams called "${text}"`, {
      suggestion: near === undefined ? `choose one of ${STREAM_FAILURE_POLICIES.join(', ')}` : `did you mean "${near}"?`,
    });
  }
  return found;
}

/** The limits of a deployment's streams: its own (`model_info`), else those of the configuration. */
export function streamTimeoutsOf({ modelInfo }: Pick<Deployment, 'modelInfo'>, settings: StreamSettings): StreamTimeouts {
  const own = (key: string): number | undefined => {
    const value = modelInfo[key];
    return typeof value === 'number' && value > 0 ? value : undefined;
  };
  const { timeouts } = settings;
  return {
    firstTokenMs: own('first_token_ms') ?? timeouts.firstTokenMs,
    interChunkMs: own('inter_chunk_ms') ?? timeouts.interChunkMs,
    totalMs: own('total_ms') ?? timeouts.totalMs,
  };
}
