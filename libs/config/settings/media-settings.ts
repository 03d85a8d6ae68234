/** `headrace.media`: pictures and documents that are fetched for providers that take no addresses. */
export interface MediaSettings {
  /** Host names and IP addresses that may be private. */
  readonly allowedPrivateHosts: readonly string[];
  /** For all files of a request together. */
  readonly maxBytes: number;
  /** Milliseconds for one file. */
  readonly timeoutMs: number;
}
