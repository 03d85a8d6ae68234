import type { ExternalRule, GuardrailAction } from '#config';
import { categoryName, count, isRecord, textAt } from './read-answer.ts';
import type { GuardCall, GuardQuestion, GuardVerdict } from './question.ts';

/** Asks once. Rejects when there is no answer. */
export type Post = (call: GuardCall) => Promise<unknown>;

interface Found {
  readonly start: number;
  readonly end: number;
  readonly category: string;
}

const HEADERS = { 'content-type': 'application/json' };

/**
 * Presidio (https://microsoft.github.io/presidio/api-docs/api-docs.html): each text is analysed and, where its anonymizer is configured, written
 * anew by that; without one what was found is replaced here.
 */
export async function askPresidio({ texts }: GuardQuestion, rule: ExternalRule, post: Post): Promise<GuardVerdict> {
  const found = await Promise.all(texts.map((text) => analyze(text, rule, post)));
  const names = found.flatMap((list) => list.map(({ category }) => category));
  const blocked = names.find((name) => actionOf(name, rule) === 'block');
  if (blocked !== undefined || names.length === 0) return { blocked, hits: count(names) };
  const masked = await Promise.all(texts.map((text, index) => anonymize(text, found[index] ?? [], rule, post)));
  return { texts: masked, hits: count(names) };
}

async function analyze(text: string, rule: ExternalRule, post: Post): Promise<readonly Found[]> {
  const entities = rule.entities === undefined ? undefined : Object.keys(rule.entities);
  const body = JSON.stringify({ text, language: rule.options['presidio_language'] ?? 'en', entities });
  const answer = await post({ url: rule.url, headers: { ...HEADERS, ...rule.headers }, body });
  if (!Array.isArray(answer)) throw new Error('the analyzer’s answer is no list');
  return answer.filter(isRecord).map((item) => {
    const { start, end } = item;
    if (typeof start !== 'number' || typeof end !== 'number') throw new Error('the analyzer gave no place');
    return { start, end, category: categoryName(textAt(item, 'entity_type')) };
  });
}

async function anonymize(text: string, found: readonly Found[], rule: ExternalRule, post: Post): Promise<string> {
  if (found.length === 0) return text;
  if (rule.anonymizerUrl === undefined) return replaceFound(text, found);
  const results = found.map(({ start, end, category }) => ({ start, end, entity_type: category, score: 1 }));
  const answer = await post({
    url: rule.anonymizerUrl,
    headers: { ...HEADERS, ...rule.headers },
    body: JSON.stringify({ text, analyzer_results: results }),
  });
  const written = isRecord(answer) ? textAt(answer, 'text') : undefined;
  if (written === undefined) throw new Error('the anonymizer gave no text');
  return written;
}

/** Python counts code points, we UTF-16 units. */
function replaceFound(text: string, found: readonly Found[]): string {
  const signs = Array.from(text);
  let replaced = '';
  let at = 0;
  for (const { start, end, category } of [...found].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (start < at) continue;
    replaced += `${signs.slice(at, start).join('')}<${category}>`;
    at = end;
  }
  return replaced + signs.slice(at).join('');
}

function actionOf(category: string, { entities }: ExternalRule): GuardrailAction {
  return entities?.[category] ?? 'mask';
}
