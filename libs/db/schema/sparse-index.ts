import { type AnyPgColumn, index, sql } from '../drizzle.ts';

/** An index by a column that few rows have, over those that do; `then` are further columns of it. */
export const sparseIndex = (name: string, column: AnyPgColumn, ...then: readonly AnyPgColumn[]) =>
  index(name)
    .on(column, ...then)
    .where(sql`${column} is not null`);
