import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { freePort } from '#runtime';

/** PostgreSQL 18 with the extension `vector` at hand, in this process, by its wire protocol. Its connections take turns: few, and short queries. */
export interface PgvectorServer {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startPgvector(): Promise<PgvectorServer> {
  const engine = await PGlite.create({ extensions: { vector } });
  const port = await freePort();
  const server = new PGLiteSocketServer({ db: engine, host: '127.0.0.1', port, maxConnections: 20 });
  await server.start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.stop();
      await engine.close();
    },
  };
}
