import { type Command, InvalidArgumentError } from 'commander';

/** Services that the others do without. */
const OPTIONAL = ['batches', 'sandbox', 'worker'] as const;
export type OptionalService = (typeof OPTIONAL)[number];

/** Adds `--without`. */
export function addWithout(command: Command): void {
  command.option('--without <services>', `do not start these, with commas: ${OPTIONAL.join(', ')}`, parseServices);
}

/** What is not to be started, by the flags of this start. */
export function withoutOf({ without }: Readonly<Record<string, unknown>>): ReadonlySet<OptionalService> {
  return without instanceof Set ? (without as ReadonlySet<OptionalService>) : new Set();
}

function parseServices(text: string): ReadonlySet<OptionalService> {
  return new Set(text.split(',').map((name) => parseService(name.trim())));
}

function parseService(name: string): OptionalService {
  const service = OPTIONAL.find((known) => known === name);
  if (service === undefined) throw new InvalidArgumentError(`'${name}' is none of ${OPTIONAL.join(', ')}.`);
  return service;
}
