import { LRUCache } from 'lru-cache';
import type { KeysBucket, ScopesBucket } from '#bus';
import {
  EVERY_CUSTOMER,
  EVERY_KEY,
  type KeyRecord,
  type Limits,
  MASTER_KEY_HASH,
  type NamedScope,
  type Scope,
  scopeFromEntry,
  scopeName,
} from '#contracts';

/**
 * The limits of everybody, kept current by the watches of the buckets `keys` and `scopes`: admission decides without asking anyone. Limits of
 * the gateway, of providers and deployments are the configuration's.
 */
export interface LimitsMirror {
  limitsOf(scope: NamedScope): Limits | undefined;
  /** Nobody has limits: outcomes need not even be read. */
  readonly isEmpty: boolean;
  /** Those of whom nothing is known yet. Their records may be on their way; an ask that names them waits for `learn`. */
  unknown(scopes: readonly NamedScope[]): readonly NamedScope[];
  /** Looks them up. What is not there is not asked for again. Rejects while NATS is away. */
  learn(scopes: readonly NamedScope[]): Promise<void>;
  /** The configuration was read anew. */
  setConfigured(limits: ReadonlyMap<string, Limits>): void;
  /** Everybody who has limits now; `EVERY_CUSTOMER` for the end users that have none of their own. */
  all(): Iterable<readonly [Scope, Limits]>;
  /** One listener: the scope whose limits have changed. Called after the change counts. */
  onChange: (scope: Scope) => void;
  close(): void;
}

export interface MirrorBuckets {
  readonly keys: Pick<KeysBucket, 'get' | 'watch'>;
  readonly scopes: Pick<ScopesBucket, 'get' | 'watch'>;
}

/** End users and tags that nobody has limited: their names come from outside. */
const STRANGERS = 100_000;
const CONFIGURED: ReadonlySet<string> = new Set(['gateway', 'provider', 'deployment']);

const NOBODY: readonly NamedScope[] = [];

interface Known {
  readonly scope: Scope;
  readonly limits: Limits | undefined;
}

export async function openLimitsMirror({ keys, scopes }: MirrorBuckets): Promise<LimitsMirror> {
  const known = new Map<string, Known>();
  const strangers = new LRUCache<string, true>({ max: STRANGERS });
  const limited = new Set<string>();
  let configured: ReadonlyMap<string, Limits> = new Map();
  let ofKey = keyLimits(undefined);

  const note = (name: string, limits: Limits | undefined): void => {
    if (limits === undefined) limited.delete(name);
    else limited.add(name);
  };
  const set = (scope: Scope, limits: Limits | undefined, isThere: boolean): void => {
    const name = scopeName(scope);
    strangers.delete(name);
    if (isThere) known.set(name, { scope, limits });
    else known.delete(name);
    note(name, limits);
    mirror.onChange(scope);
  };
  const isKnown = ({ kind, name }: NamedScope): boolean => known.has(name) || CONFIGURED.has(kind) || strangers.has(name);
  const ends: (() => void)[] = [];
  const mirror: LimitsMirror = {
    limitsOf({ kind, name }) {
      if (CONFIGURED.has(kind)) return configured.size === 0 ? undefined : configured.get(name);
      const own = known.get(name)?.limits;
      if (kind === 'key') return name === MASTER ? own : ofKey(own);
      // what all end users may spend that have no limits of their own
      return own === undefined && kind === 'customer' ? (known.get(ALL_CUSTOMERS)?.limits ?? configured.get(ALL_CUSTOMERS)) : own;
    },
    get isEmpty() {
      return limited.size === 0 && configured.size === 0;
    },
    unknown: (asked) => (asked.every(isKnown) ? NOBODY : asked.filter((scope) => !isKnown(scope))),
    async learn(asked) {
      await Promise.all(
        asked.map(async (scope) => {
          const record = scope.kind === 'key' ? await keyRecord(keys, scope.id) : await scopes.get(scope);
          const { kind, id, name } = scope;
          // what the watch has told meanwhile is newer
          if (known.has(name)) return;
          if (record === undefined) strangers.set(name, true);
          else known.set(name, { scope: { kind, id }, limits: record.limits });
          note(name, record?.limits);
        }),
      );
    },
    setConfigured(limits) {
      configured = limits;
      ofKey = keyLimits(limits.get(ALL_KEYS)?.parallel);
      mirror.onChange({ kind: 'gateway', id: '' });
    },
    *all() {
      for (const { scope, limits } of known.values()) if (limits !== undefined) yield [scope, limits];
      for (const [name, limits] of configured) {
        if (name === ALL_KEYS) continue;
        // its record comes before what the configuration says
        if (name !== ALL_CUSTOMERS) yield [scopeOfName(name), limits];
        else if (known.get(name)?.limits === undefined) yield [EVERY_CUSTOMER, limits];
      }
    },
    onChange: () => undefined,
    close: () => ends.forEach((end) => end()),
  };
  const everything = { everything: true };
  ends.push(await keys.watch((id, record) => set({ kind: 'key', id }, record?.limits, record !== undefined), everything));
  ends.push(
    await scopes.watch((entry, record) => {
      const scope = record ?? scopeFromEntry(entry);
      if (scope !== undefined) set({ kind: scope.kind, id: scope.id }, record?.limits, record !== undefined);
    }, everything),
  );
  return mirror;
}

/** Jobs come from other publishers than the ingress too: what is no hash is no key of the bucket. */
function keyRecord(keys: MirrorBuckets['keys'], hash: string): Promise<KeyRecord | undefined> {
  return /^[\w-]+$/.test(hash) ? keys.get(hash) : Promise.resolve(undefined);
}

const ALL_CUSTOMERS = scopeName(EVERY_CUSTOMER);
const ALL_KEYS = scopeName(EVERY_KEY);
const MASTER = scopeName({ kind: 'key', id: MASTER_KEY_HASH });

/** A key's own limits, with `parallel` where it has none. The same object for the same limits: by that it is known whether they have changed. */
function keyLimits(parallel: number | undefined): (own: Limits | undefined) => Limits | undefined {
  if (parallel === undefined) return (own) => own;
  const alone: Limits = { parallel };
  const merged = new WeakMap<Limits, Limits>();
  return (own) => {
    if (own === undefined) return alone;
    if (own.parallel !== undefined) return own;
    const known = merged.get(own) ?? { ...own, parallel };
    merged.set(own, known);
    return known;
  };
}

/** Only of configured scopes, whose kinds have no colon. */
function scopeOfName(name: string): Scope {
  const id = name.slice(name.indexOf(':') + 1);
  if (name.startsWith('provider:')) return { kind: 'provider', id };
  return name.startsWith('deployment:') ? { kind: 'deployment', id } : { kind: 'gateway', id };
}
