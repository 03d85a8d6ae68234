import type { GatewayError } from '#contracts';
import { createAwsErrorMapper } from '../aws-event-stream/map-aws-error.ts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { parseRecord, stringAt, textOf } from '../json/record.ts';
import { mapError as mapContainerError, OPENAI_ERROR_LABELS } from '../openai-chat/map-error.ts';

const mapAwsError = createAwsErrorMapper(OPENAI_ERROR_LABELS);

/** SageMaker's own errors, and those of the container, which come as `ModelError` with the container's status and words. */
export function mapError(answer: UpstreamAnswer): GatewayError {
  const body = parseRecord(textOf(answer.body)) ?? {};
  const status = body['OriginalStatusCode'];
  const words = stringAt(body, 'OriginalMessage');
  if (typeof status !== 'number' || words === undefined) return mapAwsError(answer);
  return mapContainerError({ ...answer, status, body: Buffer.from(words) });
}
