import type { GuardResult, JobMeta } from '#contracts';
import { type Exchange, parseExact } from '#dialects';
import { AnswerGuard, compileGuardrails, type Guardrail, GuardrailBlock, guardStream, runsAt, schemaOfRequest } from '#guardrails';
import type { WorkerResources } from '../resources.ts';

/** What the guardrails of a job do in one attempt. */
export class AttemptGuard {
  /** Undefined where nothing looks at the answer and nothing is to be put back in it. */
  readonly answer: AnswerGuard | undefined;
  /** Those that are asked beside the provider. */
  readonly beside: readonly Guardrail[];
  readonly #before: readonly GuardResult[];
  #during: readonly GuardResult[] = [];

  constructor(before: readonly GuardResult[], beside: readonly Guardrail[], answer: AnswerGuard | undefined) {
    this.#before = before;
    this.beside = beside;
    this.answer = answer;
  }

  besideEnded(results: readonly GuardResult[]): void {
    this.#during = results;
  }

  /** Of all so far. */
  results(): readonly GuardResult[] {
    return [...this.#before, ...this.ownResults()];
  }

  /** Of those that ran in this attempt. */
  ownResults(): readonly GuardResult[] {
    return [...this.#during, ...(this.answer?.results() ?? [])];
  }
}

/** Undefined for most jobs: no guardrail is configured for them. Throws `GuardrailBlock` when one that must run is not known here. */
export function openAttemptGuard(meta: JobMeta, body: Uint8Array, { config, guardTools }: WorkerResources): AttemptGuard | undefined {
  const { guard } = meta;
  if (guard === undefined) return undefined;
  const { names = [], hidden, results = [] } = guard;
  const known = config.guardrails === undefined ? undefined : compileGuardrails(config.guardrails).byName;
  const guardrails = names.map((name) => {
    const guardrail = known?.get(name);
    // a configuration that has just changed: what was promised can't be kept
    if (guardrail === undefined) throw new GuardrailBlock(name, 'unavailable', results);
    return guardrail;
  });
  const beside = guardrails.filter((one) => runsAt(one, 'during_call'));
  const after = guardrails.filter((one) => runsAt(one, 'post_call') || runsAt(one, 'logging_only'));
  if (after.length === 0 && hidden === undefined) return new AttemptGuard(results, beside, undefined);
  const schema = after.some(({ settings }) => settings.rule.kind === 'json_schema') ? schemaOf(body) : undefined;
  return new AttemptGuard(
    results,
    beside,
    new AnswerGuard({
      dialect: meta.dialect,
      guardrails: after,
      hidden,
      schema,
      isRepair: meta.repair !== undefined,
      tools: guardTools,
      jobId: meta.id,
    }),
  );
}

function schemaOf(body: Uint8Array) {
  const fields = parseExact(Buffer.from(body).toString());
  return schemaOfRequest(fields as Readonly<Record<string, unknown>>);
}

/** The exchange with its streams guarded; whole answers are checked where they are settled. */
export function guardExchange(exchange: Exchange, guard: AttemptGuard | undefined): Exchange {
  const answer = guard?.answer;
  return answer === undefined ? exchange : { ...exchange, openStream: () => guardStream(exchange.openStream(), answer) };
}
