import { findScopes, type StoredScope, transact } from '#db';
import { type Caller, requireAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { dropScopes } from '../scopes/drop-scopes.ts';
import { mergeFields, saidLimits } from '../scopes/limit-schema.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { spendOf, spendView } from '../scopes/scope-spend.ts';
import { bookkeepingView, budgetTableView, limitView } from '../scopes/scope-view.ts';
import { addScope, alterScope, lockScope, scopeNotFound } from '../scopes/write-scope.ts';
import { changedTagSchema, newTagSchema, NOT_ENFORCED_TAG_FIELDS, tagNameSchema, tagNamesSchema } from './tag-fields.ts';

/** `POST /tag/new`: limits for all requests that have the tag, whoever sends them. Tags without limits need no row. */
export async function createTag(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const input = parseInput(body, { schema: newTagSchema, notEnforced: NOT_ENFORCED_TAG_FIELDS, place: 'body' });
  const { name: id, budget_id: budgetId = null, description } = input;
  const fields = mergeFields({}, saidLimits(input));
  const tag = await transact(resources.db, (inside) =>
    addScope({ inside, caller, resources }, { kind: 'tag', id, budgetId, fields, details: mergeFields({}, { description }) }),
  );
  await publishTouched({ scopes: [tag] }, resources);
  return { message: `The tag ${id} was made.`, tag: tagView(tag, { now: resources.now() }) };
}

/** `POST /tag/update`: what is not named stays, null takes something away. */
export async function updateTag(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const input = parseInput(body, { schema: changedTagSchema, notEnforced: NOT_ENFORCED_TAG_FIELDS, place: 'body' });
  const tag = await transact(resources.db, async (inside) => {
    const before = await lockScope(inside, { kind: 'tag', id: input.name });
    return alterScope({ inside, caller, resources }, before, {
      budgetId: input.budget_id,
      fields: mergeFields(before.fields, saidLimits(input)),
      details: mergeFields(before.details, { description: input.description }),
    });
  });
  await publishTouched({ scopes: [tag] }, resources);
  const [shown] = await showTags([tag], resources);
  return { message: `The tag ${tag.id} was changed.`, tag: shown };
}

/** `POST /tag/delete`: its limits end; requests may go on having it, and its spend stays. */
export async function deleteTag(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const { name: id } = parseInput(body, { schema: tagNameSchema, place: 'body' });
  const deleted = await transact(resources.db, async (inside) =>
    dropScopes({ inside, caller, resources }, [await lockScope(inside, { kind: 'tag', id })]),
  );
  await publishTouched({ scopes: deleted }, resources);
  return { message: `The tag ${id} was deleted.` };
}

/** `POST /tag/info`: by name. */
export async function tagInfos(body: unknown, resources: AdminResources) {
  const { names } = parseInput(body, { schema: tagNamesSchema, place: 'body' });
  const tags = await findScopes(resources.db, { kind: 'tag', ids: names });
  const missing = names.findIndex((name) => !tags.some(({ id }) => id === name));
  if (missing >= 0) throw scopeNotFound({ kind: 'tag', id: names[missing] ?? '' }, `names[${missing}]`);
  return Object.fromEntries((await showTags(tags, resources)).map((tag) => [tag.name, tag]));
}

/** `GET /tag/list`: tags with limits. */
export async function listTags(resources: AdminResources) {
  return showTags(await findScopes(resources.db, { kind: 'tag' }), resources);
}

async function showTags(tags: readonly StoredScope[], { db, now }: AdminResources) {
  const spend = await spendOf(
    db,
    'tag',
    tags.map(({ id }) => id),
  );
  return tags.map((tag) => tagView(tag, { now: now(), spendUsd: spend.get(tag.id) }));
}

function tagView(tag: StoredScope, { now, spendUsd }: { now: Date; spendUsd?: string | undefined }) {
  return {
    name: tag.id,
    description: tag.details['description'] ?? null,
    models: [],
    budget_id: tag.budgetId,
    ...limitView(tag.fields, tag.limits, now),
    ...spendView(spendUsd),
    litellm_budget_table: budgetTableView(tag.budgetId, tag.fields, tag.limits, now),
    ...bookkeepingView(tag),
  };
}
