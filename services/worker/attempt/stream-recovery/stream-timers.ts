import type { StreamTimeouts } from '#config';
import { GatewayError } from '#contracts';

/** The limits of one stream, each with words of its own. Without limits there are no timers. */
export interface StreamTimers {
  /** Content has come. */
  progress(): void;
  stop(): void;
}

export interface StreamTimersOptions {
  readonly limits: StreamTimeouts;
  /** True while the stream is not read because its client is slow: silence is no stall then. */
  readonly waiting: () => boolean;
  readonly onTimeout: (error: GatewayError) => void;
}

const NO_TIMERS: StreamTimers = { progress: () => undefined, stop: () => undefined };

export function createStreamTimers({ limits, waiting, onTimeout }: StreamTimersOptions): StreamTimers {
  const { firstTokenMs, interChunkMs, totalMs } = limits;
  if (firstTokenMs === undefined && interChunkMs === undefined && totalMs === undefined) return NO_TIMERS;
  let stall: NodeJS.Timeout | undefined;
  const after = (ms: number | undefined, message: string): NodeJS.Timeout | undefined =>
    ms === undefined ? undefined : setTimeout(() => onTimeout(new GatewayError('upstream_timeout', message)), ms);

  let firstToken = after(firstTokenMs, `The provider sent no first token within ${firstTokenMs} ms.`);
  const total = after(totalMs, `The provider’s answer was not complete within ${totalMs} ms.`);

  const watchStall = (ms: number): void => {
    stall = setTimeout(() => {
      if (waiting()) watchStall(ms);
      else onTimeout(new GatewayError('upstream_timeout', `The provider stopped in the middle of its answer: nothing for ${ms} ms.`));
    }, ms);
  };

  return {
    progress() {
      clearTimeout(firstToken);
      firstToken = undefined;
      if (stall !== undefined) stall.refresh();
      else if (interChunkMs !== undefined) watchStall(interChunkMs);
    },
    stop() {
      for (const timer of [firstToken, stall, total]) clearTimeout(timer);
    },
  };
}
