import { randomUUID } from 'node:crypto';
import type { AttemptEvent } from '#contracts';

/** A successful attempt that cost $0.00001275, with what a test cares about changed. */
export function attemptEvent(change: Partial<AttemptEvent> = {}): AttemptEvent {
  return {
    v: 1,
    job: randomUUID(),
    attempt: 1,
    delivery: 1,
    verdict: 'done',
    status: 'success',
    by: { keyHash: 'a'.repeat(64) },
    lane: 'live',
    tier: 'standard',
    stream: false,
    route: '/v1/chat/completions',
    requestedModel: 'agent-planner',
    modelGroup: 'agent-planner',
    deploymentId: 'deployment-1',
    provider: 'sandbox',
    model: 'echo',
    usage: {
      inputTokens: 40,
      cacheReadTokens: 10,
      cacheWriteTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 7,
      reasoningTokens: 2,
      inputAudioTokens: 0,
      outputAudioTokens: 0,
      estimated: false,
    },
    cost: { inputUsd: '0.000006', cacheReadUsd: '0.00000255', cacheWriteUsd: '0', outputUsd: '0.0000042', totalUsd: '0.00001275' },
    priceSource: 'config',
    acceptedAt: Date.UTC(2025, 5, 1, 12, 0, 0, 123),
    startedAt: Date.UTC(2025, 5, 1, 12, 0, 0, 223),
    endedAt: Date.UTC(2025, 5, 1, 12, 0, 1),
    ...change,
  };
}
