import { subscribeCore } from '#bus';
import { type AnswerEvent, type AnswerQuestion, answerRequestsSubject, encodeAnswer, InvalidMessage, toErrorRecord } from '#contracts';
import type { IngressResources } from '../resources.ts';
import type { AnswerTape, TapeReader } from './answer-tape.ts';
import { tooLargeToJoin } from './read-tape.ts';

/** A reply stays well below NATS's usual limit for a message. */
const REPLY_BYTES = 256 * 1024;
/** A reader that has not asked for so long is gone. */
const READER_LOST_AFTER_MS = 5_000;
const NOTHING = new Uint8Array(0);

interface RemoteReader extends TapeReader {
  /** Ends the wait of the question under way. */
  wakeUp: () => void;
  lost: NodeJS.Timeout;
}

type Resources = Pick<IngressResources, 'ingressId' | 'link' | 'flights'>;

/** Gives other ingresses the answers of jobs here, as far as their clients have read. Returns its end. */
export function serveAnswerRequests(resources: Resources): () => void {
  const readers = new Map<string, RemoteReader>();
  return subscribeCore(resources.link, answerRequestsSubject(resources.ingressId), ({ data, respond }) => {
    const question = decodeQuestion(data);
    reply(question, readers, resources).then(respond, () => respond(NOTHING));
  });
}

/** Nothing when there is no such answer; an error as its end when its beginning is gone. */
async function reply(question: AnswerQuestion, readers: Map<string, RemoteReader>, { flights }: Resources): Promise<Uint8Array> {
  const tape = question.job === undefined ? await flights.find(question)?.tape : flights.findTape(question.job);
  if (tape === undefined) return NOTHING;
  const reader = joined(tape, question, readers);
  if (reader === undefined) return encodeAnswer({ job: tape.job, events: [{ kind: 'fail', error: toErrorRecord(tooLargeToJoin()) }] });
  if (tape.at(question.from) === undefined) await wakeOf(reader, question.waitMs);
  return encodeAnswer({ job: tape.job, events: eventsFrom(tape, question.from) });
}

function joined(tape: AnswerTape, { reader: id, from }: AnswerQuestion, readers: Map<string, RemoteReader>): RemoteReader | undefined {
  const known = readers.get(id);
  const reader = known ?? createReader(from);
  reader.position = from;
  if (known === undefined && !tape.join(reader)) return undefined;
  tape.taken();
  clearTimeout(reader.lost);
  reader.lost = setTimeout(() => {
    readers.delete(id);
    tape.leave(reader);
  }, READER_LOST_AFTER_MS).unref();
  readers.set(id, reader);
  return reader;
}

function createReader(position: number): RemoteReader {
  const reader: RemoteReader = { position, wake: () => reader.wakeUp(), wakeUp: () => undefined, lost: setTimeout(() => undefined, 0) };
  return reader;
}

function wakeOf(reader: RemoteReader, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, waitMs);
    reader.wakeUp = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function eventsFrom(tape: AnswerTape, from: number): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  let bytes = 0;
  for (let at = from; bytes < REPLY_BYTES; at += 1) {
    const event = tape.at(at);
    if (event === undefined) break;
    bytes += 'bytes' in event ? (event.bytes?.length ?? 0) : 0;
    if (bytes > REPLY_BYTES && events.length > 0) break;
    events.push(event);
  }
  return events;
}

/** Throws `InvalidMessage`. */
function decodeQuestion(data: Uint8Array): AnswerQuestion {
  const value = JSON.parse(Buffer.from(data).toString()) as Partial<AnswerQuestion> | null;
  const isWhole = typeof value?.owner === 'string' && typeof value.name === 'string' && typeof value.reader === 'string';
  if (!isWhole || typeof value.from !== 'number' || typeof value.waitMs !== 'number')
    throw new InvalidMessage('a question for an answer is not readable');
  return value as AnswerQuestion;
}
