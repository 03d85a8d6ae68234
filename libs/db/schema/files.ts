import { bigint, customType, index, integer, pgTable, primaryKey, text, timestamp } from '../drizzle.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

/** Files of `/v1/files`: inputs and outputs of batches, and what clients keep here. */
export const files = pgTable(
  'files',
  {
    id: text('id').primaryKey(),
    /** Hash of the key whose it is, as in the ledger. */
    owner: text('owner').notNull(),
    filename: text('filename').notNull(),
    purpose: text('purpose').notNull(),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull().default(0),
    /** `storing` until all of it is there: such a file is shown to nobody, and forgotten after a day. */
    state: text('state').$type<'storing' | 'ready'>().notNull().default('storing'),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at'),
  },
  (table) => [index('files_of_owner').on(table.owner, table.createdAt, table.id), index('files_expiring').on(table.expiresAt)],
);

/** Their bytes, where they are kept in the database. A chunk is at most 256 KB. */
export const fileChunks = pgTable(
  'file_chunks',
  {
    fileId: text('file_id')
      .notNull()
      .references(() => files.id, { onDelete: 'cascade' }),
    /** From 0. */
    place: integer('place').notNull(),
    data: bytea('data').notNull(),
  },
  (table) => [primaryKey({ columns: [table.fileId, table.place] })],
);
