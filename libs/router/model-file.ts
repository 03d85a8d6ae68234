import { readFileSync } from 'node:fs';
import type { RoutingModel } from './routing-model.ts';

/** What else a file of weights says of itself. */
export interface ModelNotes {
  readonly trainedOn: string;
  readonly outcomes: number;
  readonly licence: string;
}

const MOST_BITS = 20;

/** The text of a file of weights: JSON, the weights in base64. */
export function encodeModel({ weights, ...model }: RoutingModel, notes: ModelNotes): string {
  const text = Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength).toString('base64');
  return `${JSON.stringify({ v: 1, notes, ...model, weights: text }, undefined, 1)}\n`;
}

/** Throws an `Error` that names the file and what is wrong with it. */
export function readModel(file: string | URL): RoutingModel {
  const name = typeof file === 'string' ? file : file.pathname;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`the routing weights ${name} can't be read: is the path right? \`npm run train:router\` makes such a file`, {
      cause: error,
    });
  }
  return parseModel(text, name);
}

/** The one that comes with the gateway. */
export const BUILT_IN_WEIGHTS = new URL('weights.json', import.meta.url);

export function parseModel(text: string, name: string): RoutingModel {
  const fields = parseFields(text, name);
  const number = (field: string): number => {
    const value = fields[field];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw wrong(name, `'${field}' must be a number`);
  };
  if (fields['v'] !== 1) throw wrong(name, `'v' must be 1`);
  const bits = number('bits');
  if (!Number.isInteger(bits) || bits < 1 || bits > MOST_BITS) throw wrong(name, `'bits' must be a whole number from 1 to ${MOST_BITS}`);
  const { weights: encoded, quantiles } = fields;
  const weights = Int8Array.from(Buffer.from(typeof encoded === 'string' ? encoded : '', 'base64'));
  if (weights.length !== 2 ** bits) throw wrong(name, `'weights' must be ${2 ** bits} bytes in base64, is ${weights.length}`);
  if (!isQuantiles(quantiles)) throw wrong(name, `'quantiles' must be a list of at least two numbers in rising order`);
  return { bits, scale: number('scale'), bias: number('bias'), weights, quantiles };
}

function parseFields(text: string, name: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (error) {
    throw wrong(name, 'it is not JSON', error);
  }
  throw wrong(name, 'it is not a JSON object');
}

function isQuantiles(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every((one: unknown, at) => typeof one === 'number' && (at === 0 || one >= Number(value[at - 1])));
}

function wrong(name: string, what: string, cause?: unknown): Error {
  return new Error(`the routing weights ${name} can't be used: ${what}. \`npm run train:router\` makes such a file`, { cause });
}
