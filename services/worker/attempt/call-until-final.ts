import { GatewayError } from '#contracts';
import type { Exchange, FollowUp } from '#dialects';
import type { Upstream, UpstreamCall, UpstreamListener, UpstreamRequest } from '#upstream';
import { createByteCollector } from './byte-collector.ts';

interface Asked {
  readonly exchange: Pick<Exchange, 'path' | 'followUp'>;
  readonly request: UpstreamRequest;
}

interface Way {
  readonly upstream: Pick<Upstream, 'call'>;
  readonly isStream: boolean;
}

const LINE_ENDS = /[\r\n]+/g;

/**
 * One call, or as many as the exchange asks for until an answer is final (`Exchange.followUp`). The listener sees one answer: the final
 * one, or in a stream an event stream with every one of them as a line. Nothing bounds the number of calls but the request's deadline,
 * which aborts this one as it does any other call.
 */
export function callUntilFinal({ exchange, request }: Asked, { upstream, isStream }: Way, listener: UpstreamListener): UpstreamCall {
  const { followUp } = exchange;
  if (followUp === undefined) return upstream.call(request, listener);
  let current: UpstreamCall | undefined;
  let timer: NodeJS.Timeout | undefined;
  let aborted: GatewayError | undefined;
  let headSent = false;

  const head: UpstreamListener['head'] = (status, headers) => {
    if (!headSent) listener.head(status, headers);
    headSent = true;
  };

  const give = (status: number, headers: Readonly<Record<string, string>>, body: Uint8Array, isFinal: boolean): void => {
    const isLine = isStream && status < 300;
    if (isLine) {
      head(200, { ...headers, 'content-type': 'text/event-stream' });
      // line ends stand between the tokens of a document, never in them
      listener.data(Buffer.from(`${Buffer.from(body).toString().replaceAll(LINE_ENDS, ' ')}\n`));
    } else if (headSent) {
      // the answer is under way already: a status of its own can't be told any more
      return listener.error(new GatewayError('upstream_error', `The provider answered ${status} while its answer was read.`));
    } else if (isFinal) {
      head(status, headers);
      listener.data(body);
    }
    if (isFinal) listener.end();
  };

  const ask = (asked: UpstreamRequest): void => {
    timer = undefined;
    const collected = createByteCollector();
    let status = 0;
    let headers: Readonly<Record<string, string>> = {};
    current = upstream.call(asked, {
      head: (answerStatus, answerHeaders) => {
        status = answerStatus;
        headers = answerHeaders;
      },
      data: (chunk) => {
        if (!collected.add(chunk)) current?.abort(new GatewayError('upstream_invalid_response', 'The provider’s answer is too large.'));
      },
      end: () => {
        const body = collected.bytes();
        const next = status < 300 ? followUp(body) : undefined;
        give(status, headers, body, next === undefined);
        if (next === undefined || aborted) return;
        timer = setTimeout(() => ask(readingRequest(request, exchange.path, next)), next.delayMs);
      },
      error: (error) => listener.error(error),
    });
  };

  ask(request);
  return {
    abort(reason) {
      if (aborted) return;
      aborted = reason;
      if (timer === undefined) return current?.abort(reason);
      clearTimeout(timer);
      listener.error(reason);
    },
    pause: () => current?.pause(),
    resume: () => current?.resume(),
  };
}

/** The same host, the same base and the same key; what described the first request's body is left out. */
function readingRequest(first: UpstreamRequest, dialectPath: string, { path }: FollowUp): UpstreamRequest {
  const { 'content-type': _type, 'content-length': _length, ...headers } = first.headers;
  const at = first.path.lastIndexOf(dialectPath);
  const after = first.path.slice(at + dialectPath.length);
  return {
    ...first,
    method: 'GET',
    path: first.path.slice(0, Math.max(0, at)) + path + after,
    headers,
    body: new Uint8Array(0),
    openBody: undefined,
  };
}
