import { NO_USAGE, type TokenUsage, type UploadFile } from '#contracts';

/** Speech as people record it for a transcript: 64 kbit/s is between telephone (16) and music (128). */
const USUAL_BYTES_PER_SECOND = 8_000;
/** Canonical WAV: `RIFF`, size, `WAVE`, `fmt `, size, format, channels, rate, and at 28 the bytes of a second. */
const WAV_HEADER_BYTES = 44;
const WAV_BYTE_RATE_AT = 28;

/** Length of uploaded sound where its provider does not state it: exact for plain WAV, a guess from the size for the rest. */
export function estimateAudio(files: readonly UploadFile[]): TokenUsage {
  const seconds = files.reduce((total, file) => total + secondsOf(file), 0);
  return { ...NO_USAGE, audioSeconds: Math.round(seconds * 1_000) / 1_000, estimated: true };
}

function secondsOf(file: UploadFile): number {
  const head = Buffer.from(file.head, 'base64');
  const isWav =
    head.length >= WAV_HEADER_BYTES && head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 16) === 'WAVEfmt ';
  const bytesPerSecond = isWav ? head.readUInt32LE(WAV_BYTE_RATE_AT) : 0;
  if (bytesPerSecond > 0) return Math.max(0, file.sizeBytes - WAV_HEADER_BYTES) / bytesPerSecond;
  return file.sizeBytes / USUAL_BYTES_PER_SECOND;
}
