import type { ProcessUsage } from './process-usage.ts';

/** Something that answers chat completions, started for a bench. All targets have the same mock provider behind them. */
export interface Target {
  readonly name: TargetName;
  /** Of `POST /v1/chat/completions`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The product's own processes: not the provider, not the load generator. */
  usage(): Promise<readonly ProcessUsage[]>;
  /** Waits until all that was billed so far is in the ledger; absent where there is none. */
  settle?(): Promise<Settlement>;
  stop(): Promise<void>;
}

/** `limited` is Headrace with a key that has limits of every kind. */
export const TARGETS = ['direct', 'bare', 'headrace', 'limited'] as const;
export type TargetName = (typeof TARGETS)[number];

/** How the ledger agrees with the provider's meter, after the load. */
export interface Settlement {
  /** From the end of the load until ledger and meter agreed; undefined when they did not in time. */
  readonly waitedMs: number | undefined;
  readonly ledgerMicroUsd: number;
  readonly meterMicroUsd: number;
  /** Requests the provider answered; rows of the ledger (at most the newest 10,000). */
  readonly requestsMetered: number;
  readonly ledgerRows: number;
}
