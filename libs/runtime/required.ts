/** A setting that a service can't start without, by its environment variable. Throws where it is missing. */
export function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
