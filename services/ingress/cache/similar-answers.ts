import { LRUCache } from 'lru-cache';
import { type CacheEntry, createSimilarIndex, decodeKnownText, encodeKnownText, similarQuestion } from '#cache';
import type { SemanticCacheSettings } from '#config';
import { openWhenNeeded } from '#runtime';
import type { IngressLog } from '../resources.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { CacheQuestion } from './cache-question.ts';
import type { SimilarElsewhere } from './similar-elsewhere.ts';

/** Answers to requests that mean the same, of model groups that are named for it. */
export interface SimilarAnswers {
  /** No entry where there is none, and for requests that only the same one is like. Costs an embedding; never rejects. */
  find(question: CacheQuestion, embed: EmbedText): Promise<SimilarFound>;
  /** From now on similar requests find the entry, at every replica. Never rejects. A question that was looked for is not embedded again. */
  keep(question: CacheQuestion, entry: CacheEntry, embed: EmbedText): Promise<void>;
}

export interface SimilarFound {
  readonly entry?: CacheEntry | undefined;
  /** Cosine. */
  readonly similarity?: number | undefined;
  /** What it cost to look, decimal text in US dollars; undefined where nobody was paid. */
  readonly embeddingCostUsd?: string | undefined;
}

/** A text's vector; `late` when it was waited for in vain. Never rejects. */
export type EmbedText = (text: string, settings: SemanticCacheSettings) => Promise<EmbeddedText | 'late' | undefined>;

export interface EmbeddedText {
  /** What made it (`KnownText`). */
  readonly space: string;
  readonly vector: Float32Array;
  /** Decimal text in US dollars, where somebody pays for it. */
  readonly costUsd?: string | undefined;
}

export interface SimilarAnswersOptions {
  /** Asked for what the memory has no room for. */
  readonly elsewhere: SimilarElsewhere;
  readonly answers: Pick<AnswerCache, 'peek' | 'fetch' | 'store'>;
  readonly settings: () => SemanticCacheSettings | undefined;
  readonly onRelease: (release: () => void) => void;
  readonly log: IngressLog;
  readonly now: () => number;
}

/** Texts that are asked again soon are embedded once, for those who share answers: nobody is spared a cost by what others asked. */
const VECTORS = 1_000;
/** After a wait in vain, so long nobody waits. */
const AWAY_MS = 1_000;

export function createSimilarAnswers({ elsewhere, answers, settings, onRelease, log, now }: SimilarAnswersOptions): SimilarAnswers {
  const index = createSimilarIndex({ maxEntries: () => settings()?.maxEntries ?? 0 });
  const vectors = new LRUCache<string, EmbeddedText>({ max: VECTORS });
  const awayUntil = new Map<string, number>();
  const asked = new WeakMap<CacheQuestion, Promise<AskedText | undefined>>();
  const follow = openWhenNeeded(async () => {
    const store = await answers.store();
    const follower = await store.followTexts((place, data) => index.add(decodeKnownText(data, place)));
    onRelease(() => follower.close());
  });
  const followSoon = (): void => void follow().catch((error: unknown) => log.warn({ err: error }, 'kept texts could not be read'));

  const embedOnce = async (text: string, { scope }: CacheQuestion, semantic: SemanticCacheSettings, embed: EmbedText) => {
    const model = semantic.embeddingModel ?? '';
    const name = JSON.stringify([scope, model, text]);
    const known = vectors.get(name);
    if (known !== undefined) return { ...known, costUsd: undefined };
    if ((awayUntil.get(model) ?? 0) > now()) return undefined;
    const embedded = await embed(text, semantic);
    if (embedded === 'late') awayUntil.set(model, now() + AWAY_MS);
    if (embedded === 'late' || embedded === undefined) return undefined;
    vectors.set(name, embedded);
    return embedded;
  };
  const askNow = async (question: CacheQuestion, embed: EmbedText): Promise<AskedText | undefined> => {
    const semantic = settings();
    if (semantic === undefined || !isNamed(question, semantic)) return undefined;
    const similar = similarQuestion(question.request, semantic);
    if (similar === undefined) return undefined;
    followSoon();
    const embedded = await embedOnce(similar.text, question, semantic, embed);
    return embedded && { ...similar, ...embedded, scope: question.scope, threshold: semantic.threshold };
  };
  const ask = (question: CacheQuestion, embed: EmbedText): Promise<AskedText | undefined> => {
    const running = asked.get(question) ?? askNow(question, embed);
    asked.set(question, running);
    return running;
  };

  return {
    async find(question, embed) {
      const text = await ask(question, embed);
      const embeddingCostUsd = text?.costUsd;
      if (text === undefined) return {};
      const { scope } = question;
      const here = index.find(text, { threshold: text.threshold, now: now() });
      const similar = here ?? (index.isFull(scope) ? await elsewhere.find(text) : undefined);
      if (similar === undefined) return { embeddingCostUsd };
      const entry = answers.peek(scope, similar.hash) ?? (await answers.fetch(scope, similar.hash));
      // deleted, or its time was over
      if (entry === undefined) index.forget(scope, similar.hash);
      return { entry, similarity: similar.similarity, embeddingCostUsd };
    },
    async keep(question, { facts }, embed) {
      const text = await ask(question, embed);
      if (text === undefined) return;
      const { scope, context, space, vector } = text;
      const known = { scope, context, text: text.text, space, vector, hash: facts.hash, expiresAt: facts.expiresAt };
      index.add(known);
      try {
        await (await answers.store()).putText(scope, facts.hash, encodeKnownText(known));
      } catch (error) {
        log.warn({ err: error }, 'a kept text could not be told to other replicas');
      }
    },
  };
}

interface AskedText extends EmbeddedText {
  readonly text: string;
  readonly context: string;
  readonly scope: string;
  readonly threshold: number;
}

/** By the name the client asked for, or that of the group. */
function isNamed({ request }: CacheQuestion, { models }: SemanticCacheSettings): boolean {
  return models.includes(request.model) || models.includes(request.group.slice(0, request.group.lastIndexOf(' ')));
}
