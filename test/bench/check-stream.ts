/** What became of one stream of numbered tokens (`t0 t1 t2 …`). */
export interface StreamVerdict {
  readonly tokens: number;
  /** Tokens that were not the next one. */
  readonly outOfOrder: number;
  readonly finishReason: string | undefined;
  readonly done: boolean;
  /** In-band error event. */
  readonly error: string | undefined;
}

export interface StreamCheck {
  push(bytes: Buffer): void;
  verdict(): StreamVerdict;
}

interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null }; readonly finish_reason?: string | null }[];
  readonly error?: { readonly message?: string };
}

/** Reads server-sent events in pieces cut anywhere. */
export function createStreamCheck(): StreamCheck {
  const decoder = new TextDecoder();
  let unread = '';
  let tokens = 0;
  let outOfOrder = 0;
  let finishReason: string | undefined;
  let done = false;
  let error: string | undefined;

  function event(data: string): void {
    if (data === '[DONE]') {
      done = true;
      return;
    }
    const chunk = JSON.parse(data) as Chunk;
    error ??= chunk.error?.message;
    const choice = chunk.choices?.[0];
    finishReason ??= choice?.finish_reason ?? undefined;
    for (const token of (choice?.delta?.content ?? '').split(' ')) if (token !== '') count(token);
  }

  function count(token: string): void {
    if (done || finishReason !== undefined || token !== `t${tokens}`) outOfOrder += 1;
    tokens += 1;
  }

  return {
    push: (bytes) => {
      const events = (unread + decoder.decode(bytes, { stream: true })).split('\n\n');
      unread = events.pop() ?? '';
      for (const one of events) if (one.startsWith('data: ')) event(one.slice(6));
    },
    verdict: () => ({ tokens, outOfOrder, finishReason, done, error }),
  };
}

/** Why a stream is not what it should be; undefined when it is. */
export function faultOf(verdict: StreamVerdict, expectedTokens: number): string | undefined {
  if (verdict.error !== undefined) return `error event: ${verdict.error}`;
  if (verdict.outOfOrder > 0) return `${verdict.outOfOrder} tokens out of order`;
  if (verdict.tokens !== expectedTokens) return `${verdict.tokens} of ${expectedTokens} tokens`;
  if (verdict.finishReason !== 'stop') return `finish reason ${verdict.finishReason}`;
  return verdict.done ? undefined : 'no [DONE]';
}
