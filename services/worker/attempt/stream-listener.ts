import { DEFAULT_STREAMS } from '#config';
import { asGatewayError, GatewayError, NO_USAGE } from '#contracts';
import type { StreamStep } from '#dialects';
import type { UpstreamListener } from '#upstream';
import type { AttemptOutcome } from './attempt-outcome.ts';
import { createByteCollector } from './byte-collector.ts';
import { failedOutcome, type ListenerInput } from './listener-input.ts';
import { createStreamOutlet } from './stream-recovery/stream-outlet.ts';
import type { Recovery } from './stream-recovery/stream-policy.ts';
import { createStreamTimers } from './stream-recovery/stream-timers.ts';

/**
 * Relays a provider's stream, event by event, as it comes.
 *
 * waiting ──2xx event stream──▶ held ──first content──▶ relaying ──end marker──▶ settled
 *    │ other answers                │ failure: no event has     │ failure: the client has text, so it gets an error event
 *    ▼                              ▼ left, another attempt     ▼ in the stream, unless another attempt may go on with it
 * collecting ──end──▶ settled         can take over               or begin anew (`stream-recovery`)
 *
 * Holding events back until the first content lets early failures (an error event right after the 200, an overloaded
 * model) move to another deployment without the client seeing anything. Status and headers go out after 300 ms (`hold_back_ms`) at
 * the latest: clients and proxies in between may be waiting for them. A stream that is to be buffered is held until it is whole.
 */
const ERROR_BODY_BYTES = 256 * 1024;
const NOTHING = new Uint8Array(0);
const NO_POLICY = { onFailure: 'error', sent: undefined, settings: DEFAULT_STREAMS } as const;

export function createStreamListener(input: ListenerInput): UpstreamListener {
  const { onFailure, sent, settings } = input.policy ?? NO_POLICY;
  const decoder = input.exchange.openStream();
  const collected = createByteCollector(ERROR_BODY_BYTES);
  const outlet = createStreamOutlet({ sender: input.sender, sent, holdBackMs: settings.holdBackMs });
  let status = 0;
  let headers: Readonly<Record<string, string>> = {};
  let isStream = false;
  let settled = false;
  /** Whole, and being judged: nothing that comes belongs to it. */
  let ended = false;
  let firstTokenAt: number | undefined;

  const recovery = (): Recovery | undefined => {
    if (onFailure === 'restart') return { kind: 'restart' };
    const answer = onFailure === 'continue' ? outlet.sent.answer(sent?.spent ?? NO_USAGE) : undefined;
    return answer && { kind: 'continue', sent: answer };
  };

  const known = (): Partial<AttemptOutcome> => ({
    relayed: outlet.released(),
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
    outlet.close();
    timers.stop();
    input.guard?.close();
    input.settle(outcome);
  };

  /** What must see the whole of an answer has it now, and nothing of it has left. */
  const succeed = (body: Uint8Array | undefined): void => {
    ended = true;
    try {
      if (input.answerGuard?.needsWhole !== true || outlet.released()) return release(body);
      const checked = input.answerGuard.checkHeld(Buffer.concat([outlet.takeHeld(), body ?? NOTHING]));
      if (!(checked instanceof Promise)) return release(checked);
      timers.stop();
      void checked.then(release, (error: unknown) => fail(asGatewayError(error)));
    } catch (error) {
      fail(asGatewayError(error));
    }
  };

  const release = (body: Uint8Array | undefined): void => {
    outlet.release();
    settle({ ...failedOutcome(input, NO_ERROR, known()), status: 'success', error: undefined, body });
  };

  const fail = (error: GatewayError): void => {
    settle(failedOutcome(input, error, { ...known(), recovery: outlet.released() || sent !== undefined ? recovery() : undefined }));
  };

  const failAndAbort = (error: GatewayError): void => {
    fail(error);
    input.abort(error);
  };

  const limits = input.timeouts ?? settings.timeouts;
  const timers = createStreamTimers({ limits, waiting: () => input.sender.full, onTimeout: failAndAbort });

  const take = (step: StreamStep, chunk: Uint8Array): void => {
    if (step.hasContent && firstTokenAt === undefined) firstTokenAt = input.now();
    if (step.hasContent && step.bytes) timers.progress();
    const rejected = step.error || outlet.released() || sent ? undefined : input.judge?.fault(decoder, step.done);
    if (rejected) return failAndAbort(rejected);
    if (step.hasContent && onFailure !== 'buffer' && (input.judge?.isContent(decoder) ?? true)) outlet.release();
    if (step.done) return succeed(step.bytes);
    outlet.take(step);
    // what is held for the judge alone may leave unjudged
    if (outlet.heldBytes() > settings.bufferBytes && onFailure !== 'buffer') outlet.release();
    else if (outlet.heldBytes() > settings.bufferBytes) failAndAbort(tooLarge(settings.bufferBytes));
    const error = step.error ?? (settled ? undefined : input.guard?.check(chunk, decoder));
    if (error) failAndAbort(error);
    else if (input.sender.full) input.pause();
  };

  return {
    head(answerStatus, answerHeaders) {
      status = answerStatus;
      headers = answerHeaders;
      isStream = status >= 200 && status < 300 && isStreamType(headers['content-type'] ?? '', input);
      if (isStream) outlet.arm(() => input.buildHead(200, headers));
    },
    data(chunk) {
      if (settled || ended) return;
      if (isStream) take(decoder.push(chunk), chunk);
      else collected.add(chunk);
    },
    end() {
      if (settled || ended) return;
      if (isStream) take(decoder.end(), NOTHING);
      else fail(notAStream(input, status, headers, collected.bytes()));
    },
    error: fail,
  };
}

function tooLarge(limitBytes: number): GatewayError {
  return new GatewayError('upstream_invalid_response', `The answer is larger than a buffered stream may be (${limitBytes} bytes).`, {
    retry: 'never',
  });
}

/** An exchange that relays the provider's type (speech) has a decoder for whatever comes. */
function isStreamType(contentType: string, { exchange }: Pick<ListenerInput, 'exchange'>): boolean {
  return exchange.relaysContentType === true || mayBeEventStream(contentType);
}

/** Some servers label their streams text/plain or not at all; the decoder refuses what is none. Lines of JSON (Ollama's x-ndjson) are a stream. */
function mayBeEventStream(contentType: string): boolean {
  return !/\bjson\b|html|xml/i.test(contentType);
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
