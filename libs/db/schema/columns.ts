import type { Limits } from '#contracts';
import { boolean, integer, jsonb, text, timestamp } from '../drizzle.ts';

/** A point in time, to the millisecond as JavaScript has it. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const names = (name: string) => text(name).array().notNull().default([]);

/** Fields by name, of whatever values: none unless said. */
export const fields = (name: string) => jsonb(name).$type<Record<string, unknown>>().notNull().default({});

/** Who made a row and who changed it last. */
export const changes = () => ({
  createdAt: instant('created_at').notNull().defaultNow(),
  createdBy: text('created_by').notNull(),
  ...lastChange(),
});

export const lastChange = () => ({
  updatedAt: instant('updated_at').notNull().defaultNow(),
  updatedBy: text('updated_by').notNull(),
});

/**
 * `revision` counts changes and `publishedRevision` follows it once the bucket has the same: a row where they differ is the outbox entry of
 * a change that the other services do not know yet.
 */
export const outbox = () => ({
  revision: integer('revision').notNull().default(1),
  publishedRevision: integer('published_revision').notNull().default(0),
});

/** What keys, teams, users … have in common when they ask for models. */
export const access = () => ({
  blocked: boolean('blocked').notNull().default(false),
  models: names('models'),
  /** Public name → model group. */
  aliases: jsonb('aliases').$type<Record<string, string>>().notNull().default({}),
  tags: names('tags'),
  metadata: fields('metadata'),
  /** The shared budget it uses (`budgets`): each that does has its own spend. */
  budgetId: text('budget_id'),
  /** What its own fields, its shared budget and, of a member, its team mean: with the time at which each window began. Null: no limits. */
  limits: jsonb('limits').$type<Limits>(),
});
