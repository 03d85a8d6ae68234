import { z } from 'zod';
import { configEntry, GatewayError, type HoldMode, type HoldRecord } from '#contracts';
import { type Caller, callerName } from '../auth/caller.ts';
import { recordChange } from '../audit/record-change.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';

const name = z.string().min(1).max(128);

export const placeSchema = z.strictObject({ provider: name.optional(), tier: name.optional() });
export const holdSchema = placeSchema.extend({ reason: z.string().max(500).optional() });

type Place = z.infer<typeof placeSchema>;

/** Holds a provider, a tier, or one tier of one provider back, everywhere; replaces what held the same place. */
export async function setHold(mode: HoldMode, body: unknown, caller: Caller, resources: AdminResources) {
  const { reason, ...place } = parseInput(body, { schema: holdSchema, place: 'body' });
  checkPlace(place, resources);
  const record: HoldRecord = { v: 1, kind: 'hold', ...place, mode, since: resources.now().getTime(), by: callerName(caller), reason };
  const before = heldAt(place, resources);
  await recordChange(resources.db, caller, {
    action: before === undefined ? 'created' : 'updated',
    table: 'holds',
    objectId: placeText(place),
    before: before && view(before),
    after: view(record),
  });
  await applied(resources, () => resources.stored.holds.put(record));
  return view(record);
}

/** Lets it go on. Not an error where nothing is held: who repeats a call gets the same answer. */
export async function resume(body: unknown, caller: Caller, resources: AdminResources) {
  const place = parseInput(body, { schema: placeSchema, place: 'body' });
  if (place.provider === undefined && place.tier === undefined) throw missingPlace();
  const before = heldAt(place, resources);
  if (before === undefined) return { ...place, resumed: false, still_held_by: overlapping(place, resources) };
  await recordChange(resources.db, caller, { action: 'deleted', table: 'holds', objectId: placeText(place), before: view(before) });
  await applied(resources, () => resources.stored.holds.delete(configEntry(before)));
  return { ...place, resumed: true, still_held_by: overlapping(place, resources) };
}

export function listHolds({ stored }: Pick<AdminResources, 'stored'>) {
  return { holds: (stored.config.holds ?? []).map(view) };
}

/** Waits until this service has been told, as every other one is. */
async function applied({ stored }: AdminResources, write: () => Promise<void>): Promise<void> {
  const seen = stored.changed();
  try {
    await write();
  } catch (cause) {
    throw new GatewayError('queue_unavailable', 'The queue could not be reached, nothing has changed. Try again.', { cause });
  }
  await seen;
}

/** A typo must not look like a pause. */
function checkPlace(place: Place, { stored }: AdminResources): void {
  if (place.provider === undefined && place.tier === undefined) throw missingPlace();
  const { deployments } = stored.config;
  for (const field of ['provider', 'tier'] as const) {
    const known = [...new Set(deployments.map((deployment) => deployment[field]))].toSorted();
    const given = place[field];
    if (given === undefined || known.includes(given)) continue;
    throw new GatewayError('invalid_request', `No deployment has the ${field} "${given}". There are: ${known.join(', ')}.`, {
      param: field,
    });
  }
}

function missingPlace(): GatewayError {
  return new GatewayError('invalid_request', 'Give provider, tier, or both.', { param: 'provider' });
}

function heldAt({ provider, tier }: Place, { stored }: AdminResources): HoldRecord | undefined {
  return stored.config.holds?.find((hold) => hold.provider === provider && hold.tier === tier);
}

/** Other holds that keep some of the same place back. */
function overlapping({ provider, tier }: Place, { stored }: AdminResources) {
  const touches = (one: string | undefined, other: string | undefined): boolean =>
    one === undefined || other === undefined || one === other;
  const holds = stored.config.holds ?? [];
  return holds.filter((hold) => touches(hold.provider, provider) && touches(hold.tier, tier)).map(view);
}

function placeText({ provider, tier }: Place): string {
  return `${provider ?? '*'}/${tier ?? '*'}`;
}

function view({ provider, tier, mode, since, by, reason }: HoldRecord) {
  return { provider, tier, mode, since: new Date(since).toISOString(), by, reason };
}
