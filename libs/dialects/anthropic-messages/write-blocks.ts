import type { JsonRecord } from '../json/record.ts';

type BlockKind = 'none' | 'text' | 'thinking' | 'tool';

/** Writes content blocks as events, one open at a time, and counts them. All methods return event text, perhaps ''. */
export interface BlockWriter {
  /** What is open. */
  kind(): BlockKind;
  open(kind: Exclude<BlockKind, 'none'>, block: JsonRecord): string;
  delta(fields: JsonRecord): string;
  close(): string;
  /** A block that has all its content in its start. */
  whole(block: JsonRecord): string;
}

export function createBlockWriter(): BlockWriter {
  let index = -1;
  let kind: BlockKind = 'none';
  const start = (block: JsonRecord): string => {
    index += 1;
    return eventText('content_block_start', { index, content_block: block });
  };
  const stop = (): string => eventText('content_block_stop', { index });
  return {
    kind: () => kind,
    open: (opened, block) => {
      kind = opened;
      return start(block);
    },
    delta: (fields) => eventText('content_block_delta', { index, delta: fields }),
    close: () => {
      if (kind === 'none') return '';
      kind = 'none';
      return stop();
    },
    whole: (block) => start(block) + stop(),
  };
}

export function eventText(type: string, fields: JsonRecord): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
