import { MEDIA_KEYS } from '../keys/sections.ts';
import type { MediaSettings } from '../settings/media-settings.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber, readTextList, readTimeoutMs } from '../values.ts';
import { readSection } from './read-section.ts';

const MEGABYTE = 1024 * 1024;

export const DEFAULT_MEDIA: MediaSettings = { allowedPrivateHosts: [], maxBytes: 20 * MEGABYTE, timeoutMs: 10_000 };

/** Reads `headrace.media`: how pictures and documents are fetched for providers that take no addresses. */
export function readMedia(node: SourceNode | undefined, reading: Reading): MediaSettings {
  if (node === undefined) return DEFAULT_MEDIA;
  const fields = readSection([node], MEDIA_KEYS, reading);
  const megabytes = readNumber(fields.get('max_mb'), { min: 0.001, unit: 'megabytes' }, reading);
  return {
    allowedPrivateHosts: readTextList(fields.get('allow_private_hosts'), reading) ?? DEFAULT_MEDIA.allowedPrivateHosts,
    maxBytes: megabytes === undefined ? DEFAULT_MEDIA.maxBytes : Math.round(megabytes * MEGABYTE),
    timeoutMs: readTimeoutMs(fields.get('timeout_s'), reading) ?? DEFAULT_MEDIA.timeoutMs,
  };
}
