import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseOutcome, type RoutingOutcome } from './routing-outcome.ts';

export const DEFAULT_OUTCOMES = 'data/routing/outcomes.jsonl.gz';

/** An outcome file: JSON lines, gzipped or not. Throws an `Error` that names the file, the line and what to do. */
export function readOutcomes(file: string): readonly RoutingOutcome[] {
  const bytes = readBytes(file);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  try {
    const found = text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [parseOutcome(line, at + 1)]));
    if (found.length > 0) return found;
  } catch (error) {
    throw new Error(`${file}, ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  throw new Error(`${file} has no outcomes in it.`);
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(
      `There is no outcome file ${file}. Give one with --data PATH: JSON lines (gzipped or not) of {"source", "prompt", "weak", "strong"}. GET /route/outcomes exports your own.`,
      { cause: error },
    );
  }
}
