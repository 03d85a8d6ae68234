import { describe, type JsonObject } from '../json.ts';
import { type BilledTokens, NOTHING_BILLED } from '../meter.ts';
import { invalidRequest } from '../openai-error.ts';
import { countTokens, splitTokens } from '../tokens.ts';
import { eventAnswer, jsonAnswer, type Operation, type OperationAnswer, type OperationRequest } from './operation.ts';
import { heardText, secondsOfBytes } from './wav.ts';

const FORMATS = ['json', 'text', 'srt', 'vtt', 'verbose_json'] as const;

/** `POST /v1/audio/transcriptions`: what the sandbox itself said, or the file's name and size. */
export const transcribe: Operation = (request) => answer(request, 'transcribe', (text) => text);

/** `POST /v1/audio/translations`. */
export const translate: Operation = (request) => answer(request, 'translate', (text) => `In English: ${text}`);

function answer({ fields, files }: OperationRequest, task: string, word: (text: string) => string): OperationAnswer {
  const file = files.find(({ name }) => name === 'file');
  if (file === undefined) throw invalidRequest('file must be an audio file.', 'file');
  const format = FORMATS.find((one) => one === (fields['response_format'] ?? 'json'));
  if (format === undefined) {
    throw invalidRequest(`response_format ${describe(fields['response_format'])} is none of ${FORMATS.join(', ')}.`, 'response_format');
  }
  const seconds = secondsOfBytes(file.sizeBytes);
  const text = word(heardText(file.tail) ?? `This is ${file.filename}, ${file.sizeBytes} bytes long.`);
  const billed = { ...NOTHING_BILLED, audioSeconds: seconds };
  if (fields['stream'] === 'true') return streamed(text, seconds);
  if (format === 'json') return jsonAnswer({ text, usage: { type: 'duration', seconds } }, billed);
  if (format === 'verbose_json') return jsonAnswer(verbose(text, seconds, task), billed);
  return { contentType: 'text/plain; charset=utf-8', body: Buffer.from(plain(text, seconds, format)), billed };
}

function verbose(text: string, seconds: number, task: string): JsonObject {
  const segment = { id: 0, seek: 0, start: 0, end: seconds, text, tokens: [], temperature: 0 };
  return { task, language: 'english', duration: seconds, text, segments: [segment], usage: { type: 'duration', seconds } };
}

function plain(text: string, seconds: number, format: 'text' | 'srt' | 'vtt'): string {
  if (format === 'text') return `${text}\n`;
  if (format === 'srt') return `1\n00:00:00,000 --> ${clock(seconds, ',')}\n${text}\n\n`;
  return `WEBVTT\n\n00:00:00.000 --> ${clock(seconds, '.')}\n${text}\n\n`;
}

function clock(seconds: number, point: string): string {
  return new Date(seconds * 1_000).toISOString().slice(11, 23).replace('.', point);
}

const AUDIO_TOKENS_PER_SECOND = 10;

/** Streaming models bill tokens. */
function streamed(text: string, seconds: number): OperationAnswer {
  const audioTokens = Math.ceil(seconds * AUDIO_TOKENS_PER_SECOND);
  const outputTokens = countTokens(text);
  const usage = {
    type: 'tokens',
    input_tokens: audioTokens,
    input_token_details: { text_tokens: 0, audio_tokens: audioTokens },
    output_tokens: outputTokens,
    total_tokens: audioTokens + outputTokens,
  };
  const billed: BilledTokens = { promptTokens: audioTokens, cachedTokens: 0, completionTokens: outputTokens };
  const deltas = splitTokens(text).map((delta) => ({ type: 'transcript.text.delta', delta }));
  return eventAnswer([...deltas, { type: 'transcript.text.done', text, usage }], billed);
}
