import type { GuardrailHook, GuardrailSettings, GuardrailsSettings } from '#config';
import { createScanner, type Scanner } from './rules/scanner.ts';
import { compileTools, type ToolPolicy } from './rules/tool-policy.ts';

/** A guardrail ready to run. */
export interface Guardrail {
  readonly settings: GuardrailSettings;
  /** Of rules about places in texts. */
  readonly scanner: Scanner | undefined;
  readonly tools: ToolPolicy | undefined;
}

/** All guardrails of a configuration, in its order. */
export interface Guardrails {
  readonly settings: GuardrailsSettings;
  readonly list: readonly Guardrail[];
  readonly byName: ReadonlyMap<string, Guardrail>;
}

const COMPILED = new WeakMap<GuardrailsSettings, Guardrails>();

/** Compiled once for each configuration. */
export function compileGuardrails(settings: GuardrailsSettings): Guardrails {
  const known = COMPILED.get(settings);
  if (known !== undefined) return known;
  const list = settings.list.map(compile);
  const compiled = { settings, list, byName: new Map(list.map((guardrail) => [guardrail.settings.name, guardrail])) };
  COMPILED.set(settings, compiled);
  return compiled;
}

function compile(settings: GuardrailSettings): Guardrail {
  const { rule } = settings;
  return { settings, scanner: createScanner(rule), tools: rule.kind === 'tools' ? compileTools(rule) : undefined };
}

export function runsAt({ settings }: Guardrail, hook: GuardrailHook): boolean {
  return settings.hooks.includes(hook);
}
