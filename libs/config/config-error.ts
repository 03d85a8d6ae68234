/** One thing wrong with a configuration file. Holds no secret: it is printed and logged. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; 0 when the problem is the file itself (not found, empty). */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `model_list[2].litellm_params.rpm`; empty for the file itself. */
  readonly path: string;
  readonly message: string;
  /** What to write instead. */
  readonly suggestion: string | undefined;
  /** The line as written, without what may be a secret. */
  readonly excerpt: string | undefined;
}

/** A configuration that must not be started with. `problems` has at least one entry, in the order of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map((problem) => `${place(problem)}: ${problem.message}`).join('; '));
    this.problems = problems;
  }
}

/** For people: one block per problem with the place, the line as written and the fix. */
export function describeConfigError(error: ConfigError): string {
  const count = error.problems.length;
  const title = count === 1 ? 'The configuration has a problem:' : `The configuration has ${count} problems:`;
  return [title, ...error.problems.map(describeProblem)].join('\n\n');
}

function describeProblem(problem: ConfigProblem): string {
  const field = problem.path === '' ? '' : `  ${problem.path}`;
  const lines = [`${place(problem)}${field}`];
  if (problem.excerpt !== undefined) lines.push(`  ${problem.line} | ${problem.excerpt}`);
  lines.push(`  ${problem.message}`);
  if (problem.suggestion !== undefined) lines.push(`  fix: ${problem.suggestion}`);
  return lines.join('\n');
}

function place(problem: ConfigProblem): string {
  return problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
}
