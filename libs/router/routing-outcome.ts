/** How a weak and a strong model did on one prompt. One line of an outcome file. */
export interface RoutingOutcome {
  /** Where the prompt is from: `set/part`, or the name of an export. */
  readonly source: string;
  readonly prompt: string;
  /** Null: it was not asked. */
  readonly weak: boolean | null;
  readonly strong: boolean | null;
}

/** Both models were asked. */
export interface WholeOutcome extends RoutingOutcome {
  readonly weak: boolean;
  readonly strong: boolean;
}

export function isWhole(outcome: RoutingOutcome): outcome is WholeOutcome {
  return outcome.weak !== null && outcome.strong !== null;
}

/** One line. Throws an error that names the line and what is wrong with it. */
export function parseOutcome(line: string, number: number): RoutingOutcome {
  const value = parseLine(line, number);
  const { source = 'own', prompt, weak = null, strong = null } = value;
  if (typeof prompt !== 'string') throw new Error(`line ${number}: 'prompt' must be text`);
  if (!isKnown(weak)) throw new Error(`line ${number}: 'weak' must be true, false or null: did the weak model answer well?`);
  if (!isKnown(strong)) throw new Error(`line ${number}: 'strong' must be true, false or null: did the strong model answer well?`);
  if (weak === null && strong === null) throw new Error(`line ${number}: one of 'weak' and 'strong' must be true or false`);
  return { source: String(source), prompt, weak, strong };
}

function isKnown(value: unknown): value is boolean | null {
  return typeof value === 'boolean' || value === null;
}

function parseLine(line: string, number: number): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Error(`line ${number}: not JSON`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error(`line ${number}: not a JSON object`);
}
