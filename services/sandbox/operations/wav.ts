/** Telephone quality: enough to be heard, 16 KB a second. */
const SAMPLE_RATE = 8_000;
const BYTES_PER_SAMPLE = 2;
const SECONDS_PER_CHARACTER = 0.05;
const PITCH_HZ = 220;
const LOUDNESS = 8_000;
const NOTE_MARK = 'LIST';
const NOTE_KIND = 'INFOICMT';

export interface SpokenText {
  readonly seconds: number;
  /** Samples alone, little endian. */
  readonly samples: Buffer;
}

/** Code points, as speech is billed by them. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _character of text) count += 1;
  return count;
}

/** A hum as long as it would take to say the text. */
export function speak(text: string): SpokenText {
  const count = Math.max(1, Math.round(countCharacters(text) * SECONDS_PER_CHARACTER * SAMPLE_RATE));
  const samples = Buffer.alloc(count * BYTES_PER_SAMPLE);
  for (let at = 0; at < count; at += 1) {
    samples.writeInt16LE(Math.round(Math.sin((at * PITCH_HZ * 2 * Math.PI) / SAMPLE_RATE) * LOUDNESS), at * BYTES_PER_SAMPLE);
  }
  return { seconds: count / SAMPLE_RATE, samples };
}

/** A WAV file, with the text as its comment behind the sound: the sandbox can hear what it said. */
export function wavFile(text: string, { samples }: SpokenText): Buffer {
  const note = noteChunk(text);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + samples.length + note.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * BYTES_PER_SAMPLE, 28);
  header.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  header.writeUInt16LE(BYTES_PER_SAMPLE * 8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples, note]);
}

/** `LIST`, size, `INFO`, `ICMT`, size, text; chunks have an even length. */
function noteChunk(text: string): Buffer {
  const bytes = Buffer.from(text);
  const padded = Buffer.alloc(bytes.length + (bytes.length % 2));
  bytes.copy(padded);
  const chunk = Buffer.alloc(20 + padded.length);
  chunk.write(NOTE_MARK, 0, 'latin1');
  chunk.writeUInt32LE(12 + padded.length, 4);
  chunk.write(NOTE_KIND, 8, 'latin1');
  chunk.writeUInt32LE(bytes.length, 16);
  padded.copy(chunk, 20);
  return chunk;
}

/** The comment of a file that `wavFile` made, from its last bytes. */
export function heardText(tail: Buffer): string | undefined {
  const at = tail.lastIndexOf(NOTE_KIND, undefined, 'latin1');
  if (at < 8 || at + 12 > tail.length) return undefined;
  const length = tail.readUInt32LE(at + 8);
  return at + 12 + length > tail.length ? undefined : tail.toString('utf8', at + 12, at + 12 + length);
}

/** For recordings of which nothing but the size is known. */
export function secondsOfBytes(sizeBytes: number): number {
  return Math.round((sizeBytes / (SAMPLE_RATE * BYTES_PER_SAMPLE)) * 1_000) / 1_000;
}
