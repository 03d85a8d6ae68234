export * from './queue-client.ts';
export { jobIdOf, submissionMessage } from './job-request.ts';
export type { JobRequest } from './job-request.ts';
export type { JobResult } from './job-result.ts';
export type { SubmitManyOptions, SubmitManyOutcome } from './submit-many.ts';
