/** How a weak and a strong model did on one prompt. One line of an outcome file. */
export interface RoutingOutcome {
  /** Where the prompt is from: `set/part`, or the name of an export. */
  readonly source: string;
  readonly prompt: string;
  readonly weak: boolean;
  readonly strong: boolean;
}

/** One line. Throws an error that names the line and what is wrong with it. */
export function parseOutcome(line: string, number: number): RoutingOutcome {
  const value = parseLine(line, number);
  const { source = 'own', prompt, weak, strong } = value;
  if (typeof prompt !== 'string') throw new Error(`line ${number}: 'prompt' must be text`);
  if (typeof weak !== 'boolean') throw new Error(`line ${number}: 'weak' must be true or false: did the weak model answer well?`);
  if (typeof strong !== 'boolean') throw new Error(`line ${number}: 'strong' must be true or false: did the strong model answer well?`);
  return { source: String(source), prompt, weak, strong };
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
