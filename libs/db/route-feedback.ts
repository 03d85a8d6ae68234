import { sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { type SpendVisibility, visibleRows } from './spend-filter.ts';

export interface RouteFeedback {
  readonly jobId: string;
  readonly good: boolean;
  /** The client's own measure. */
  readonly score: number | undefined;
}

/** Keeps what a client says of a job; what it said before is replaced. False where it may not see such a job, or the ledger does not have it yet. */
export async function giveFeedback(db: Database, { jobId, good, score }: RouteFeedback, visible: SpendVisibility): Promise<boolean> {
  const { rowCount } = await db.orm.execute(sql`
    insert into route_feedback (job_id, key_hash, good, score)
    select job_id, key_hash, ${good}, ${score ?? null} from attempts
    where job_id = ${jobId} and ${visibleRows(visible) ?? sql`true`}
    limit 1
    on conflict (job_id) do update set good = excluded.good, score = excluded.score, given_at = now()`);
  return (rowCount ?? 0) > 0;
}

/** A job of an auto group of which it is known how good its answer was. */
export interface RoutedJob extends Record<string, unknown> {
  readonly job_id: string;
  readonly route_group: string;
  /** The tier that gave the answer. */
  readonly route_tier: string;
  /** What the client said of it. */
  readonly good: boolean | null;
  /** An answer of the weak tier was not good enough to be given. */
  readonly rejected: boolean;
  /** What was asked, where that is kept. */
  readonly request: string | null;
}

export interface RoutedJobsQuery {
  readonly from: Date;
  readonly until: Date;
  readonly group?: string | undefined;
  readonly limit: number;
}

/** Jobs with feedback and jobs whose weak answer was rejected, the newest first. */
export async function listRoutedJobs(db: Database, { from, until, group, limit }: RoutedJobsQuery): Promise<readonly RoutedJob[]> {
  const { rows } = await db.orm.execute<RoutedJob>(sql`
    with jobs as (
      select job_id, max(accepted_at) as accepted_at, min(route_group) as route_group,
             (array_agg(route_tier order by attempt desc))[1] as route_tier,
             bool_or(error_code = 'answer_rejected') as rejected
      from attempts
      where accepted_at >= ${from.toISOString()}::timestamptz and accepted_at < ${until.toISOString()}::timestamptz
        and route_group is not null and ${group === undefined ? sql`true` : sql`route_group = ${group}`}
      group by job_id
    )
    select jobs.job_id, jobs.route_group, jobs.route_tier, jobs.rejected, route_feedback.good, prompts.request
    from jobs left join route_feedback using (job_id) left join prompts using (job_id)
    where route_feedback.good is not null or jobs.rejected
    order by jobs.accepted_at desc, jobs.job_id desc
    limit ${limit}`);
  return rows;
}
