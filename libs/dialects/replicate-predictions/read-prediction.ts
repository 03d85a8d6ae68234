import { GatewayError, NO_USAGE, type TokenUsage } from '#contracts';
import { countAt, parseRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { mapFailure } from './map-error.ts';

export interface Prediction {
  readonly id: string | undefined;
  readonly isFinished: boolean;
  /** All text so far. */
  readonly text: string;
  /** Of models that count tokens, once they are finished. */
  readonly usage: TokenUsage | undefined;
}

/** Statuses that are an end without an answer; `succeeded` is the only other end. */
const FAILED: ReadonlySet<unknown> = new Set(['failed', 'canceled', 'aborted']);

/** A prediction in any of its states. Throws `GatewayError`: `upstream_invalid_response`, or the failure it ended with. */
export function readPrediction(json: string): Prediction {
  const prediction = parseRecord(json);
  if (prediction === undefined || typeof prediction['status'] !== 'string') {
    throw new GatewayError('upstream_invalid_response', "The provider sent an answer without 'status'.");
  }
  if (FAILED.has(prediction['status'])) throw mapFailure(prediction);
  return {
    id: stringAt(prediction, 'id'),
    isFinished: prediction['status'] === 'succeeded',
    text: textOf(prediction['output']),
    usage: mapUsage(recordAt(prediction, 'metrics')),
  };
}

/** Pieces in a list, which grows while the model writes, or one text. */
function textOf(output: unknown): string {
  if (typeof output === 'string') return output;
  if (Array.isArray(output)) return output.map((piece: unknown) => (typeof piece === 'string' ? piece : JSON.stringify(piece))).join('');
  return output === undefined || output === null ? '' : JSON.stringify(output);
}

function mapUsage(metrics: JsonRecord | undefined): TokenUsage | undefined {
  if (metrics?.['input_token_count'] === undefined && metrics?.['output_token_count'] === undefined) return undefined;
  return { ...NO_USAGE, inputTokens: countAt(metrics, 'input_token_count'), outputTokens: countAt(metrics, 'output_token_count') };
}
