import { ConfigError, type ConfigProblem } from './config-error.ts';
import { maskLine, maskValue } from './source/mask-line.ts';
import type { SourceFile } from './source/source-file.ts';
import type { SourceNode } from './source/source-node.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a problem is: a node, or a key within one. */
export type Place = Pick<SourceNode, 'file' | 'path' | 'offset'>;

export interface ProblemOptions {
  readonly suggestion?: string | undefined;
  /** The value may be a secret, or is unknown: only its key is shown. */
  readonly hideValue?: boolean;
}

/**
 * One pass over a configuration: the environment it is read with, and what was found wrong. Reading goes on after a problem
 * so that all of them are told at once.
 */
export interface Reading {
  readonly env: Environment;
  problem(place: Place, message: string, options?: ProblemOptions): void;
  /** One line in the start-up log. `topic` is told once, however often it occurs. */
  warn(topic: string, line: string): void;
  warnings(): readonly string[];
  /** Throws `ConfigError` when there was any problem. */
  finish(): void;
}

export function createReading(env: Environment): Reading {
  const problems: ConfigProblem[] = [];
  const warnings = new Map<string, string>();
  return {
    env,
    problem: (place, message, options = {}) => {
      const { line, col } = position(place);
      const text = place.file.lines[line - 1] ?? '';
      const excerpt = options.hideValue === true ? maskValue(text) : maskLine(text);
      problems.push({ file: place.file.name, line, column: col, path: place.path, message, suggestion: options.suggestion, excerpt });
    },
    warn: (topic, line) => {
      if (!warnings.has(topic)) warnings.set(topic, line);
    },
    warnings: () => [...warnings.values()],
    finish: () => {
      if (problems.length > 0) throw new ConfigError(problems.sort(byPlace));
    },
  };
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

function position(place: { readonly file: SourceFile; readonly offset: number }): { line: number; col: number } {
  return place.file.lineCounter.linePos(place.offset);
}

/** `config.yaml:12`, for warnings. */
export function placeText(place: { readonly file: SourceFile; readonly offset: number }): string {
  return `${place.file.name}:${position(place).line}`;
}
