import { parseRecord, stringAt } from '../json/record.ts';
import type { AnthropicHosting } from '../anthropic-messages/hosting.ts';
import { ERROR_LABELS } from '../anthropic-messages/map-error.ts';
import { createAwsErrorMapper } from '../aws-event-stream/map-aws-error.ts';
import { createAwsEventStreamSplitter, encodeEvent } from '../aws-event-stream/split-frames.ts';
import type { EventSplitter } from '../sse/split-events.ts';
import { isAcceptedBeta } from './accepted-betas.ts';

/**
 * Claude by Bedrock's InvokeModel: model and streaming are in the address, version and betas in the body
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html).
 */
export const BEDROCK_INVOKE_HOSTING: AnthropicHosting = {
  path: ({ model, stream }) => `/model/${encodeURIComponent(model)}/${stream ? 'invoke-with-response-stream' : 'invoke'}`,
  addressed: ['model', 'stream'],
  bodyVersion: 'bedrock-2023-05-31',
  betasIn: 'body',
  takesBeta: isAcceptedBeta,
  openFraming: openInvokeFraming,
  mapError: createAwsErrorMapper(ERROR_LABELS),
  takesMediaUrls: false,
};

/** Each frame holds one of Anthropic's events, as base64 in `{"bytes": …}`. */
function openInvokeFraming(): EventSplitter {
  return createAwsEventStreamSplitter({ eventsOf: (frame) => eventsOf(frame.payload) });
}

function eventsOf(payload: Buffer): Buffer[] {
  const frame = parseRecord(payload.toString()) ?? {};
  const encoded = stringAt(frame, 'bytes');
  if (encoded !== undefined) {
    const json = Buffer.from(encoded, 'base64');
    return [encodeEvent(typeOf(json), json)];
  }
  // simulators of Bedrock leave the wrapping out
  const type = stringAt(frame, 'type');
  return type === undefined ? [] : [encodeEvent(type, payload)];
}

/** Every event of Anthropic's begins with its type. */
const TYPE_FIRST = /^\s*\{\s*"type"\s*:\s*"([a-z_]+)"/;

function typeOf(json: Buffer): string {
  return TYPE_FIRST.exec(json.toString('latin1', 0, 100))?.[1] ?? stringAt(parseRecord(json.toString()) ?? {}, 'type') ?? 'message';
}
