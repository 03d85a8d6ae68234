import { sql, type SQL } from './drizzle.ts';
import { driverError, isDatabaseDown } from './database-error.ts';
import type { Database } from './pool.ts';
import { transact } from './transact.ts';

/** Where a text belongs: only what has all of it in common is compared, and vectors of one length. */
export interface TextPlace {
  readonly scope: string;
  readonly context: string;
  readonly space: string;
  readonly vector: Float32Array;
}

export interface StoredText extends TextPlace {
  /** Of its entry: one row for each scope and name. */
  readonly hash: string;
  readonly text: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

export interface NearText {
  readonly hash: string;
  readonly text: string;
  /** Cosine. */
  readonly similarity: number;
}

/** Texts by meaning, in a table that exists only where Postgres has the extension `vector` (https://github.com/pgvector/pgvector). */
export interface SimilarTexts {
  /** All, or nothing. A text of the same scope and name is replaced. */
  store(texts: readonly StoredText[]): Promise<void>;
  /** The closest that have not expired, best first. */
  nearest(
    asked: TextPlace,
    options: { readonly threshold: number; readonly limit: number; readonly now: Date },
  ): Promise<readonly NearText[]>;
  /** By the names of their entries; `undefined`: all. */
  forget(hashes: readonly string[] | undefined): Promise<void>;
  /** What has expired goes, and the oldest beyond `mostRows`. */
  drop(options: { readonly now: Date; readonly mostRows: number }): Promise<void>;
}

/** Any fixed number: processes that start together take turns. */
const SETUP_LOCK = 4_831_020_318;
/** HNSW takes no longer ones: those are compared one by one within their scope and context. */
const MOST_INDEXED = 2_000;

/**
 * Makes the extension and the table where this may be done. Resolves with why not otherwise; rejects only while the database can't be reached. The table is no
 * migration: its type exists only with the extension.
 */
export async function openSimilarTexts(db: Database): Promise<{ readonly texts: SimilarTexts } | { readonly missing: string }> {
  try {
    const { rows } = await db.orm.execute(sql`select default_version from pg_available_extensions where name = 'vector'`);
    if (rows.length === 0) return { missing: 'Postgres has no extension "vector" (pgvector)' };
    await transact(db, setUp);
    return { texts: createSimilarTexts(db, await canIterate(db)) };
  } catch (error) {
    if (isDatabaseDown(error)) throw error;
    const cause = driverError(error);
    return { missing: `the extension "vector" could not be made: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

async function setUp({ orm }: Database): Promise<void> {
  await orm.execute(sql`select pg_advisory_xact_lock(${SETUP_LOCK})`);
  await orm.execute(sql`create extension if not exists vector`);
  await orm.execute(sql`
    create table if not exists similar_texts (
      scope text not null, hash text not null, context text not null, space text not null, dimensions integer not null,
      body text not null, vector vector not null, stored_at timestamptz not null default now(), expires_at timestamptz not null,
      primary key (scope, hash))`);
  await orm.execute(sql`create index if not exists similar_texts_place on similar_texts (scope, context, space, dimensions)`);
  await orm.execute(sql`create index if not exists similar_texts_expires on similar_texts (expires_at)`);
  await orm.execute(sql`create index if not exists similar_texts_stored on similar_texts (stored_at)`);
}

/** Since 0.8 a scan of the index goes on until enough of what it finds is of the scope that is asked for. */
async function canIterate({ orm }: Database): Promise<boolean> {
  const { rows } = await orm.execute<{ extversion: string }>(sql`select extversion from pg_extension where extname = 'vector'`);
  const [major = 0, minor = 0] = (rows[0]?.extversion ?? '').split('.').map(Number);
  return major > 0 || minor >= 8;
}

function createSimilarTexts(db: Database, isIterating: boolean): SimilarTexts {
  const indexed = new Set<number>();
  const index = async (dimensions: number): Promise<void> => {
    if (indexed.has(dimensions) || dimensions > MOST_INDEXED) return;
    await transact(db, async ({ orm }) => {
      await orm.execute(sql`select pg_advisory_xact_lock(${SETUP_LOCK})`);
      const name = sql.raw(`similar_texts_near_${dimensions}`);
      await orm.execute(
        sql`create index if not exists ${name} on similar_texts using hnsw ((${vectorOf(dimensions)}) vector_cosine_ops) where ${ofLength(dimensions)}`,
      );
    });
    indexed.add(dimensions);
  };
  return {
    async store(texts) {
      const last = [...new Map(texts.map((text) => [`${text.scope}.${text.hash}`, text])).values()];
      if (last.length === 0) return;
      for (const { vector } of last) await index(vector.length);
      await db.orm.execute(sql`
        insert into similar_texts (scope, hash, context, space, dimensions, body, vector, expires_at)
        values ${sql.join(last.map(valuesOf), sql`, `)}
        on conflict (scope, hash) do update set context = excluded.context, space = excluded.space, dimensions = excluded.dimensions,
          body = excluded.body, vector = excluded.vector, stored_at = excluded.stored_at, expires_at = excluded.expires_at`);
    },
    nearest: ({ scope, context, space, vector }, { threshold, limit, now }) =>
      transact(db, async ({ orm }) => {
        if (isIterating) await orm.execute(sql`set local hnsw.iterative_scan = 'strict_order'`);
        const distance = sql`(${vectorOf(vector.length)}) <=> ${literalOf(vector)}::vector(${sql.raw(String(vector.length))})`;
        const { rows } = await orm.execute<{ hash: string; body: string; distance: number }>(sql`
          select hash, body, ${distance} as distance from similar_texts
          where scope = ${scope} and context = ${context} and space = ${space} and ${ofLength(vector.length)} and expires_at > ${now}
          order by ${distance} limit ${limit}`);
        const near = rows.map(({ hash, body, distance }) => ({ hash, text: body, similarity: 1 - Number(distance) }));
        return near.filter(({ similarity }) => similarity >= threshold);
      }),
    async forget(hashes) {
      const named =
        hashes === undefined ? sql`true` : sql`hash in (${sql.join([sql`null`, ...hashes.map((hash) => sql`${hash}`)], sql`, `)})`;
      await db.orm.execute(sql`delete from similar_texts where ${named}`);
    },
    async drop({ now, mostRows }) {
      await db.orm.execute(sql`delete from similar_texts where expires_at <= ${now}`);
      await db.orm.execute(sql`
        delete from similar_texts where stored_at < (select stored_at from similar_texts order by stored_at desc offset ${mostRows - 1} limit 1)`);
    },
  };
}

function valuesOf({ scope, hash, context, space, text, vector, expiresAt }: StoredText): SQL {
  const place = sql`${scope}, ${hash}, ${context}, ${space}, ${vector.length}`;
  return sql`(${place}, ${text}, ${literalOf(vector)}::vector, ${new Date(expiresAt)})`;
}

function literalOf(vector: Float32Array): string {
  return `[${vector.join(',')}]`;
}

/** As the index has it, so that the planner sees that it serves: lengths are no parameters. */
function vectorOf(dimensions: number): SQL {
  return sql.raw(`vector::vector(${dimensions})`);
}

function ofLength(dimensions: number): SQL {
  return sql.raw(`dimensions = ${dimensions}`);
}
