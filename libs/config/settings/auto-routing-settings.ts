/** `headrace.auto_routing`: names of models that stand for a cheap and a strong one, chosen between for each request. */
export interface AutoRoutingSettings {
  /** A file that `npm run train:router` made; undefined: the weights that come with the gateway. */
  readonly weightsFile: string | undefined;
  /** By the name that clients ask for. */
  readonly groups: Readonly<Record<string, AutoGroup>>;
}

export interface AutoGroup {
  /** Model groups; undefined: the cheapest and the dearest that has a price. */
  readonly weak: string | undefined;
  readonly strong: string | undefined;
  /** 0 to 1: the share of requests that may go to the strong group. */
  readonly costShare: number;
  /** An answer of the weak group that fails a check is asked for again at the strong one. */
  readonly escalate: boolean;
  /** A session stays where its first request went. */
  readonly sticky: boolean;
  /** Where a session's requests go once the strong group had to answer for the weak one: there once, from then on, or nowhere else. */
  readonly afterEscalation: AfterEscalation;
}

export const AFTER_ESCALATION = ['once', 'stay', 'ignore'] as const;
export type AfterEscalation = (typeof AFTER_ESCALATION)[number];
