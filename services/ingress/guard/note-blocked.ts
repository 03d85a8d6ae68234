import type { GuardrailBlock } from '#guardrails';
import { uncalledRow, type UncalledRequest } from '../job/uncalled-row.ts';
import type { IngressResources } from '../resources.ts';

/** The ledger's row of a request that a guardrail refused before it was a job: who was refused, and by what, without any text of it. */
export function noteBlocked(
  blocked: Omit<UncalledRequest, 'at'>,
  { code, message, results }: GuardrailBlock,
  { cacheHits, now }: Pick<IngressResources, 'cacheHits' | 'now'>,
): void {
  const row = uncalledRow({ ...blocked, at: now() });
  cacheHits.add({ ...row, status: 'failure', errorCode: code, errorMessage: message, guardrails: results });
}
