import { sql } from './drizzle.ts';

/**
 * Now, for a column of whole milliseconds (`instant`) that is compared with `now()`: Postgres rounds what it stores, so that a time could
 * lie half a millisecond ahead, and what is due at once would not be due yet.
 */
export const dueNow = sql`date_trunc('milliseconds', now())`;
