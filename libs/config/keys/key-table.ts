/**
 * The keys of one section. `supported` ones are read; `ignored` ones exist in LiteLLM and are accepted with a warning that they
 * have no effect here yet. When a feature arrives its key moves from the one list to the other.
 */
export interface KeyTable {
  /** As it stands in the file: `router_settings`. */
  readonly section: string;
  readonly supported: readonly string[];
  readonly ignored: readonly string[];
}

export function allKeys(table: KeyTable): readonly string[] {
  return [...table.supported, ...table.ignored];
}

/** A list of names written as text, for tables that are long. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
