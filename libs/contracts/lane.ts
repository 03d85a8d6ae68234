/** Lanes share a provider's capacity by weight: people first, then background jobs, then batches. */
export const LANES = ['live', 'background', 'batch'] as const;
export type Lane = (typeof LANES)[number];

/** The tier of a deployment whose `model_info.tier` names none. */
export const DEFAULT_TIER = 'standard';
