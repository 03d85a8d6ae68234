import type { SchemaRule } from '#config';
import type { ClientDialect, GuardResult } from '#contracts';
import { parseExact } from '#dialects';
import { type Guardrail, runsAt } from './compile-guardrails.ts';
import type { GuardVerdict } from './external/question.ts';
import type { GuardTools } from './guard-request.ts';
import { unavailable } from './guard-request.ts';
import { GuardrailBlock, Hits } from './guard-result.ts';
import { toolCallsOf } from './rules/answer-tools.ts';
import { schemaFault, type SchemaSource } from './rules/answer-schema.ts';
import { canRepair, MAX_REPAIRED_CHARS, unfenced } from './rules/repair-answer.ts';
import { replaceFindings } from './rules/replace-findings.ts';
import { readHeldStream } from './stream/held-stream.ts';
import type { Hidden } from './stream/restore-window.ts';
import { ANSWER_TEXTS, STREAM_TEXTS } from './walk/answer-texts.ts';
import { dropTokens } from './walk/drop-tokens.ts';
import { isReasoning } from './walk/is-reasoning.ts';
import { walkTexts } from './walk/walk-texts.ts';
import { mayReplace, restoredText, type WholeText } from './whole-text.ts';

/** What an attempt's answer goes through before its client gets it. One for each attempt. */
export interface AnswerGuardInput {
  readonly dialect: ClientDialect;
  /** Those of the job that look at answers (`post_call`, `logging_only`), in their order. */
  readonly guardrails: readonly Guardrail[];
  readonly hidden: Hidden | undefined;
  /** Of the request, where a guardrail wants what it asked for. */
  readonly schema: SchemaSource | undefined;
  /** The model was told what was wrong with its first answer. */
  readonly isRepair?: boolean | undefined;
  readonly tools: GuardTools;
  readonly jobId: string;
}

/** Puts others in the place of an answer's texts; false where that can't be. */
type ReplaceTexts = (texts: readonly string[]) => boolean;

/** The texts of an answer as they are by now, and which of them the model answered with: -1 for none. */
interface Answered {
  readonly texts: readonly string[];
  readonly answerAt: number;
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
        const isRestored = walkTexts(answer, paths, (text, { kind }) => restoredText(text, kind, hidden));
        changed = isRestored || changed;
      }
      return changed ? Buffer.from(JSON.stringify(answer)) : body;
    };
    const texts: WholeText[] = [];
    if (this.needsWhole) {
      walkTexts(answer, paths, (text, { path, kind }) => {
        texts.push({ text, kind, isAnswer: kind === 'text' && !isReasoning(answer, path) });
        return text;
      });
    }
    const asked = this.#checkWhole(texts, (replaced) => {
      if (!mayReplace(texts, replaced)) return false;
      let index = 0;
      change((text) => replaced[index++] ?? text);
      return true;
    });
    return asked === undefined ? finish() : asked.then(finish);
  }

  /**
   * A stream that was kept back until now, in the client's format, as it may leave: what was hidden from the provider is in it again. A promise only
   * where an external guardrail is asked. Throws or rejects with `GuardrailBlock`.
   */
  checkHeld(bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const paths = STREAM_TEXTS[this.input.dialect];
    if (paths === undefined) return bytes;
    const { texts, withTexts } = readHeldStream(bytes, paths);
    const { hidden } = this.input;
    let current: readonly string[] = texts.map(({ text }) => text);
    const finish = (): Uint8Array => {
      const written = hidden === undefined ? current : current.map((text, at) => restoredText(text, texts[at]?.kind ?? 'text', hidden));
      return written.every((text, at) => text === texts[at]?.text) ? bytes : withTexts(written);
    };
    const asked = this.#checkWhole(texts, (replaced) => {
      if (!mayReplace(texts, replaced)) return false;
      current = replaced;
      return true;
    });
    return asked === undefined ? finish() : asked.then(finish);
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

  /** Schemas and external guardrails, on all texts of an answer. Undefined where nobody is to be waited for. */
  #checkWhole(whole: readonly WholeText[], replace: ReplaceTexts): Promise<void> | undefined {
    const answerAt = whole.findIndex(({ isAnswer }) => isAnswer);
    let current: readonly string[] = whole.map(({ text }) => text);
    for (const watch of this.watches) {
      const { rule } = watch.guardrail.settings;
      if (rule.kind === 'json_schema') current = this.#checkSchema(watch, rule, { texts: current, answerAt }, replace);
    }
    const external = this.watches.filter(({ guardrail }) => guardrail.settings.rule.kind === 'external');
    if (external.length === 0 || current.length === 0) return undefined;
    return this.#askAll(external, current, replace);
  }

  /** Where an answer is right but for the marks of a code block around it, they go. What else is wrong its model may be told. */
  #checkSchema(watch: Watch, rule: SchemaRule, { texts, answerAt }: Answered, replace: ReplaceTexts): readonly string[] {
    const { schema, dialect, isRepair = false } = this.input;
    const text = texts[answerAt];
    const fault = schemaFault(text, rule, schema);
    if (fault === undefined) {
      if (isRepair) watch.outcome = 'repaired';
      return texts;
    }
    const inside = text === undefined || !rule.repair || watch.isLog ? undefined : unfenced(text);
    if (inside !== undefined && schemaFault(inside, rule, schema) === undefined) {
      const repaired = texts.with(answerAt, inside);
      watch.outcome = 'repaired';
      replace(repaired);
      return repaired;
    }
    watch.hits.add('json_schema');
    if (watch.isLog) return texts;
    const block = this.#block(watch, 'json_schema');
    const isTold = rule.repair && !isRepair && canRepair(dialect);
    if (isTold && text !== undefined && text.length <= MAX_REPAIRED_CHARS) block.repair = { answer: text, fault };
    throw block;
  }

  async #askAll(external: readonly Watch[], texts: readonly string[], replace: ReplaceTexts): Promise<void> {
    let current = texts;
    for (const watch of external) current = await this.#askOne(watch, current, replace);
  }

  async #askOne(watch: Watch, texts: readonly string[], replace: ReplaceTexts): Promise<readonly string[]> {
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
    if (!replace(verdict.texts)) throw this.#block(watch, 'masked_arguments');
    watch.hits.masked = true;
    return verdict.texts;
  }
}

export type { Watch };
