import { DiscardPolicy, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import {
  type AnswerClaim,
  answerClaimSubject,
  ANSWERS_STREAM,
  ANSWERS_SUBJECTS,
  answerSubject,
  decodeAnswerClaim,
  encodeAnswerClaim,
} from '#contracts';
import type { Bus } from './connect.ts';
import { createDocumentStore, type DocumentStore, lastOf } from './document-store.ts';
import { publishAfter } from './publish-after.ts';
import type { ResponseStoreOptions } from './response-store.ts';
import { deleteStored } from './stored-message.ts';
import { ensureStream } from './topology.ts';

/**
 * Answers that are given again, and who gives them: claims of which there is one per owner and name, and the recorded answers, in one
 * stream with one time limit. At its size limit the oldest go first.
 */
export interface AnswerStore {
  readonly answers: DocumentStore;
  /**
   * Makes this the claim of the name if the one with the revision `after` is still the last (0: if there is none). Returns its
   * revision; undefined when somebody else was faster. Throws `StreamFull` or `StreamUnavailable`.
   */
  claim(owner: string, name: string, claim: AnswerClaim, after: number): Promise<number | undefined>;
  find(owner: string, name: string): Promise<{ readonly claim: AnswerClaim; readonly revision: number } | undefined>;
  /** Removes the claim unless somebody replaced it. */
  release(revision: number): Promise<void>;
}

/** As long as a request waits for the queue: over a leader election or a restart of NATS. */
const GIVE_UP_AFTER_MS = 10_000;
const DEDUPE_NS = 2 * 60 * 1e9;

/** Creates the stream, or gives it other limits. Safe to run from every process at once. */
export async function openAnswerStore(bus: Bus, options: ResponseStoreOptions): Promise<AnswerStore> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const stream = {
    name: ANSWERS_STREAM,
    subjects: [ANSWERS_SUBJECTS],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: options.ttlMs * 1e6,
    max_bytes: options.maxBytes,
    max_msgs_per_subject: 1,
    duplicate_window: DEDUPE_NS,
  };
  await ensureStream(manager, stream, bus.nc.info?.cluster ? 3 : 1);
  return {
    answers: createDocumentStore(bus, manager, { stream: ANSWERS_STREAM, subjectOf: answerSubject }),
    claim: (owner, name, claim, after) =>
      publishAfter(
        bus,
        { subject: answerClaimSubject(owner, name), data: encodeAnswerClaim(claim) },
        { after, giveUpAfterMs: GIVE_UP_AFTER_MS },
      ),
    async find(owner, name) {
      const last = await lastOf(manager, ANSWERS_STREAM, answerClaimSubject(owner, name));
      return last && { claim: decodeAnswerClaim(last.data), revision: last.seq };
    },
    async release(revision) {
      await deleteStored(bus, ANSWERS_STREAM, revision);
    },
  };
}
