export * from './create-plan.ts';
export * from './next-candidate.ts';
