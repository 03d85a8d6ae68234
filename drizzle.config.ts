import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate --name <what-changes>` writes the next migration from the schema; it needs no database. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './libs/db/schema/*.ts',
  out: './drizzle',
});
