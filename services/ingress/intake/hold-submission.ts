import { ensureIntakeConsumer, publishDurably } from '#bus';
import { heldSubmissionSubject, SUBMISSION_HEADERS } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { type NamedSubmission, readSubmission } from './read-submission.ts';

/** Makes sure of the queue of an owner who is held back, once, and moves submissions there: those of others go past them. */
export type HoldSubmission = (named: NamedSubmission) => Promise<void>;

export function createHoldSubmission({ bus }: Pick<IngressResources, 'bus'>): HoldSubmission {
  const made = new Map<string, Promise<string>>();
  const consumerOf = async ({ name: { lane, owner } }: NamedSubmission): Promise<string> => {
    const key = `${lane} ${owner}`;
    const making = made.get(key) ?? ensureIntakeConsumer(bus, lane, owner);
    made.set(key, making);
    return making.catch((error: unknown) => {
      made.delete(key);
      throw error;
    });
  };
  return async (named) => {
    await consumerOf(named);
    const { pulled, name } = named;
    const own = pulled.readHeaders().filter(([header]) => !header.toLowerCase().startsWith('nats-'));
    const headers = { ...Object.fromEntries(own), ...deadlineHeader(named) };
    const message = { subject: heldSubmissionSubject(name), data: pulled.data, messageId: `held.${pulled.streamSeq}`, headers };
    await publishDurably(bus, message, { giveUpAfterMs: 5_000 });
  };
}

/** A day from when it came first, not from now. What can't be read stays as it is, and is refused when its turn comes. */
function deadlineHeader(named: NamedSubmission): Record<string, string> {
  try {
    return { [SUBMISSION_HEADERS.deadline]: String(readSubmission(named).deadlineAt) };
  } catch {
    return {};
  }
}
