export { checkMasterKey } from './check-master-key.ts';
export { decisionAt } from './decision-at.ts';
export * from './lost-attempt.ts';
export * from './open-health.ts';
export * from './open-live-config.ts';
export * from './prices/open-pricer.ts';
export * from './publish-outcome.ts';
export * from './routes.ts';
