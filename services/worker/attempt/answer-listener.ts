import { asGatewayError, GatewayError, type TokenUsage } from '#contracts';
import type { DecodedAnswer } from '#dialects';
import type { UpstreamListener } from '#upstream';
import { createByteCollector } from './byte-collector.ts';
import { failedOutcome, isCancel, type ListenerInput } from './listener-input.ts';

/** Collects an answer that comes in one piece and decodes it. */
export function createAnswerListener(input: ListenerInput): UpstreamListener {
  const collected = createByteCollector();
  let status = 0;
  let headers: Readonly<Record<string, string>> = {};

  let usage: TokenUsage | undefined;

  const fail = (error: GatewayError): void => {
    // once the provider has said 200 it has done the work, whatever became of the answer
    const unstatedText = usage !== undefined ? undefined : status >= 200 && status < 300 ? '' : cancelledText(error);
    input.settle(
      failedOutcome(input, error, { usage, unstatedText, upstreamHeaders: headers, upstreamStatus: status || error.upstreamStatus }),
    );
  };

  const failWith = (error: unknown): void => fail(asGatewayError(error));

  const succeed = (answer: DecodedAnswer, body: Uint8Array): void => {
    const endedAt = input.now();
    input.settle({
      status: 'success',
      error: undefined,
      relayed: false,
      usage: answer.usage,
      unstatedText: answer.usage ? undefined : Buffer.from(answer.body).toString(),
      finishReason: answer.finishReason,
      answerStatus: 200,
      body,
      startedAt: input.startedAt,
      firstTokenAt: endedAt,
      endedAt,
      upstreamStatus: status,
      upstreamHeaders: headers,
    });
  };

  return {
    head(answerStatus, answerHeaders) {
      status = answerStatus;
      headers = answerHeaders;
    },
    data(chunk) {
      if (!collected.add(chunk)) input.abort(new GatewayError('upstream_invalid_response', 'The provider’s answer is too large.'));
    },
    end() {
      const body = collected.bytes();
      if (status < 200 || status >= 300) {
        const error = input.exchange.decodeError(status, headers, body);
        return input.settle(failedOutcome(input, error, { upstreamHeaders: headers, upstreamStatus: status }));
      }
      try {
        const answer = input.exchange.decodeAnswer(body, headers);
        usage = answer.usage;
        const checked = input.answerGuard?.check(answer.body) ?? answer.body;
        if (checked instanceof Promise) void checked.then((passed) => succeed(answer, passed), failWith);
        else succeed(answer, checked);
      } catch (error) {
        failWith(error);
      }
    },
    error: fail,
  };
}

/** A cancelled call was accepted by the provider as far as we know: its input is billed, no output was seen. */
function cancelledText(error: GatewayError): string | undefined {
  return isCancel(error) ? '' : undefined;
}
