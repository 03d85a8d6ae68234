import { DiscardPolicy, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { PROMPTS_STREAM, PROMPTS_SUBJECT, type StoredPrompt } from '#contracts';
import type { Bus } from './connect.ts';
import { publishDurably } from './publish.ts';
import { ensureStream } from './topology.ts';

const DAY_NS = 24 * 3_600 * 1e9;
const DEDUPE_NS = 2 * 60 * 1e9;
/** A day without the database, or half a gigabyte of text: then the oldest go. Nothing is refused for the sake of a log. */
const MOST_BYTES = 512 * 1024 ** 2;
const GIVE_UP_AFTER_MS = 5_000;

/** The stream of prompts on their way to the database: taken out of it once they are there. Safe to run from every process at once. */
export async function ensurePromptStream(bus: Bus): Promise<void> {
  const stream = {
    name: PROMPTS_STREAM,
    subjects: [PROMPTS_SUBJECT],
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.Old,
    max_age: DAY_NS,
    max_bytes: MOST_BYTES,
    duplicate_window: DEDUPE_NS,
  };
  await ensureStream(await jetstreamManager(bus.nc, { checkAPI: false }), stream, bus.nc.info?.cluster ? 3 : 1);
}

/** Rejects when it could not be stored. */
export async function publishPrompt(bus: Bus, prompt: StoredPrompt): Promise<void> {
  const message = { subject: PROMPTS_SUBJECT, data: Buffer.from(JSON.stringify(prompt)), messageId: prompt.job };
  await publishDurably(bus, message, { giveUpAfterMs: GIVE_UP_AFTER_MS });
}
