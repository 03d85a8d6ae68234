import type { GatewayError } from '#contracts';
import type { StreamDecoder } from '#dialects';
import { type AnswerFault, askedFormat, type AskedFormat, isRefusal, mayBecomeRefusal, meetsFormat } from '#router';
import { failedOutcome } from '../attempt/listener-input.ts';
import { nextMove } from '../job/move-job.ts';
import type { RunningJob } from '../job/running-job.ts';
import type { WorkerResources } from '../resources.ts';
import { fieldsOf, isMove, mayEscalate, rejection } from './reject-answer.ts';

/** Looks at the beginning of a stream before any of it leaves; where JSON was asked for, at all of it. */
export interface StreamJudge {
  /** Whether nothing that is wrong with an answer can show any more: it may leave. */
  isContent(decoder: Pick<StreamDecoder, 'producedText'>): boolean;
  /** Why the answer is not given; undefined where it is. `isEnd`: nothing follows. */
  fault(decoder: Pick<StreamDecoder, 'producedText' | 'finishReason'>, isEnd: boolean): GatewayError | undefined;
}

/** Undefined for all jobs but those of an auto group's weak tier that may go on to the strong one. */
export function openJudge(job: RunningJob, body: Uint8Array, resources: WorkerResources): StreamJudge | undefined {
  if (!job.meta.stream || !mayEscalate(job.meta)) return undefined;
  const fields = fieldsOf(body);
  // a tool's arguments can't be told from the answer here
  const format = fields['tools'] === undefined ? askedFormat(fields) : undefined;
  return {
    isContent: ({ producedText }) => format === undefined && !mayBecomeRefusal(producedText),
    fault({ producedText, finishReason }, isEnd) {
      const found = isEnd ? faultAtEnd(producedText, finishReason, format) : faultSoFar(producedText, format);
      if (found === undefined || !canMove(job, found, resources)) return undefined;
      resources.metrics.escalations.inc({ fault: found });
      return rejection(found);
    },
  };
}

function faultSoFar(text: string, format: AskedFormat): AnswerFault | undefined {
  return format === undefined && !mayBecomeRefusal(text) && isRefusal(text) ? 'refusal' : undefined;
}

const ENDS_WITHOUT_TEXT: ReadonlySet<string | undefined> = new Set(['length', 'tool_calls', 'function_call']);

function faultAtEnd(text: string, finishReason: string | undefined, format: AskedFormat): AnswerFault | undefined {
  if (ENDS_WITHOUT_TEXT.has(finishReason)) return undefined;
  if (text.trim() === '') return 'empty';
  if (format === undefined) return isRefusal(text) ? 'refusal' : undefined;
  // thoughts stand before the answer
  const json = text.slice(Math.max(0, text.search(/[{[]/)));
  return meetsFormat(text, format) || meetsFormat(json, format) ? undefined : 'schema';
}

/** What was shown can't be taken back, so it has to be known before that somebody else can be asked. */
function canMove(job: RunningJob, fault: AnswerFault, resources: WorkerResources): boolean {
  const now = resources.now();
  return isMove(nextMove(job, failedOutcome({ now: () => now, startedAt: now }, rejection(fault)), resources));
}
