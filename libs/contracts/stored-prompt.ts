import type { Attribution } from './job.ts';
import { InvalidMessage } from './job.ts';

/**
 * What was asked in a request and what was answered, where the configuration says that it is kept: stream `PROMPTS`, taken out of it as soon as
 * it is in the database. Secrets are gone from both texts (`redactPrompt`), and both are cut at the configured size.
 */
export interface StoredPrompt {
  readonly v: 1;
  readonly job: string;
  /** Unix milliseconds. */
  readonly acceptedAt: number;
  readonly by: Pick<Attribution, 'keyHash' | 'teamId' | 'userId' | 'organizationId'>;
  readonly route: string;
  readonly model: string;
  /** 0 where the client left before there was one. */
  readonly status: number;
  /** JSON, unless it was cut. */
  readonly request: string;
  /** As the client got it: JSON, or the events of a stream. */
  readonly answer: string;
}

/** Throws `InvalidMessage`. */
export function decodeStoredPrompt(data: Uint8Array): StoredPrompt {
  const value = parse(data) as Partial<StoredPrompt> | null;
  const isWhole = typeof value?.job === 'string' && typeof value.by?.keyHash === 'string' && Number.isSafeInteger(value.acceptedAt);
  if (value?.v !== 1 || !isWhole) throw new InvalidMessage('a stored prompt is not readable');
  return value as StoredPrompt;
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
  } catch (error) {
    throw new InvalidMessage('a stored prompt is not JSON', { cause: error });
  }
}
