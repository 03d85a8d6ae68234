import type { AlertKind } from '#contracts';
import type { SecretRef } from '../secret-ref.ts';

/** `headrace.ledger`. */
export interface LedgerSettings {
  /** Rows older than that go, by whole months; undefined: none ever. */
  readonly retentionMs: number | undefined;
}

/** `headrace.alerts`, and LiteLLM's `general_settings.alerting`. */
export interface AlertSettings {
  readonly destinations: readonly AlertDestination[];
  /** How long before its end a key is told of. */
  readonly keyExpiringMs: number;
  /** An hour that costs so many times the usual is told of, where it costs at least `anomalyMinUsd` (decimal text). */
  readonly anomalyFactor: number;
  readonly anomalyMinUsd: string;
  /** How long a deployment must be out to be told of. */
  readonly providerDownAfterMs: number;
  /** Host names and IP addresses that alerts may be sent to although they are private. */
  readonly allowedPrivateHosts: readonly string[];
  /** How long delivery is tried. */
  readonly giveUpAfterMs: number;
}

export interface AlertDestination {
  /** Shown in place of the address. */
  readonly name: string;
  readonly format: 'webhook' | 'slack' | 'email';
  readonly url: SecretRef;
  readonly kinds: readonly AlertKind[];
  /** `whsec_…`: signs what is sent. */
  readonly secret?: SecretRef | undefined;
  /** Who is to get the e-mail. */
  readonly to?: readonly string[] | undefined;
}
