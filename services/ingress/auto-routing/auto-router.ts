import { LRUCache } from 'lru-cache';
import type { AutoGroup, AutoRoutingSettings, ListedModel } from '#config';
import type { RouteDecision, RouteTier } from '#contracts';
import { BUILT_IN_WEIGHTS, chooseTier, createScorer, readModel, routedText, type TierModel } from '#router';
import type { RouteWish } from './route-wish.ts';
import { type TierGroups, tierGroups, type TierSources } from './tier-groups.ts';

/** Chooses the tier of an auto group for a request, and remembers where sessions went. One per process. */
export interface AutoRouter {
  decide(request: RoutedRequest, settings: AutoRoutingSettings): RouteDecision;
  /** The strong tier had to answer for the weak one: the session's next request goes to it, as its group says. */
  escalated(session: RoutedSession): void;
  /** The model groups behind the tiers. Throws what `tierGroups` throws. */
  tiersOf(name: string, group: AutoGroup, sources: TierSources): TierGroups;
}

export interface RoutedSession {
  readonly name: string;
  readonly group: AutoGroup;
  /** The key's hash. */
  readonly caller: string;
  readonly sessionId: string | undefined;
}

export interface RoutedRequest extends RoutedSession {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly wish: RouteWish;
  /** The session is not to be remembered. */
  readonly isPreview: boolean;
}

const MOST_SESSIONS = 20_000;
/** As long as a person may be away from a conversation. */
const SESSION_HOLDS_MS = 3_600_000;

/** Prices may change with the minute. */
const TIERS_HOLD_MS = 60_000;

interface HeldSession {
  readonly tier: RouteTier;
  /** Of its next request alone. */
  readonly next?: RouteTier | undefined;
}

interface HeldTiers {
  readonly list: readonly ListedModel[];
  readonly until: number;
  readonly tiers: TierGroups;
}

/** Throws an `Error` that names the file where the settings name weights that can't be used. */
export function createAutoRouter(settingsAtStart?: AutoRoutingSettings): AutoRouter {
  const sessions = new LRUCache<string, HeldSession>({ max: MOST_SESSIONS, ttl: SESSION_HOLDS_MS, updateAgeOnGet: true });
  const held = new WeakMap<AutoGroup, HeldTiers>();
  let loaded: { readonly file: string | undefined; readonly model: TierModel } | undefined;

  const modelOf = ({ weightsFile }: AutoRoutingSettings): TierModel => {
    if (loaded === undefined || loaded.file !== weightsFile) loaded = { file: weightsFile, model: loadModel(weightsFile) };
    return loaded.model;
  };
  if (settingsAtStart !== undefined) modelOf(settingsAtStart);

  return {
    tiersOf(name, group, sources) {
      if (group.weak !== undefined && group.strong !== undefined) return { weak: group.weak, strong: group.strong };
      const at = sources.at.getTime();
      const list = sources.models.list();
      const known = held.get(group);
      if (known !== undefined && known.list === list && at < known.until) return known.tiers;
      const tiers = tierGroups(name, group, sources);
      held.set(group, { list, until: at + TIERS_HOLD_MS, tiers });
      return tiers;
    },
    decide(request, settings) {
      const { name, group, fields, wish, isPreview } = request;
      const session = sessionOf(request);
      const kept = session === undefined ? undefined : sessions.get(session);
      const decision = chooseTier(
        {
          group: name,
          text: wish.tier === undefined ? routedText(fields) : '',
          costShare: wish.costShare ?? group.costShare,
          asked: wish.tier,
          ofSession: kept?.next ?? kept?.tier,
        },
        modelOf(settings),
      );
      const isNext = decision.by === 'session' && kept?.next !== undefined;
      if (session !== undefined && !isPreview) sessions.set(session, { tier: isNext ? kept.tier : decision.tier });
      return decision;
    },
    escalated(request) {
      const session = sessionOf(request);
      const kept = session === undefined ? undefined : sessions.get(session);
      if (session === undefined || kept === undefined) return;
      const { afterEscalation } = request.group;
      if (afterEscalation === 'stay') sessions.set(session, { tier: 'strong' });
      else if (afterEscalation === 'once') sessions.set(session, { tier: kept.tier, next: 'strong' });
    },
  };
}

function sessionOf({ caller, name, sessionId, group }: RoutedSession): string | undefined {
  return group.sticky && sessionId !== undefined ? `${caller} ${name} ${sessionId}` : undefined;
}

/** Throws an `Error` naming the file. */
export function loadModel(weightsFile: string | undefined): TierModel {
  const model = readModel(weightsFile ?? BUILT_IN_WEIGHTS);
  return { score: createScorer(model), quantiles: model.quantiles };
}
