/** Lanes share a provider's capacity by weight: people first, then background jobs, then batches. */
export const LANES = ['live', 'background', 'batch'] as const;
export type Lane = (typeof LANES)[number];

/** The tier of a deployment whose `model_info.tier` names none. */
export const DEFAULT_TIER = 'standard';

/** Bulk queues beside the common one of a lane, so that a key that fills one delays nobody in the others. Nobody fills the background lane. */
export const BULK_QUEUES: Readonly<Record<Lane, number>> = { live: 4, background: 0, batch: 4 };
