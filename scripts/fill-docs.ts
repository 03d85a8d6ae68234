/** `npm run docs:config`: writes the generated parts of `docs/*.md` anew (see generated-blocks.ts), and the users of NATS. Says which pages changed. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillBlocks } from './generated-blocks.ts';
import { NATS_USERS_FILE, renderNatsUsers } from './nats-users.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
writeFileSync(join(root, NATS_USERS_FILE), renderNatsUsers());
for (const path of globSync('docs/**/*.md', { cwd: root })) {
  const file = join(root, path);
  const page = readFileSync(file, 'utf8');
  const filled = fillBlocks(page);
  if (filled === page) continue;
  writeFileSync(file, filled);
  console.log(`${path} written`);
}
