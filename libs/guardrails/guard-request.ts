import type { GuardrailHook } from '#config';
import type { ClientDialect, GuardOutcome, GuardResult } from '#contracts';
import { parseExact } from '#dialects';
import type { Guardrail } from './compile-guardrails.ts';
import type { GuardQuestion, GuardVerdict } from './external/question.ts';
import { injectionScore } from './detect/injection.ts';
import { GuardrailBlock, Hits } from './guard-result.ts';
import { replaceFindings } from './rules/replace-findings.ts';
import { refuseTools } from './rules/request-tools.ts';
import { brokenLimit } from './rules/size-and-language.ts';
import { createVault, type Vault } from './rules/vault.ts';
import { REQUEST_TEXTS, TOOL_TEXTS } from './walk/request-texts.ts';
import { type TextPlace, walkTexts } from './walk/walk-texts.ts';

export interface RequestToGuard {
  readonly dialect: ClientDialect;
  /** Parsed; not changed. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The same as bytes. */
  readonly body: Uint8Array;
  readonly jobId?: string | undefined;
}

export interface GuardTools {
  /** Asks an external guardrail. Rejects where it could not be asked. */
  readonly ask: (guardrail: Guardrail, question: GuardQuestion) => Promise<GuardVerdict>;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

export interface GuardedRequest {
  /** Both undefined where nothing was changed. */
  readonly fields: Record<string, unknown> | undefined;
  readonly body: Buffer | undefined;
  readonly hidden: Readonly<Record<string, string>> | undefined;
  readonly results: readonly GuardResult[];
}

/**
 * Runs guardrails on a request, in their order: each sees what those before it left. A promise only where one of them is external. Throws or
 * rejects with `GuardrailBlock`. With `logging_only` and `during_call` nothing is changed; with `logging_only` nothing is refused either.
 */
export function guardRequest(
  request: RequestToGuard,
  guardrails: readonly Guardrail[],
  hook: GuardrailHook,
  tools: GuardTools,
): GuardedRequest | Promise<GuardedRequest> {
  const state = new RequestState(request, hook, tools);
  for (let index = 0; index < guardrails.length; index += 1) {
    const guardrail = guardrails[index];
    if (guardrail === undefined) continue;
    const pending = state.run(guardrail);
    if (pending !== undefined) return pending.then(() => runRest(state, guardrails.slice(index + 1)));
  }
  return state.guarded();
}

async function runRest(state: RequestState, guardrails: readonly Guardrail[]): Promise<GuardedRequest> {
  for (const guardrail of guardrails) await state.run(guardrail);
  return state.guarded();
}

class RequestState {
  readonly #request: RequestToGuard;
  readonly #hook: GuardrailHook;
  readonly #tools: GuardTools;
  readonly #results: GuardResult[] = [];
  readonly #vault: Vault;
  /** A copy of the request's, once something is to be changed. */
  #own: Record<string, unknown> | undefined;

  constructor(request: RequestToGuard, hook: GuardrailHook, tools: GuardTools) {
    this.#request = request;
    this.#hook = hook;
    this.#tools = tools;
    const written = (): string => Buffer.from(request.body).toString();
    let text: string | undefined;
    this.#vault = createVault((placeholder) => (text ??= written()).includes(placeholder));
  }

  guarded(): GuardedRequest {
    const own = this.#own;
    if (own === undefined) return { fields: undefined, body: undefined, hidden: undefined, results: this.#results };
    const body = Buffer.from(JSON.stringify(own));
    const { model } = this.#request.fields;
    return { fields: { ...own, ...(model === undefined ? {} : { model }) }, body, hidden: this.#vault.hidden, results: this.#results };
  }

  run(guardrail: Guardrail): Promise<void> | undefined {
    const startedAt = this.#tools.now();
    const hits = new Hits();
    const { rule } = guardrail.settings;
    if (rule.kind === 'external') return this.#ask(guardrail, hits, startedAt);
    const blocked = this.#check(guardrail, hits);
    this.#conclude(guardrail, hits, blocked, startedAt);
    return undefined;
  }

  /** The category that blocks it. */
  #check(guardrail: Guardrail, hits: Hits): string | undefined {
    const { rule } = guardrail.settings;
    if (guardrail.scanner !== undefined) return this.#scan(guardrail, hits);
    if (guardrail.tools !== undefined) return this.#checkTools(guardrail, hits);
    if (rule.kind === 'prompt_injection') return this.#checkInjection(rule.threshold, hits);
    if (rule.kind !== 'limits') return undefined;
    const { messages, contents, input } = this.#fields();
    const list = [messages, contents, input].find((value) => Array.isArray(value));
    const broken = brokenLimit(this.#texts(), Array.isArray(list) ? list.length : 1, rule);
    if (broken !== undefined) hits.add(broken);
    return broken;
  }

  #scan({ scanner }: Guardrail, hits: Hits): string | undefined {
    if (scanner === undefined) return undefined;
    let blocked: string | undefined;
    let changes = false;
    this.#walk((text) => {
      for (const { category, action } of scanner.find(text, 0)) {
        hits.add(category);
        if (action === 'block') blocked ??= category;
        else changes = true;
      }
      return text;
    });
    if (blocked !== undefined || !changes || this.#hook !== 'pre_call') return blocked;
    hits.masked = true;
    this.#change((text) => replaceFindings(text, scanner.find(text, 0), this.#vault));
    return undefined;
  }

  #checkTools({ tools }: Guardrail, hits: Hits): string | undefined {
    if (tools === undefined) return undefined;
    const { count, without } = refuseTools({ ...this.#fields() }, tools);
    if (count === 0) return undefined;
    hits.add('tool_not_allowed', count);
    if (tools.blocks) return 'tool_not_allowed';
    if (this.#hook !== 'pre_call') return undefined;
    hits.masked = true;
    const own = this.#copy();
    this.#own = refuseTools(own, tools).without;
    void without;
    return undefined;
  }

  #checkInjection(threshold: number, hits: Hits): string | undefined {
    const isOfOperator = operatorTexts(this.#fields());
    let blocked: string | undefined;
    const look = (text: string, place: TextPlace): string => {
      if (blocked === undefined && !isOfOperator(place) && injectionScore(text) >= threshold) {
        hits.add('prompt_injection');
        blocked = 'prompt_injection';
      }
      return text;
    };
    this.#walk(look);
    walkTexts(this.#fields(), TOOL_TEXTS, look);
    return blocked;
  }

  async #ask(guardrail: Guardrail, hits: Hits, startedAt: number): Promise<void> {
    const texts = this.#texts();
    let verdict: GuardVerdict;
    try {
      verdict = texts.length === 0 ? {} : await this.#tools.ask(guardrail, { texts, of: 'request', jobId: this.#request.jobId });
    } catch (cause) {
      return this.#failed(guardrail, startedAt, cause);
    }
    for (const category in verdict.hits) hits.add(category, verdict.hits[category]);
    const { texts: replaced } = verdict;
    if (verdict.blocked === undefined && replaced !== undefined && this.#hook === 'pre_call') {
      hits.masked = true;
      let index = 0;
      this.#change((text) => replaced[index++] ?? text);
    }
    this.#conclude(guardrail, hits, verdict.blocked, startedAt);
  }

  #failed({ settings }: Guardrail, startedAt: number, cause: unknown): void {
    const mayGoOn = settings.failOpen || this.#hook === 'logging_only';
    this.#add(settings.name, mayGoOn ? 'failed' : 'blocked', undefined, startedAt);
    if (!mayGoOn) throw unavailable(settings.name, this.#results, cause);
  }

  #conclude({ settings }: Guardrail, hits: Hits, blocked: string | undefined, startedAt: number): void {
    const isLog = this.#hook === 'logging_only';
    const outcome: GuardOutcome = isLog
      ? hits.any
        ? 'logged'
        : 'passed'
      : blocked !== undefined
        ? 'blocked'
        : hits.masked
          ? 'masked'
          : 'passed';
    this.#add(settings.name, outcome, hits.recorded, startedAt);
    if (outcome === 'blocked') throw new GuardrailBlock(settings.name, blocked ?? '', this.#results);
  }

  #add(name: string, outcome: GuardOutcome, hits: GuardResult['hits'], startedAt: number): void {
    this.#results.push({ name, hook: this.#hook, outcome, hits, ms: Math.round((this.#tools.now() - startedAt) * 100) / 100 });
  }

  #fields(): Readonly<Record<string, unknown>> {
    return this.#own ?? this.#request.fields;
  }

  /** `visit` gives back what it was given: nothing is changed. */
  #walk(visit: (text: string, place: TextPlace) => string): void {
    walkTexts(this.#fields(), REQUEST_TEXTS[this.#request.dialect], visit);
  }

  #change(visit: (text: string) => string): void {
    walkTexts(this.#copy(), REQUEST_TEXTS[this.#request.dialect], visit);
  }

  #texts(): readonly string[] {
    const texts: string[] = [];
    this.#walk((text) => {
      texts.push(text);
      return text;
    });
    return texts;
  }

  /** Read again from the bytes, so that numbers keep their digits. */
  #copy(): Record<string, unknown> {
    this.#own ??= parseExact(Buffer.from(this.#request.body).toString()) as Record<string, unknown>;
    return this.#own;
  }
}

/** Refused because a guardrail that must be asked could not be. */
export function unavailable(guardrail: string, results: readonly GuardResult[], cause: unknown): GuardrailBlock {
  const block = new GuardrailBlock(guardrail, 'unavailable', results);
  block.cause = cause;
  return block;
}

/** System prompts are the operator's own: what they say is no injection. */
function operatorTexts({ messages }: Readonly<Record<string, unknown>>): (place: TextPlace) => boolean {
  const roles = Array.isArray(messages) ? messages.map((message: { readonly role?: unknown } | null) => message?.role) : [];
  return ({ path, kind }) => {
    if (kind === 'system') return true;
    const role = path.startsWith('messages.') ? roles[Number(path.slice(9, path.indexOf('.', 9)))] : undefined;
    return role === 'system' || role === 'developer';
  };
}
