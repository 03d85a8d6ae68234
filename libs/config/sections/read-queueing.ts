import { LANES, type Lane } from '#contracts';
import type { QueueSettings } from '../settings/queue-settings.ts';
import { LANES_KEYS, POOL_KEYS, QUEUE_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readSecondsAsMs } from '../values.ts';
import { type Fields, readEntries, readSection } from './read-section.ts';

export const DEFAULT_QUEUEING: QueueSettings = {
  concurrency: {},
  laneWeights: { live: 8, background: 1, batch: 1 },
  liveReserve: 0.1,
  bulkAfter: 64,
  waitingCommentMs: 10_000,
  refuseHopeless: true,
  limitWindowMs: 60_000,
};

export interface QueueingNodes {
  readonly pools: SourceNode | undefined;
  readonly lanes: SourceNode | undefined;
  readonly queue: SourceNode | undefined;
}

/** Reads `headrace.pools`, `headrace.lanes` and `headrace.queue`: how jobs wait for their providers. */
export function readQueueing(nodes: QueueingNodes, reading: Reading): QueueSettings {
  const lanes = nodes.lanes === undefined ? new Map<string, SourceNode>() : readSection([nodes.lanes], LANES_KEYS, reading);
  const queue = nodes.queue === undefined ? new Map<string, SourceNode>() : readSection([nodes.queue], QUEUE_KEYS, reading);
  const commentMs = readSecondsAsMs(queue.get('waiting_comment_s'), reading);
  const reserve = readNumber(lanes.get('live_reserve'), { min: 0, unit: 'shares of the slots' }, reading);
  return {
    concurrency: readConcurrency(nodes.pools, reading),
    laneWeights: readWeights(lanes, reading),
    liveReserve: Math.min(1, reserve ?? DEFAULT_QUEUEING.liveReserve),
    bulkAfter:
      readNumber(lanes.get('bulk_after'), { min: 1, integer: true, unit: 'waiting jobs of a key' }, reading) ?? DEFAULT_QUEUEING.bulkAfter,
    waitingCommentMs: commentMs === 0 ? undefined : (commentMs ?? DEFAULT_QUEUEING.waitingCommentMs),
    refuseHopeless: readBoolean(queue.get('refuse_hopeless'), reading) ?? DEFAULT_QUEUEING.refuseHopeless,
    limitWindowMs: windowMs(queue.get('limit_window_s'), reading),
  };
}

/** A window much shorter than the way to a provider could not be kept to. */
function windowMs(node: SourceNode | undefined, reading: Reading): number {
  const seconds = readNumber(node, { min: 1, unit: 'seconds' }, reading);
  return seconds === undefined ? DEFAULT_QUEUEING.limitWindowMs : Math.round(seconds * 1_000);
}

function readWeights(lanes: Fields, reading: Reading): Readonly<Record<Lane, number>> {
  const weights: Record<Lane, number> = { ...DEFAULT_QUEUEING.laneWeights };
  for (const lane of LANES) {
    weights[lane] = readNumber(lanes.get(lane), { min: 0.01, unit: 'shares of the capacity' }, reading) ?? weights[lane];
  }
  return weights;
}

function readConcurrency(pools: SourceNode | undefined, reading: Reading): QueueSettings['concurrency'] {
  const concurrency: Record<string, number | 'auto'> = {};
  for (const { key, value } of pools === undefined ? [] : readEntries(pools, reading)) {
    const node = readSection([value], POOL_KEYS, reading).get('concurrency');
    if (node?.kind === 'text' && node.text === 'auto') concurrency[key] = 'auto';
    else {
      const slots = readNumber(node, { min: 1, integer: true, unit: 'jobs at a time, or auto' }, reading);
      if (slots !== undefined) concurrency[key] = slots;
    }
  }
  return concurrency;
}
