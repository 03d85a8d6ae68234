/**
 * An answer of the Responses API as the gateway keeps it, so that a client can continue it by its id or fetch it again. Stored
 * under the hash of the key that asked; another key's look-up finds nothing.
 */
export interface StoredResponse {
  readonly v: 1;
  /** As the client was told: ours, or that of a provider which keeps the conversation too. */
  readonly id: string;
  /** The model name the client sent. */
  readonly model: string;
  /** The deployment whose provider gave the id and can continue it; absent when nobody but the gateway can. */
  readonly keptBy?: { readonly modelGroup: string; readonly deploymentId: string } | undefined;
  /** All items before the answer, oldest first, those of earlier responses included. */
  readonly input: readonly Readonly<Record<string, unknown>>[];
  /** The `response` object as the client got it. */
  readonly response: Readonly<Record<string, unknown>>;
}

/** Undefined for what this version can't read. Throws `SyntaxError` for what is no JSON. */
export function decodeStoredResponse(text: string): StoredResponse | undefined {
  const value = JSON.parse(text) as Partial<StoredResponse> | null;
  const isReadable = value?.v === 1 && typeof value.id === 'string' && Array.isArray(value.input) && typeof value.response === 'object';
  return isReadable ? (value as StoredResponse) : undefined;
}
