import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Gauge } from 'prom-client';
import { parsePriceFile, type ParsedPriceFile, type PriceBook, type PriceFileProblem } from '#pricing';

export interface PriceLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface BookHolderOptions {
  readonly source: 'file' | 'url';
  /** Path or address, for the log. */
  readonly name: string;
  /** Where the last good text is kept. */
  readonly copy: string;
  /** Any problem refuses the whole text; else entries with one are left out, and all is refused when most of the models are gone. */
  readonly strict: boolean;
  readonly log: PriceLog;
  readonly ok: Gauge<'source'>;
  readonly models: Gauge<'source'>;
}

/**
 * Holds the last good prices of one source.
 *
 * empty ──offer: good──▶ held ──offer: good──▶ held (newer)
 *   │ restore: the copy on disk   └─offer: broken / failed──▶ held (the same), metric 0, an error in the log
 */
export interface BookHolder {
  book(): PriceBook | undefined;
  onChange(listener: () => void): void;
  /** Takes a text if it is good. Never rejects. */
  offer(text: string): Promise<void>;
  /** The source could not be read. */
  failed(reason: string): void;
  /** Takes the copy on disk, if there is one and nothing better; resolves to its age as Unix milliseconds of its writing. */
  restore(): Promise<number | undefined>;
}

export function createBookHolder(options: BookHolderOptions): BookHolder {
  const { source, name, copy, log } = options;
  let book: PriceBook | undefined;
  let heldText: string | undefined;
  let isOk: boolean | undefined;
  let changed = (): void => undefined;

  const tell = (ok: boolean): void => {
    isOk = ok;
    options.ok.set({ source }, ok ? 1 : 0);
  };
  const hold = (next: PriceBook, text: string): void => {
    book = next;
    heldText = text;
    options.models.set({ source }, next.models);
    changed();
  };
  const refuse = (problems: readonly PriceFileProblem[]): void => {
    tell(false);
    const places = problems
      .slice(0, SHOWN_PROBLEMS)
      .map(({ line, message }) => (line === undefined ? message : `${name}:${line}: ${message}`));
    log.error(
      { prices: name, problems: places, more: Math.max(0, problems.length - SHOWN_PROBLEMS) },
      'the price file is broken, the last good one is kept',
    );
  };

  return {
    book: () => book,
    onChange: (listener) => {
      changed = listener;
    },
    async offer(text) {
      if (text === heldText) return tell(true);
      const parsed = parsePriceFile(text);
      const problems = refusals(parsed, book, options.strict);
      if (parsed.book === undefined || problems.length > 0) return refuse(problems);
      hold(parsed.book, text);
      tell(true);
      log.info({ prices: name, models: parsed.book.models, leftOut: parsed.problems.length, first: parsed.problems[0] }, 'prices read');
      await writeCopy(copy, text).catch((err: unknown) => log.warn({ err, prices: name }, 'no copy of the prices could be kept'));
    },
    failed(reason) {
      tell(false);
      log.error({ prices: name, reason }, 'the price file could not be read, the last good one is kept');
    },
    async restore() {
      try {
        const text = await readFile(copy, 'utf8');
        const parsed = parsePriceFile(text);
        if (book === undefined && parsed.book !== undefined) hold(parsed.book, text);
        if (isOk === undefined && book !== undefined) tell(true);
        return (await stat(copy)).mtimeMs;
      } catch {
        return undefined;
      }
    },
  };
}

const SHOWN_PROBLEMS = 5;

/** Why a text is not taken. A published file that lost more than half of its models is a mishap of its publisher. */
function refusals({ book, problems }: ParsedPriceFile, held: PriceBook | undefined, strict: boolean): readonly PriceFileProblem[] {
  if (strict || book === undefined) return problems;
  if (held !== undefined && book.models * 2 < held.models) {
    return [{ line: undefined, message: `${book.models} models where there were ${held.models}` }];
  }
  return [];
}

/** Whole or not at all: other processes read and write it too. */
async function writeCopy(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.tmp`;
  await writeFile(unfinished, text);
  await rename(unfinished, path);
}
