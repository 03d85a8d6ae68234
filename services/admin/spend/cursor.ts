import type { LedgerPlace } from '#db';

/** A place in the ledger as clients hand it back: opaque to them, in the order of pages for us. */
export function encodeCursor({ acceptedAt, jobId, attempt, delivery }: LedgerPlace): string {
  return Buffer.from(JSON.stringify([acceptedAt.getTime(), jobId, attempt, delivery])).toString('base64url');
}

/** `undefined` for text that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): LedgerPlace | undefined {
  try {
    const place = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (!Array.isArray(place)) return undefined;
    const [acceptedMs, jobId, attempt, delivery] = place;
    if (!isInteger(acceptedMs) || !isInteger(attempt) || !isInteger(delivery) || typeof jobId !== 'string') return undefined;
    const acceptedAt = new Date(acceptedMs);
    return Number.isNaN(acceptedAt.getTime()) ? undefined : { acceptedAt, jobId, attempt, delivery };
  } catch {
    return undefined;
  }
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
