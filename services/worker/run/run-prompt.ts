import type { RunStore } from '#bus';
import type { PromptSettings } from '#config';
import {
  type ErrorRecord,
  type FinalMeta,
  fromErrorRecord,
  type HeadMeta,
  type JobMeta,
  type RunName,
  type StoredPrompt,
} from '#contracts';
import { AnswerBeginning, buildPrompt, type PromptEnd, requestFields } from '#prompts';
import type { WorkerResources } from '../resources.ts';

/** What is kept of a job that nobody waits for on a connection: gathered while it runs, given away once its end is stored. Nobody waits for it. */
export interface RunPrompt {
  /** The client's body, where it did not travel with the job. */
  asked(body: Uint8Array): void;
  begun(head: HeadMeta): void;
  /** More of the answer, in the client's format. */
  answered(bytes: Uint8Array): void;
  /** The end that it came to here is stored. */
  ended(final: FinalMeta): void;
  /** Somebody else has stored an end, or will: where there is one, that is what is kept. Whoever stored it may have died before it could keep it. */
  endedElsewhere(): void;
}

export interface RunPromptOptions {
  readonly meta: JobMeta;
  readonly name: RunName;
  /** As it came with the job: empty where the body travels by reference. */
  readonly data: Uint8Array;
}

type Resources = Pick<WorkerResources, 'config' | 'prompts'> & { readonly runs: { readonly store: Store } };
type Store = Pick<RunStore, 'findEnd' | 'readAnswer'>;

/** Undefined where nothing of this job is kept. */
export function createRunPrompt(options: RunPromptOptions, { config, prompts, runs }: Resources): RunPrompt | undefined {
  const settings = config.prompts;
  if (settings === undefined || options.meta.prompt === undefined) return undefined;
  return new KeptRun(options, settings, { prompts, store: runs.store });
}

class KeptRun implements RunPrompt {
  readonly #options: RunPromptOptions;
  readonly #settings: PromptSettings;
  readonly #to: Pick<WorkerResources, 'prompts'> & { readonly store: Store };
  readonly #answer: AnswerBeginning;
  #body: Uint8Array | undefined;
  #head: HeadMeta | undefined;

  constructor(options: RunPromptOptions, settings: PromptSettings, to: Pick<WorkerResources, 'prompts'> & { readonly store: Store }) {
    this.#options = options;
    this.#settings = settings;
    this.#to = to;
    this.#answer = new AnswerBeginning(settings.maxBytes);
    this.#body = options.meta.bodyRef === undefined ? options.data : undefined;
  }

  asked(body: Uint8Array): void {
    this.#body = body;
  }

  begun(head: HeadMeta): void {
    this.#head = head;
  }

  answered(bytes: Uint8Array): void {
    this.#answer.add(bytes);
  }

  ended({ head = this.#head, error }: FinalMeta): void {
    const answer = this.#answer.held();
    const answerBytes = this.#answer.sizeBytes;
    const status = statusOf(answerBytes > 0 ? (this.#head ?? head) : head, error, answerBytes);
    // an answer that goes on from an earlier attempt's is whole in the store alone
    if (this.#options.meta.sentRef !== undefined) this.endedElsewhere();
    else this.#to.prompts.keep(() => this.#build({ status, answer, answerBytes, error }));
  }

  endedElsewhere(): void {
    this.#to.prompts.keep(() => this.#readEnd());
  }

  async #readEnd(): Promise<StoredPrompt | undefined> {
    const { store } = this.#to;
    const { name } = this.#options;
    const found = await store.findEnd(name);
    if (found === undefined) return undefined;
    const { end, bytes } = found;
    const whole = await store.readAnswer(name, end, bytes);
    const all = whole?.bytes ?? bytes;
    const answer = Buffer.from(all.subarray(0, this.#settings.maxBytes));
    const status = statusOf(whole?.head ?? end.head, end.error, all.length);
    return this.#build({ status, answer, answerBytes: all.length, error: end.error });
  }

  #build(end: PromptEnd): StoredPrompt {
    const { meta } = this.#options;
    const request = this.#body === undefined ? (meta.prompt?.bytes ?? 0) : requestFields(meta, this.#body);
    return buildPrompt({ meta, request, end }, this.#settings);
  }
}

/** What the client was told, or would be: an error that comes behind text changes no status. */
function statusOf(head: HeadMeta | undefined, error: ErrorRecord | undefined, answerBytes: number): number {
  if (error === undefined || (answerBytes > 0 && head !== undefined)) return head?.status ?? 0;
  return fromErrorRecord(error).status;
}
