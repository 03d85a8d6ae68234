import { describe } from '../json.ts';
import { NOTHING_BILLED } from '../meter.ts';
import { invalidRequest } from '../openai-error.ts';
import { countTokens } from '../tokens.ts';
import { eventAnswer, type Operation } from './operation.ts';
import { countCharacters, speak, wavFile } from './wav.ts';

const LONGEST_INPUT = 4_096;
const PIECE_BYTES = 16 * 1024;
const AUDIO_TOKENS_PER_SECOND = 20;

/** `POST /v1/audio/speech`: WAV, whatever format is asked for, raw samples for `pcm`, events for `stream_format: "sse"`. */
export const speech: Operation = ({ fields }) => {
  const { input, voice } = fields;
  if (typeof input !== 'string' || input === '') throw invalidRequest(`input must be text, not ${describe(input)}.`, 'input');
  if (input.length > LONGEST_INPUT) throw invalidRequest(`input must not be longer than ${LONGEST_INPUT} characters.`, 'input');
  if (voice === undefined) throw invalidRequest('voice must name a voice.', 'voice');
  const spoken = speak(input);
  const isPcm = fields['response_format'] === 'pcm';
  const pieces = cut(isPcm ? spoken.samples : wavFile(input, spoken));
  const characters = countCharacters(input);
  if (fields['stream_format'] !== 'sse') {
    return { contentType: isPcm ? 'audio/pcm' : 'audio/wav', body: pieces, billed: { ...NOTHING_BILLED, characters } };
  }
  const inputTokens = countTokens(input);
  const outputTokens = Math.ceil(spoken.seconds * AUDIO_TOKENS_PER_SECOND);
  const usage = { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
  const deltas = pieces.map((piece) => ({ type: 'speech.audio.delta', audio: piece.toString('base64') }));
  const billed = { promptTokens: inputTokens, cachedTokens: 0, completionTokens: outputTokens, characters };
  return eventAnswer([...deltas, { type: 'speech.audio.done', usage }], billed);
};

function cut(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) pieces.push(bytes.subarray(at, at + PIECE_BYTES));
  return pieces;
}
