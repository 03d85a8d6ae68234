import { and, asc, desc, eq, gt, lt, or, type SQL, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { fileChunks, files } from './schema/files.ts';

export type StoredFile = Readonly<typeof files.$inferSelect>;
export type NewFile = Pick<StoredFile, 'id' | 'owner' | 'filename' | 'purpose'>;

/** A file of which nobody hears until it is finished. */
export async function beginFile(db: Database, file: NewFile): Promise<void> {
  await db.orm.insert(files).values(file);
}

export interface FinishedFile {
  readonly purpose?: string | undefined;
  readonly filename?: string | undefined;
  readonly sizeBytes: number;
  readonly expiresAt: Date | null;
}

/** Throws when it was forgotten meanwhile. */
export async function finishFile(db: Database, id: string, finished: FinishedFile): Promise<StoredFile> {
  const { sizeBytes, expiresAt, purpose, filename } = finished;
  const [row] = await db.orm
    .update(files)
    .set({ sizeBytes, expiresAt, state: 'ready', ...(purpose !== undefined && { purpose }), ...(filename !== undefined && { filename }) })
    .where(eq(files.id, id))
    .returning();
  if (row === undefined) throw new Error(`file ${id} is gone`);
  return row;
}

/** Undefined for a file that is not there, not finished, expired or another owner's. No owner: anybody's. */
export async function findFile(db: Database, id: string, owner: string | undefined): Promise<StoredFile | undefined> {
  const [row] = await db.orm
    .select()
    .from(files)
    .where(and(eq(files.id, id), ownedBy(owner), shown()));
  return row;
}

export interface FileQuery {
  readonly owner: string | undefined;
  readonly purpose?: string | undefined;
  /** The page begins behind this file. */
  readonly after?: string | undefined;
  readonly oldestFirst: boolean;
  readonly limit: number;
}

export async function listFiles(db: Database, { owner, purpose, after, oldestFirst, limit }: FileQuery): Promise<StoredFile[]> {
  const order = oldestFirst ? asc : desc;
  const behind = sql`(${files.createdAt}, ${files.id}) ${sql.raw(oldestFirst ? '>' : '<')} (select created_at, id from files where id = ${after})`;
  return db.orm
    .select()
    .from(files)
    .where(
      and(
        ownedBy(owner),
        shown(),
        purpose === undefined ? undefined : eq(files.purpose, purpose),
        after === undefined ? undefined : behind,
      ),
    )
    .orderBy(order(files.createdAt), order(files.id))
    .limit(limit);
}

/** Whether it was there. */
export async function deleteFile(db: Database, id: string): Promise<boolean> {
  return (await db.orm.delete(files).where(eq(files.id, id)).returning({ id: files.id })).length > 0;
}

/** Files that are to go: expired, or begun before then and never finished. */
export async function filesToForget(db: Database, { begunBefore, limit }: { begunBefore: Date; limit: number }): Promise<StoredFile[]> {
  const unfinished = and(eq(files.state, 'storing'), lt(files.createdAt, begunBefore));
  return db.orm
    .select()
    .from(files)
    .where(or(lt(files.expiresAt, sql`now()`), unfinished))
    .limit(limit);
}

export async function addFileChunk(db: Database, id: string, place: number, data: Buffer): Promise<void> {
  await db.orm.insert(fileChunks).values({ fileId: id, place, data });
}

/** The chunk behind that place; undefined when there is none. */
export async function nextFileChunk(db: Database, id: string, after: number): Promise<{ place: number; data: Buffer } | undefined> {
  const [chunk] = await db.orm
    .select({ place: fileChunks.place, data: fileChunks.data })
    .from(fileChunks)
    .where(and(eq(fileChunks.fileId, id), gt(fileChunks.place, after)))
    .orderBy(asc(fileChunks.place))
    .limit(1);
  return chunk;
}

function ownedBy(owner: string | undefined): SQL | undefined {
  return owner === undefined ? undefined : eq(files.owner, owner);
}

function shown(): SQL {
  return sql`${files.state} = 'ready' and (${files.expiresAt} is null or ${files.expiresAt} > now())`;
}
