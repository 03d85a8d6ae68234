import { asGatewayError, FRAME, GatewayError } from '#contracts';
import type { StreamStep } from '#dialects';
import type { UpstreamListener } from '#upstream';
import type { AttemptOutcome } from './attempt-outcome.ts';
import { createByteCollector } from './byte-collector.ts';
import { failedOutcome, type ListenerInput } from './listener-input.ts';

/**
 * Relays a provider's stream, event by event, as it comes.
 *
 * waiting ──2xx event stream──▶ held ──first content──▶ relaying ──end marker──▶ settled
 *    │ other answers                │ failure: no event has     │ failure: the client has text, so it gets
 *    ▼                              ▼ left, another attempt     ▼ an error event in the stream
 * collecting ──end──▶ settled         can take over
 *
 * Holding events back until the first content lets early failures (an error event right after the 200, an overloaded
 * model) move to another deployment without the client seeing anything. Status and headers go out after 300 ms at the
 * latest: clients and proxies in between may be waiting for them.
 */
const HEAD_AFTER_MS = 300;
const ERROR_BODY_BYTES = 256 * 1024;

export function createStreamListener(input: ListenerInput): UpstreamListener {
  const decoder = input.exchange.openStream();
  const collected = createByteCollector(ERROR_BODY_BYTES);
  const held: Uint8Array[] = [];
  let status = 0;
  let headers: Readonly<Record<string, string>> = {};
  let isStream = false;
  let headSent = false;
  let relaying = false;
  let settled = false;
  let firstTokenAt: number | undefined;
  let holdBack: NodeJS.Timeout | undefined;

  /** An exchange that relays the provider's type (speech) has a decoder for whatever comes. */
  const isStreamType = (contentType: string): boolean => input.exchange.relaysContentType === true || mayBeEventStream(contentType);

  const sendHead = (): void => {
    clearTimeout(holdBack);
    if (!headSent && !settled) input.sender.send({ kind: FRAME.head, meta: input.buildHead(200, headers) });
    headSent = true;
  };

  const relay = (): void => {
    if (relaying || settled) return;
    relaying = true;
    sendHead();
    if (held.length > 0) input.sender.send({ kind: FRAME.data, body: Buffer.concat(held) });
    held.length = 0;
  };

  const known = (): Partial<AttemptOutcome> => ({
    relayed: relaying,
    usage: decoder.usage,
    finishReason: decoder.finishReason,
    unstatedText: decoder.usage || !isStream ? undefined : decoder.producedText,
    firstTokenAt,
    upstreamStatus: status || undefined,
    upstreamHeaders: headers,
  });

  const settle = (outcome: AttemptOutcome): void => {
    if (settled) return;
    settled = true;
    clearTimeout(holdBack);
    input.settle(outcome);
  };

  const succeed = (body: Uint8Array | undefined): void => {
    relay();
    settle({ ...failedOutcome(input, NO_ERROR, known()), status: 'success', error: undefined, body });
  };

  const fail = (error: GatewayError): void => settle(failedOutcome(input, error, known()));

  const take = (step: StreamStep): void => {
    if (step.hasContent && firstTokenAt === undefined) firstTokenAt = input.now();
    if (step.hasContent) relay();
    if (step.done) return succeed(step.bytes);
    if (step.bytes && relaying) input.sender.send({ kind: FRAME.data, body: step.bytes });
    else if (step.bytes) held.push(step.bytes);
    if (step.error) {
      fail(step.error);
      input.abort(step.error);
    } else if (input.sender.full) input.pause();
  };

  return {
    head(answerStatus, answerHeaders) {
      status = answerStatus;
      headers = answerHeaders;
      isStream = status >= 200 && status < 300 && isStreamType(headers['content-type'] ?? '');
      if (isStream) holdBack = setTimeout(sendHead, HEAD_AFTER_MS);
    },
    data(chunk) {
      if (settled) return;
      if (isStream) take(decoder.push(chunk));
      else collected.add(chunk);
    },
    end() {
      if (settled) return;
      if (isStream) take(decoder.end());
      else fail(notAStream(input, status, headers, collected.bytes()));
    },
    error: fail,
  };
}

/** Some servers label their event streams text/plain or not at all; the decoder refuses what is none. */
function mayBeEventStream(contentType: string): boolean {
  return !/json|html|xml/i.test(contentType);
}

const NO_ERROR = new GatewayError('internal_error', '');

/** An error status, or a 200 that is no stream: an error object, a web page of some proxy in between. */
function notAStream(input: ListenerInput, status: number, headers: Readonly<Record<string, string>>, body: Uint8Array): GatewayError {
  if (status < 200 || status >= 300) return input.exchange.decodeError(status, headers, body);
  try {
    input.exchange.decodeAnswer(body);
  } catch (error) {
    return asGatewayError(error);
  }
  return new GatewayError('upstream_invalid_response', 'The provider answered a stream request without a stream.', {
    upstreamStatus: status,
  });
}
