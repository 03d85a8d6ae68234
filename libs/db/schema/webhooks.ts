import { boolean, index, integer, jsonb, pgTable, sql, text, timestamp, uniqueIndex } from '../drizzle.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** Who is told what becomes of jobs and batches. */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: text('id').primaryKey(),
    /** SHA-256 of the key whose jobs it is about; null: everybody's. */
    owner: text('owner'),
    url: text('url').notNull(),
    events: jsonb('events').$type<readonly string[]>().notNull(),
    /** Sealed. */
    secret: text('secret').notNull(),
    description: text('description'),
    disabled: boolean('disabled').notNull().default(false),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [index('webhook_endpoints_owner').on(table.owner)],
);

/** One event on its way to one endpoint. `nextAt` is null once it has arrived or was given up. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: text('id').primaryKey(),
    endpointId: text('endpoint_id')
      .notNull()
      .references(() => webhookEndpoints.id, { onDelete: 'cascade' }),
    eventId: text('event_id').notNull(),
    type: text('type').notNull(),
    /** The body, the same for every try. */
    payload: text('payload').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** Since when it is tried: anew when somebody asks for that. */
    triedSince: instant('tried_since').notNull().defaultNow(),
    tries: integer('tries').notNull().default(0),
    nextAt: instant('next_at'),
    deliveredAt: instant('delivered_at'),
    givenUpAt: instant('given_up_at'),
    lastError: text('last_error'),
  },
  (table) => [
    uniqueIndex('webhook_deliveries_event').on(table.endpointId, table.eventId),
    index('webhook_deliveries_created').on(table.createdAt),
    index('webhook_deliveries_due')
      .on(table.nextAt)
      .where(sql`${table.nextAt} is not null`),
  ],
);
