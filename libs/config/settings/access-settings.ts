/** Who may call what, and what a call must say of its user: keys of `general_settings`. All of it is optional; undefined as a whole where none is set. */
export interface AccessSettings {
  /** Header of a virtual key, in lower case, looked at before all others: `litellm_key_header_name`. */
  readonly keyHeader: string | undefined;
  /** In lower case; the first that a request has names its end user: `user_header_mappings`, then `user_header_name`. */
  readonly endUserHeaders: readonly string[];
  /** In lower case: names the user that a call counts for, in place of the key's own. */
  readonly userHeader: string | undefined;
  /** Calls without an end user are refused. */
  readonly enforceUser: boolean;
  /** Fields that every call must have; `metadata.team` is a path. */
  readonly enforcedParams: readonly string[];
  /** Tags may come with keys and teams only: `reject_clientside_metadata_tags`. */
  readonly refusesClientTags: boolean;
  /** Addresses and networks (`10.0.0.0/8`) that are let in; undefined: all. */
  readonly allowedIps: readonly string[] | undefined;
  /** The last address of `X-Forwarded-For` counts, where there is one. */
  readonly trustsForwardedFor: boolean;
  /** Entries as `isRouteAllowed` takes them, at least one; undefined: all that there are. */
  readonly allowedRoutes: readonly string[] | undefined;
  /** Answered without a key. */
  readonly publicRoutes: readonly string[];
  /** For the master key and administrators. */
  readonly adminOnlyRoutes: readonly string[];
}
