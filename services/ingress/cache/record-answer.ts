import type { CacheEntry, CacheFacts } from '#cache';
import type { GatewayError, HeadMeta, JobMeta } from '#contracts';
import { readWrittenAnswer } from '#dialects';
import type { ClientResponse } from '../chat/client-response.ts';
import { ForwardedResponse } from '../chat/forwarded-response.ts';
import type { PendingJob } from '../job/pending-job.ts';
import type { CacheQuestion } from './cache-question.ts';

/** Holds a copy of an answer on its way to the client, up to a size; the client never waits for it. */
export class AnswerCopy extends ForwardedResponse {
  readonly #maxBytes: number;
  #parts: Buffer[] | undefined = [];
  #bytes = 0;
  #head: HeadMeta | undefined;
  #isWhole = false;

  constructor(next: ClientResponse, maxBytes: number) {
    super(next);
    this.#maxBytes = maxBytes;
  }

  override head(head: HeadMeta): void {
    // a stream that waits has sent a head of its own; the answer's comes behind it
    this.#head = head;
    this.next.head(head);
  }

  override write(bytes: Uint8Array): void {
    this.#hold(bytes);
    this.next.write(bytes);
  }

  override end(head: HeadMeta | undefined, bytes: Uint8Array | undefined): void {
    this.#head = head ?? this.#head;
    if (bytes !== undefined) this.#hold(bytes);
    this.#isWhole = true;
    this.next.end(head, bytes);
  }

  override fail(error: GatewayError, head: HeadMeta | undefined): void {
    this.#parts = undefined;
    this.next.fail(error, head);
  }

  /** Undefined for what failed or was larger. */
  whole(): WholeAnswer | undefined {
    const head = this.#head;
    if (!this.#isWhole || this.#parts === undefined || head === undefined) return undefined;
    return { head, body: Buffer.concat(this.#parts) };
  }

  #hold(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes) this.#parts = undefined;
    // a copy: what it is a view of is reused
    this.#parts?.push(Buffer.from(bytes));
  }
}

export interface WholeAnswer {
  readonly head: HeadMeta;
  readonly body: Buffer;
}

export interface AnsweredJob {
  readonly meta: JobMeta;
  readonly billed: PendingJob['billed'];
  /** Two attempts wrote it, or the client was told to forget a part. */
  readonly isPatched: boolean;
}

/** The entry of a job that has ended; undefined for an answer that is not to be given again. */
export function entryOf(whole: WholeAnswer | undefined, question: CacheQuestion, job: AnsweredJob, now: number): CacheEntry | undefined {
  if (whole === undefined || whole.head.status !== 200 || job.isPatched) return undefined;
  const { headers } = whole.head;
  // what a fallback said is not what the model says that was asked for
  if (headers['x-headrace-fallback'] !== undefined) return undefined;
  const body = question.form.isStream ? withoutComments(whole.body) : whole.body;
  if (!isComplete(body, question)) return undefined;
  return { facts: factsOf(question, job.meta, headers, { now, billed: job.billed }), body };
}

function factsOf(
  { hash, request, form, owner, settings, controls }: CacheQuestion,
  meta: JobMeta,
  headers: HeadMeta['headers'],
  { now, billed }: { readonly now: number; readonly billed: PendingJob['billed'] },
): CacheFacts {
  return {
    v: 1,
    hash,
    dialect: request.dialect,
    ...form,
    contentType: headers['content-type'] ?? 'application/json',
    storedAt: now,
    expiresAt: now + (controls.ttlMs ?? settings.ttlMs),
    job: meta.id,
    owner,
    deploymentId: headers['x-headrace-deployment'] ?? '',
    provider: headers['x-headrace-provider'] ?? '',
    modelGroup: headers['x-litellm-model-group'] ?? meta.model,
    costUsd: billed?.cost?.totalUsd,
    usage: billed?.usage,
  };
}

/** Of a job whose client waits here. */
export function wasPatched({ meta, failures = [], sentRefs }: PendingJob): boolean {
  return sentRefs.length > 0 || (meta.onStreamFailure !== undefined && failures.length > 0);
}

/** Comments tell of one request's waiting and cost. */
function withoutComments(stream: Buffer): Buffer {
  const text = stream.toString();
  if (!/(?:^|\n):/.test(text)) return stream;
  const events = text.split('\n\n').filter((event) => !event.startsWith(':') || event.includes('\ndata:'));
  return Buffer.from(events.join('\n\n'));
}

const TOKEN_LIMITS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'generationConfig', 'generation_config'] as const;
const CUT_COMPLETION = /"finish_reason"\s*:\s*"(?:length|content_filter)"/;

/** It says all that it was going to: not cut by the model's own limit, and not withheld. */
function isComplete(body: Buffer, { request, form }: CacheQuestion): boolean {
  const { dialect, fields } = request;
  const hasOwnLimit = TOKEN_LIMITS.some((name) => fields[name] !== undefined && fields[name] !== null);
  if (dialect === 'openai-completions') return hasOwnLimit || !CUT_COMPLETION.test(body.toString());
  if (dialect === 'openai-embeddings' || dialect === 'cohere-rerank') return isJson(body);
  const read = readWrittenAnswer({ dialect, isStream: form.isStream, body });
  if (read === undefined || read.finishReason === 'content_filter') return false;
  return read.finishReason !== 'length' || hasOwnLimit;
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
}
