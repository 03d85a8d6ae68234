import type { StoredPrompt } from '#contracts';
import { and, eq, lt, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { prompts } from './schema/prompts.ts';
import { type SpendVisibility, visibleRows } from './spend-filter.ts';

/** A row of `prompts`. */
export type KeptPrompt = Readonly<typeof prompts.$inferSelect>;

/** Stores what is not there yet: all of it, or nothing. */
export async function storePrompts(db: Database, kept: readonly StoredPrompt[]): Promise<void> {
  if (kept.length === 0) return;
  await db.orm.insert(prompts).values(kept.map(toRow)).onConflictDoNothing();
}

/** Of a job, where the caller may see what it has spent. */
export async function findPrompt(db: Database, jobId: string, visible: SpendVisibility): Promise<KeptPrompt | undefined> {
  const [row] = await db.orm
    .select()
    .from(prompts)
    .where(and(eq(prompts.jobId, jobId), visibleRows(visible) ?? sql`true`))
    .limit(1);
  return row;
}

/** Resolves with how many there were. */
export async function dropPrompts(db: Database, options: { readonly before: Date }): Promise<number> {
  const { rowCount } = await db.orm.delete(prompts).where(lt(prompts.acceptedAt, options.before));
  return rowCount ?? 0;
}

function toRow({ job, acceptedAt, by, route, model, status, request, answer }: StoredPrompt): typeof prompts.$inferInsert {
  const { keyHash, teamId, userId, organizationId } = by;
  const who = { keyHash, teamId, userId, organizationId };
  return {
    acceptedAt: new Date(acceptedAt),
    jobId: job,
    ...who,
    route,
    model: asText(model),
    status,
    request: asText(request),
    answer: asText(answer),
  };
}

/** Postgres takes neither NUL nor halves of surrogate pairs. */
function asText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
