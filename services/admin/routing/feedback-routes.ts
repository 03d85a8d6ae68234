import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '#contracts';
import { giveFeedback, listRoutedJobs } from '#db';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { countField } from '../spend/query-fields.ts';
import { visibleSpend } from '../spend/visible-spend.ts';
import { outcomeLine } from './outcome-line.ts';

const TAG = 'auto routing';
const DAY_MS = 86_400_000;
const USUAL_DAYS = 30;

const feedbackSchema = z.object({
  job_id: z.string({ error: 'give the id that the answer’s header x-headrace-job-id has' }).min(1).max(128),
  good: z.boolean({ error: 'give true or false: was the answer good enough?' }),
  score: z.number({ error: 'give a number' }).min(-1e9).max(1e9).optional(),
});
const day = z.iso.datetime({ offset: true, error: 'give a time like 2026-01-31T00:00:00Z' }).optional();
const outcomesSchema = z.object({ from: day, until: day, group: z.string().min(1).optional(), limit: countField(100_000, 10_000) });

/** What clients say of the answers of auto groups, and the outcome file to train on that comes of it. */
export function registerFeedbackRoutes(app: FastifyInstance, { db }: AdminResources): void {
  for (const url of ['/v1/feedback', '/feedback']) {
    defineRoute(
      app,
      {
        method: 'POST',
        url,
        tag: TAG,
        summary: 'Say whether the answer of a job was good enough',
        body: feedbackSchema,
        example: { job_id: '01a2b3', good: false },
      },
      async ({ body, caller }) => {
        const { job_id: jobId, good, score } = parseInput(body, { schema: feedbackSchema, place: 'body' });
        if (await giveFeedback(db, { jobId, good, score }, visibleSpend(caller))) return { job_id: jobId, good, score: score ?? null };
        const message = `There is no job ${jobId} of this key in the ledger. A job is there about a second after its answer.`;
        throw new GatewayError('job_not_found', message, { param: 'job_id' });
      },
    );
  }
  const spec = {
    method: 'GET',
    url: '/route/outcomes',
    tag: TAG,
    summary: 'Outcomes of auto groups as JSON lines, to train the router on',
    description: 'Only of jobs whose prompt is kept (store_prompts_in_spend_logs). The header x-headrace-left-out counts the others.',
    query: outcomesSchema,
    replyType: 'application/jsonl',
  } as const;
  defineRoute(app, spec, async ({ query }, reply) => {
    const { from, until, group, limit } = parseInput(query, { schema: outcomesSchema, place: 'query' });
    const end = until === undefined ? new Date() : new Date(until);
    const start = from === undefined ? new Date(end.getTime() - USUAL_DAYS * DAY_MS) : new Date(from);
    const jobs = await listRoutedJobs(db, { from: start, until: end, group, limit });
    const lines = jobs.flatMap((job) => outcomeLine(job) ?? []);
    void reply.type('application/jsonl; charset=utf-8').header('x-headrace-left-out', String(jobs.length - lines.length));
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  });
}
