import { migrate } from '#db';
import { runTask } from '#runtime';

const USAGE_ERROR = 2;

await runTask({
  name: 'migrate',
  summary: 'Brings the database at DATABASE_URL up to this version; safe to run from several places at once',
  run: async ({ settings }) => {
    if (settings.databaseUrl === undefined) {
      process.stderr.write('headrace migrate: DATABASE_URL is not set\n');
      return USAGE_ERROR;
    }
    const { applied, total } = await migrate(settings.databaseUrl);
    for (const name of applied) process.stdout.write(`applied ${name}\n`);
    process.stdout.write(applied.length === 0 ? `up to date: ${total} migrations\n` : `done: ${total} migrations\n`);
    return 0;
  },
});
