import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A row as it is written: one level deep; lists are joined by semicolons. */
export type CsvRow = Readonly<Record<string, unknown>>;

/** `format=csv`, else what the client says it takes. */
export function wantsCsv(request: Pick<FastifyRequest, 'headers'>, format: 'json' | 'csv' | undefined): boolean {
  if (format !== undefined) return format === 'csv';
  return /\btext\/csv\b/.test(request.headers.accept ?? '');
}

/**
 * Sends rows as CSV (RFC 4180) while they are made, with a line of names first. What a spreadsheet would take for a formula gets an
 * apostrophe before it. An error half way ends the connection: no client takes half a file for a whole one.
 */
export function sendCsv(
  reply: FastifyReply,
  rows: AsyncIterable<CsvRow> | Iterable<CsvRow>,
  options: { readonly name: string; readonly columns: readonly string[] },
) {
  const writer = stringify({
    header: true,
    columns: [...options.columns],
    escape_formulas: true,
    cast: { boolean: String, date: (date) => date.toISOString() },
  });
  const source = Readable.from(flatRows(rows));
  source.once('error', (error) => writer.destroy(error));
  writer.once('close', () => source.destroy());
  void reply.header('content-disposition', `attachment; filename="${options.name}.csv"`).type('text/csv; charset=utf-8');
  return reply.send(source.pipe(writer));
}

async function* flatRows(rows: AsyncIterable<CsvRow> | Iterable<CsvRow>): AsyncGenerator<CsvRow> {
  for await (const row of rows) yield Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)]));
}

function cell(value: unknown): unknown {
  if (Array.isArray(value)) return value.join(';');
  return typeof value === 'object' && value !== null && !(value instanceof Date) ? JSON.stringify(value) : value;
}
