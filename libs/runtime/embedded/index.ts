export { findNatsServer } from './find-nats-server.ts';
export { natsConfig, natsUrl } from './nats-config.ts';
export { isNatsReady } from './nats-ready.ts';
export { locatePostgres } from './postgres-binaries.ts';
export type { PostgresBinaries } from './postgres-binaries.ts';
export { ensureCluster, isPostgresReady, POSTGRES_ENVIRONMENT, postgresArguments, postgresUrl } from './postgres-cluster.ts';
export { choosePostgresUser, isReachable } from './postgres-user.ts';
export type { PostgresUser } from './postgres-user.ts';
export { runProgram } from './run-program.ts';
