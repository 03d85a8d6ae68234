import type { ClientDialect, GuardResult } from '#contracts';
import { parseExact } from '#dialects';
import { type Guardrail, runsAt } from './compile-guardrails.ts';
import type { GuardVerdict } from './external/question.ts';
import type { GuardTools } from './guard-request.ts';
import { unavailable } from './guard-request.ts';
import { GuardrailBlock, Hits } from './guard-result.ts';
import { toolCallsOf } from './rules/answer-tools.ts';
import { schemaFault, type SchemaSource } from './rules/answer-schema.ts';
import { replaceFindings } from './rules/replace-findings.ts';
import { asWritten, type Hidden, insideJson, restoreText } from './stream/restore-window.ts';
import { ANSWER_TEXTS } from './walk/answer-texts.ts';
import { walkTexts } from './walk/walk-texts.ts';

/** What an attempt's answer goes through before its client gets it. One for each attempt. */
export interface AnswerGuardInput {
  readonly dialect: ClientDialect;
  /** Those of the job that look at answers (`post_call`, `logging_only`), in their order. */
  readonly guardrails: readonly Guardrail[];
  readonly hidden: Hidden | undefined;
  /** Of the request, where a guardrail wants what it asked for. */
  readonly schema: SchemaSource | undefined;
  readonly tools: GuardTools;
  readonly jobId: string;
}

interface Watch {
  readonly guardrail: Guardrail;
  readonly hits: Hits;
  readonly isLog: boolean;
  ms: number;
  outcome: GuardResult['outcome'] | undefined;
}

/** Keeps what each guardrail found; whole answers and streams use the same. */
export class AnswerGuard {
  readonly input: AnswerGuardInput;
  readonly watches: readonly Watch[];
  /** Slot → what has left of it in a stream, where a guardrail must see all. */
  readonly #streamed = new Map<string, string>();

  constructor(input: AnswerGuardInput) {
    this.input = input;
    this.watches = input.guardrails.map((guardrail) => ({
      guardrail,
      hits: new Hits(),
      isLog: !runsAt(guardrail, 'post_call'),
      ms: 0,
      outcome: undefined,
    }));
    this.needsWhole = AnswerGuard.#needsWhole(this.watches);
  }

  /** What the guardrails found so far. */
  results(): readonly GuardResult[] {
    return this.watches.map(({ guardrail, hits, isLog, ms, outcome }) => ({
      name: guardrail.settings.name,
      hook: isLog ? 'logging_only' : 'post_call',
      outcome: outcome ?? (isLog && hits.any ? 'logged' : hits.masked ? 'masked' : 'passed'),
      hits: hits.recorded,
      ms: Math.round(ms * 100) / 100,
    }));
  }

  /** Some can only judge an answer that is whole: a stream is kept back for them. */
  readonly needsWhole: boolean;

  static #needsWhole(watches: readonly Watch[]): boolean {
    return watches.some(({ guardrail: { settings } }) => settings.rule.kind === 'external' || settings.rule.kind === 'json_schema');
  }

  /** An answer in one piece, as it may leave. A promise only where an external guardrail is asked. Throws or rejects with `GuardrailBlock`. */
  check(body: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const paths = ANSWER_TEXTS[this.input.dialect];
    if (paths === undefined) return body;
    const answer = parseExact(Buffer.from(body).toString());
    let changed = false;
    const change = (visit: (text: string) => string): void => {
      if (walkTexts(answer, paths, visit)) changed = true;
    };
    for (const watch of this.watches) this.#checkLocally(watch, answer, change);
    const finish = (): Uint8Array => {
      const { hidden } = this.input;
      if (changed) dropTokens(answer);
      if (hidden !== undefined) {
        const isRestored = walkTexts(answer, paths, (text, { kind }) =>
          restoreText(text, hidden, kind === 'json' ? insideJson : asWritten),
        );
        changed = isRestored || changed;
      }
      return changed ? Buffer.from(JSON.stringify(answer)) : body;
    };
    const texts: string[] = [];
    if (this.needsWhole) walkTexts(answer, paths, (text) => (texts.push(text), text));
    const asked = this.checkWhole(texts, (replaced) => {
      let index = 0;
      change((text) => replaced[index++] ?? text);
    });
    return asked === undefined ? finish() : asked.then(finish);
  }

  /** A piece of a stream's text, as it leaves. */
  streamed(slot: string, text: string): void {
    if (this.needsWhole) this.#streamed.set(slot, (this.#streamed.get(slot) ?? '') + text);
  }

  /** Of a stream that was kept back until now. Throws or rejects with `GuardrailBlock`. */
  checkStreamed(): Promise<void> | undefined {
    return this.checkWhole([...this.#streamed.values()]);
  }

  #checkLocally(watch: Watch, answer: unknown, change: (visit: (text: string) => string) => void): void {
    const startedAt = this.input.tools.now();
    const { scanner, tools } = watch.guardrail;
    if (scanner !== undefined) {
      change((text) => {
        const findings = scanner.find(text, 0);
        for (const { category, action } of findings) this.found(watch, category, action === 'block');
        return findings.length === 0 || watch.isLog ? text : replaceFindings(text, findings, undefined);
      });
    }
    if (tools !== undefined) {
      for (const { name, args } of toolCallsOf(answer)) if (!tools.mayCall(name, args)) this.found(watch, 'tool_not_allowed', true);
    }
    watch.ms += this.input.tools.now() - startedAt;
  }

  /** Notes a finding; throws where it blocks. */
  found(watch: Watch, category: string, blocks: boolean): void {
    watch.hits.add(category);
    if (watch.isLog) return;
    if (blocks) throw this.#block(watch, category);
    watch.hits.masked = true;
  }

  #block(watch: Watch, category: string): GuardrailBlock {
    watch.outcome = 'blocked';
    return new GuardrailBlock(watch.guardrail.settings.name, category, this.results());
  }

  /**
   * Schemas and external guardrails, on all texts of an answer. `replace` puts others in their place; where it is left out, an answer that would be
   * changed is refused. Undefined where nobody is to be waited for.
   */
  checkWhole(texts: readonly string[], replace?: (texts: readonly string[]) => void): Promise<void> | undefined {
    for (const watch of this.watches) {
      const { rule } = watch.guardrail.settings;
      if (rule.kind !== 'json_schema') continue;
      const fault = schemaFault(texts[0], rule, this.input.schema);
      if (fault !== undefined) this.found(watch, 'json_schema', true);
    }
    const external = this.watches.filter(({ guardrail }) => guardrail.settings.rule.kind === 'external');
    if (external.length === 0 || texts.length === 0) return undefined;
    return this.#askAll(external, texts, replace);
  }

  async #askAll(external: readonly Watch[], texts: readonly string[], replace?: (texts: readonly string[]) => void): Promise<void> {
    let current = texts;
    for (const watch of external) current = await this.#askOne(watch, current, replace);
  }

  async #askOne(watch: Watch, texts: readonly string[], replace?: (texts: readonly string[]) => void): Promise<readonly string[]> {
    const { tools, jobId } = this.input;
    const { settings } = watch.guardrail;
    const startedAt = tools.now();
    const verdict: GuardVerdict = await tools
      .ask(watch.guardrail, { texts, of: 'response', jobId })
      .catch((cause: unknown): GuardVerdict => {
        watch.ms += tools.now() - startedAt;
        const mayGoOn = settings.failOpen || watch.isLog;
        watch.outcome = mayGoOn ? 'failed' : 'blocked';
        if (mayGoOn) return {};
        throw unavailable(settings.name, this.results(), cause);
      });
    watch.ms += tools.now() - startedAt;
    for (const category in verdict.hits) watch.hits.add(category, verdict.hits[category]);
    if (watch.isLog) return texts;
    if (verdict.blocked !== undefined) throw this.#block(watch, verdict.blocked);
    if (verdict.texts === undefined) return texts;
    if (replace === undefined) throw this.#block(watch, 'masked_in_stream');
    watch.hits.masked = true;
    replace(verdict.texts);
    return verdict.texts;
  }
}

export type { Watch };

/** Probabilities of tokens would tell what was masked. */
function dropTokens(answer: unknown): void {
  const choices: unknown = typeof answer === 'object' && answer !== null && 'choices' in answer ? answer.choices : undefined;
  if (!Array.isArray(choices)) return;
  for (const choice of choices as Record<string, unknown>[]) if (choice['logprobs'] !== undefined) choice['logprobs'] = null;
}
