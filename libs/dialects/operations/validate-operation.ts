import type { OperationDialect } from '#contracts';
import { isRecord, type JsonRecord } from '../json/record.ts';
import { invalidField as invalid } from '../openai-chat/invalid-field.ts';

/** OpenAI's limit (https://platform.openai.com/docs/api-reference/embeddings/create); others have lower ones of their own. */
const MOST_INPUTS = 2_048;
const LONGEST_MODEL = 512;

type Check = (body: JsonRecord) => void;

const CHECKS: Readonly<Partial<Record<OperationDialect, Check>>> = {
  'openai-embeddings': checkEmbeddings,
  'openai-images': (body) => {
    checkText(body, 'prompt');
    checkFlag(body, 'stream');
  },
  'openai-image-edits': (body) => {
    if (!['image', 'image[]', 'images'].some((name) => body[name] !== undefined)) throw invalid('image', 'must be an image file');
    for (const name of ['image', 'image[]', 'mask']) {
      if (typeof body[name] === 'string') throw invalid(name, 'must be sent as a file: give its part a filename');
    }
    checkText(body, 'prompt');
  },
  'openai-speech': (body) => {
    checkText(body, 'input');
    if (body['voice'] === undefined) throw invalid('voice', 'must name a voice');
  },
  'openai-transcriptions': checkRecording,
  'openai-translations': checkRecording,
  'openai-moderations': (body) => {
    const { input } = body;
    const isInput = (typeof input === 'string' && input !== '') || (Array.isArray(input) && input.length > 0);
    if (!isInput) throw invalid('input', 'must be text or a list of texts or parts');
  },
  'cohere-rerank': checkRerank,
};

/** Structure of a request that is no conversation. Files of a form are records here. Throws `invalid_request` naming the field. */
export function validateOperation(dialect: OperationDialect, body: JsonRecord): void {
  checkModel(body['model']);
  CHECKS[dialect]?.(body);
}

function checkModel(model: unknown): void {
  if (typeof model !== 'string' || model === '') throw invalid('model', 'must be a model name');
  if (model.length > LONGEST_MODEL) throw invalid('model', `must not be longer than ${LONGEST_MODEL} characters`);
  if (/[\u0000-\u001f\u007f]/.test(model)) throw invalid('model', 'must not hold control characters');
}

function checkEmbeddings(body: JsonRecord): void {
  const { input, encoding_format: format, dimensions } = body;
  if (input === undefined || input === null || input === '') throw invalid('input', 'must be text or a list of texts');
  if (typeof input !== 'string') checkInputs(input);
  if (format !== undefined && format !== null && format !== 'float' && format !== 'base64') {
    throw invalid('encoding_format', 'must be "float" or "base64"');
  }
  const isCount = typeof dimensions === 'number' && Number.isSafeInteger(dimensions) && dimensions >= 1;
  if (dimensions !== undefined && dimensions !== null && !isCount) throw invalid('dimensions', 'must be an integer of at least 1');
}

/** Texts, token numbers, or lists of token numbers; the hosts' own extensions (parts with images) pass. */
function checkInputs(input: unknown): void {
  if (!Array.isArray(input)) throw invalid('input', 'must be text or a list of texts');
  if (input.length === 0) throw invalid('input', 'must not be empty');
  const isTokens = input.every((entry) => typeof entry === 'number');
  if (!isTokens && input.length > MOST_INPUTS) throw invalid('input', `must not hold more than ${MOST_INPUTS} entries`);
  for (const [index, entry] of input.entries()) {
    const isFit = typeof entry === 'string' || isTokens || isRecord(entry) || (Array.isArray(entry) && entry.length > 0);
    if (!isFit) throw invalid(`input[${index}]`, 'must be text or a list of token numbers');
  }
}

function checkRecording(body: JsonRecord): void {
  const { file } = body;
  if (file === undefined) throw invalid('file', 'must be an audio file, sent as multipart/form-data');
  if (!isRecord(file)) throw invalid('file', 'must be sent as a file: give its part a filename');
  if (file['sizeBytes'] === 0) throw invalid('file', 'must not be empty');
  const { stream } = body;
  if (stream !== undefined && stream !== 'true' && stream !== 'false') throw invalid('stream', 'must be true or false');
}

function checkRerank(body: JsonRecord): void {
  checkText(body, 'query');
  const { documents, top_n: topN } = body;
  if (!Array.isArray(documents) || documents.length === 0) throw invalid('documents', 'must be a list of at least one document');
  for (const [index, document] of documents.entries()) {
    if (typeof document !== 'string' && !isRecord(document)) throw invalid(`documents[${index}]`, 'must be text or an object');
  }
  const isCount = typeof topN === 'number' && Number.isSafeInteger(topN) && topN >= 1;
  if (topN !== undefined && topN !== null && !isCount) throw invalid('top_n', 'must be an integer of at least 1');
}

function checkText(body: JsonRecord, field: string): void {
  const value = body[field];
  if (typeof value !== 'string' || value === '') throw invalid(field, 'must be text');
}

function checkFlag(body: JsonRecord, field: string): void {
  const value = body[field];
  if (value !== undefined && value !== null && typeof value !== 'boolean') throw invalid(field, 'must be true or false');
}
