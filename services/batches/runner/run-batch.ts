import { clearBatchLines, type StoredBatch, stepBatch } from '#db';
import type { BatchesResources } from '../resources.ts';
import type { Lease } from './lease.ts';
import { runLines } from './run-lines.ts';
import { validateInput } from './validate-input.ts';
import { writeOutput } from './write-output.ts';

/**
 * Takes a batch from where it is to its end:
 *
 *   validating ─▶ in_progress ─▶ finalizing ─▶ completed, expired
 *       │ └▶ failed     │
 *       └──▶ cancelling ┴───────────────────▶ cancelled
 *
 * Each step is repeated safely: whoever takes the batch after a crash begins the step it stands in.
 */
export async function runBatch(batch: StoredBatch, lease: Lease, resources: BatchesResources): Promise<void> {
  let current: StoredBatch | undefined = batch;
  if (current.state === 'validating') {
    await validateInput(current, resources);
    current = await lease.renew();
  }
  // cancelled before its first request: what was read of its input is no request that was made
  if (current?.state === 'cancelling' && current.startedAt === null) await clearBatchLines(resources.db, current.id);
  if (current?.state === 'in_progress' || (current?.state === 'cancelling' && current.startedAt !== null)) {
    if (!(await runLines(current, lease, resources))) return;
    await stepBatch(resources.db, { runner: resources.instance, id: current.id, from: ['in_progress'] }, { state: 'finalizing' });
    current = await lease.renew();
  }
  if (current?.state === 'finalizing' || current?.state === 'cancelling') await writeOutput(current, resources);
}
