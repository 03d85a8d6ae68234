import { LRUCache } from 'lru-cache';
import { type CacheEntry, createSimilarIndex, decodeKnownText, type Embedder, encodeKnownText, similarQuestion } from '#cache';
import type { SemanticCacheSettings } from '#config';
import { openWhenNeeded } from '../open-when-needed.ts';
import type { IngressLog } from '../resources.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { CacheQuestion } from './cache-question.ts';

/** Answers to requests that mean the same, of model groups that are named for it. */
export interface SimilarAnswers {
  /** Undefined where there is none, and for requests that only the same one is like. Costs an embedding; never rejects. */
  find(question: CacheQuestion): Promise<{ readonly entry: CacheEntry; readonly similarity: number } | undefined>;
  /** From now on similar requests find the entry, at every replica. Never rejects. */
  keep(question: CacheQuestion, entry: CacheEntry): Promise<void>;
}

export interface SimilarAnswersOptions {
  readonly embedder: Embedder;
  readonly answers: Pick<AnswerCache, 'peek' | 'fetch' | 'store'>;
  readonly settings: () => SemanticCacheSettings | undefined;
  readonly onRelease: (release: () => void) => void;
  readonly log: IngressLog;
  readonly now: () => number;
}

/** A text is embedded once when it is asked for and kept. */
const VECTORS = 1_000;

export function createSimilarAnswers({ embedder, answers, settings, onRelease, log, now }: SimilarAnswersOptions): SimilarAnswers {
  const index = createSimilarIndex({ maxEntries: () => settings()?.maxEntries ?? 0 });
  const vectors = new LRUCache<string, Float32Array>({ max: VECTORS });
  const follow = openWhenNeeded(async () => {
    const store = await answers.store();
    const follower = await store.followTexts((place, data) => index.add(decodeKnownText(data, place)));
    onRelease(() => follower.close());
  });
  const followSoon = (): void => void follow().catch((error: unknown) => log.warn({ err: error }, 'kept texts could not be read'));

  const ask = async (question: CacheQuestion) => {
    const semantic = settings();
    if (semantic === undefined || !isNamed(question, semantic)) return undefined;
    const asked = similarQuestion(question.request, semantic);
    if (asked === undefined) return undefined;
    followSoon();
    const vector = vectors.get(asked.text) ?? (await embedder.embed(asked.text));
    if (vector === undefined) return undefined;
    vectors.set(asked.text, vector);
    return { ...asked, scope: question.scope, vector, semantic };
  };

  return {
    async find(question) {
      const asked = await ask(question);
      const similar = asked && index.find(asked, { threshold: asked.semantic.threshold, now: now() });
      if (similar === undefined) return undefined;
      const { scope } = question;
      const entry = answers.peek(scope, similar.hash) ?? (await answers.fetch(scope, similar.hash));
      if (entry !== undefined) return { entry, similarity: similar.similarity };
      // deleted, or its time was over
      index.forget(scope, similar.hash);
      return undefined;
    },
    async keep(question, { facts }) {
      const asked = await ask(question);
      if (asked === undefined) return;
      const known = { ...asked, hash: facts.hash, expiresAt: facts.expiresAt };
      index.add(known);
      try {
        await (await answers.store()).putText(question.scope, facts.hash, encodeKnownText(known));
      } catch (error) {
        log.warn({ err: error }, 'a kept text could not be told to other replicas');
      }
    },
  };
}

/** By the name the client asked for, or that of the group. */
function isNamed({ request }: CacheQuestion, { models }: SemanticCacheSettings): boolean {
  return models.includes(request.model) || models.includes(request.group.slice(0, request.group.lastIndexOf(' ')));
}
