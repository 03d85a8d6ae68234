import type { IncomingHttpHeaders } from 'node:http';
import type { AutoGroup, GatewayConfig } from '#config';
import { type Attribution, CHAT_DIALECTS, GatewayError, type RouteDecision } from '#contracts';
import type { ClientCall } from '../chat/read-request.ts';
import type { RequestRouting } from '../job/request-router.ts';
import type { IngressResources } from '../resources.ts';
import { routeWish } from './route-wish.ts';

/** What an auto group has become for one request. */
export interface RoutedModel {
  /** The model group it runs under. */
  readonly model: string;
  readonly decision: RouteDecision;
  /** The group of the other tier. */
  readonly otherTier: string;
  /** The strong group, for answers of the weak one that fail a check. */
  readonly escalateTo: string | undefined;
}

export interface CallToRoute {
  /** After the key's aliases. */
  readonly model: string;
  readonly call: Pick<ClientCall, 'dialect' | 'fields'>;
  readonly by: Pick<Attribution, 'keyHash' | 'sessionId'>;
  readonly headers: IncomingHttpHeaders;
  /** Nothing is run: its session is not kept where it goes. */
  readonly isPreview?: boolean;
}

type Resources = Pick<IngressResources, 'config' | 'models' | 'pricer' | 'now' | 'autoRouter'>;

/** The group of an auto group that a name is; undefined, at no cost, for every other model. */
export function autoGroup({ autoRouting }: Pick<GatewayConfig, 'autoRouting'>, model: string): AutoGroup | undefined {
  return autoRouting !== undefined && Object.hasOwn(autoRouting.groups, model) ? autoRouting.groups[model] : undefined;
}

/**
 * Where a request for an auto group goes; undefined for every other model. Throws `invalid_request` for headers that can't be read and for what is no
 * conversation, `model_not_found` where the group has no tiers.
 */
export function routeCall({ model, call, by, headers, isPreview = false }: CallToRoute, resources: Resources): RoutedModel | undefined {
  const { autoRouting } = resources.config;
  const group = autoGroup(resources.config, model);
  if (autoRouting === undefined || group === undefined) return undefined;
  requireConversation(model, call);
  const wish = routeWish(headers);
  const tiers = resources.autoRouter.tiersOf(model, group, {
    models: resources.models,
    pricer: resources.pricer,
    at: new Date(resources.now()),
  });
  const decision = resources.autoRouter.decide(
    { name: model, group, fields: call.fields, wish, caller: by.keyHash, sessionId: by.sessionId, isPreview },
    autoRouting,
  );
  const { weak, strong } = tiers;
  if (decision.tier === 'strong') return { model: strong, decision, otherTier: weak, escalateTo: undefined };
  return { model: weak, decision, otherTier: strong, escalateTo: group.escalate ? strong : undefined };
}

const COUNTS = ['anthropic-count-tokens', 'gemini-count-tokens'] as const;

function requireConversation(model: string, { dialect }: Pick<ClientCall, 'dialect'>): void {
  if ([...CHAT_DIALECTS, ...COUNTS].some((one) => one === dialect)) return;
  throw new GatewayError('invalid_request', `The model ${model} is chosen by how hard a conversation is: name a model for this route.`, {
    param: 'model',
  });
}

/** A request's routing with the other tier behind the chosen one. A client that wants no fallbacks gets none of these either. */
export function withTiers(routing: RequestRouting, routed: RoutedModel | undefined): RequestRouting {
  if (routed === undefined || routing.router.ownFallbacks?.length === 0) return routing;
  const { escalateTo, otherTier } = routed;
  return { ...routing, router: { ...routing.router, escalateTo, otherTier } };
}
