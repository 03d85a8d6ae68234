import { InvalidMessage } from '#contracts';

/** A vector in JSON: base64 of its floats, as this machine has them (little-endian). */
export function writeVector(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}

/** Throws `InvalidMessage` for what is none. */
export function readVector(text: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  const numbers = bytes.length % 4 === 0 ? new Float32Array(bytes.buffer) : undefined;
  if (numbers === undefined || !isVector(numbers)) throw new InvalidMessage('a text has no vector');
  return numbers;
}

/** Whether a cosine with it means anything. */
export function isVector(numbers: Float32Array): boolean {
  return numbers.length > 0 && numbers.every(Number.isFinite) && numbers.some((one) => one !== 0);
}
