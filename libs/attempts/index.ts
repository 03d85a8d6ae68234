export * from './lost-attempt.ts';
export * from './publish-outcome.ts';
export * from './routes.ts';
