import { asGatewayError, type GatewayError, type JobMeta } from '#contracts';
import { parseExact } from '#dialects';
import { guardRequest, GuardrailBlock } from '#guardrails';
import type { UpstreamListener } from '#upstream';
import type { WorkerResources } from '../resources.ts';
import type { AttemptGuard } from './open-attempt-guard.ts';

/** Runs the guardrails that look at a request while the provider works on it. Rejects with `GuardrailBlock`. */
export async function guardBeside(guard: AttemptGuard, meta: JobMeta, body: Uint8Array, { guardTools }: WorkerResources): Promise<void> {
  const fields = parseExact(Buffer.from(body).toString()) as Readonly<Record<string, unknown>>;
  try {
    const { results } = await guardRequest(
      { dialect: meta.dialect, fields, body, jobId: meta.id },
      guard.beside,
      'during_call',
      guardTools,
    );
    guard.besideEnded(results);
  } catch (error) {
    if (error instanceof GuardrailBlock) guard.besideEnded(error.results);
    throw error;
  }
}

/** A listener that hears nothing before the verdict is there, and of a refusal nothing but that. */
export function gateListener(listener: UpstreamListener, verdict: Promise<void>, refuse: (error: GatewayError) => void): UpstreamListener {
  let held: (() => void)[] | undefined = [];
  let refused = false;
  const pass = (event: () => void): void => {
    if (refused) return;
    if (held === undefined) event();
    else held.push(event);
  };
  void verdict.then(
    () => {
      const events = held ?? [];
      held = undefined;
      for (const event of events) event();
    },
    (error: unknown) => {
      refused = true;
      held = undefined;
      refuse(asGatewayError(error));
    },
  );
  return {
    head: (status, headers) => pass(() => listener.head(status, headers)),
    // what the socket read may be overwritten while it waits
    data: (chunk) =>
      pass(
        held === undefined
          ? () => listener.data(chunk)
          : (
              (copy) => () =>
                listener.data(copy)
            )(Buffer.from(chunk)),
      ),
    end: () => pass(() => listener.end()),
    error: (error) => pass(() => listener.error(error)),
  };
}
