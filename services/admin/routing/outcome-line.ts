import type { RoutedJob } from '#db';
import { routedText, type RoutingOutcome } from '#router';

/**
 * A job as a line of an outcome file. Only one of the two models has answered, but for answers that were rejected: what the other would have done is
 * null. Undefined where the prompt is not kept, or was cut.
 */
export function outcomeLine(
  job: Pick<RoutedJob, 'route_group' | 'route_tier' | 'good' | 'rejected' | 'request'>,
): RoutingOutcome | undefined {
  const { request, good, rejected } = job;
  const prompt = request === null ? '' : textOf(request);
  if (prompt === '') return undefined;
  const isStrong = job.route_tier === 'strong';
  return {
    source: `feedback/${job.route_group}`,
    prompt,
    weak: rejected ? false : isStrong ? null : good,
    strong: isStrong ? good : null,
  };
}

function textOf(request: string): string {
  try {
    const fields: unknown = JSON.parse(request);
    return typeof fields === 'object' && fields !== null ? routedText({ ...fields }) : '';
  } catch {
    return '';
  }
}
