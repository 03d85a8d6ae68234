import type { AlertEvent } from '#contracts';
import { index, integer, jsonb, pgTable, primaryKey, text } from '../drizzle.ts';
import { instant } from './columns.ts';
import { sparseIndex } from './sparse-index.ts';

/** What was told or is to be told: one row for a happening, however often it was published. */
export const alerts = pgTable(
  'alerts',
  {
    id: text('id').primaryKey(),
    kind: text('kind').notNull(),
    event: jsonb('event').$type<AlertEvent>().notNull(),
    raisedAt: instant('raised_at').notNull(),
    recordedAt: instant('recorded_at').notNull().defaultNow(),
  },
  (table) => [index('alerts_raised').on(table.raisedAt)],
);

/** One alert on its way to one address. `nextAt` is null once it has arrived or was given up. */
export const alertDeliveries = pgTable(
  'alert_deliveries',
  {
    alertId: text('alert_id')
      .notNull()
      .references(() => alerts.id, { onDelete: 'cascade' }),
    /** The destination's name; its address and secrets are in the configuration only. */
    destination: text('destination').notNull(),
    tries: integer('tries').notNull().default(0),
    nextAt: instant('next_at'),
    deliveredAt: instant('delivered_at'),
    givenUpAt: instant('given_up_at'),
    lastError: text('last_error'),
  },
  (table) => [primaryKey({ columns: [table.alertId, table.destination] }), sparseIndex('alert_deliveries_due', table.nextAt)],
);
