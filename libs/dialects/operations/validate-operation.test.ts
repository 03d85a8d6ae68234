import { describe, expect, test } from 'vitest';
import type { OperationDialect } from '#contracts';
import { validateOperation } from './validate-operation.ts';

const FILE = { filename: 'a.wav', sizeBytes: 5 };

describe('a good request passes', () => {
  test.each<[OperationDialect, object]>([
    ['openai-embeddings', { input: 'a' }],
    ['openai-embeddings', { input: [1, 2, 3] }],
    ['openai-embeddings', { input: [[1], [2]], encoding_format: 'base64', dimensions: 256 }],
    ['openai-embeddings', { input: Array.from({ length: 2_048 }, () => 'x') }],
    ['openai-embeddings', { input: Array.from({ length: 8_192 }, () => 7), encoding_format: null, dimensions: null }],
    ['openai-embeddings', { input: [{ type: 'image_url', image_url: 'https://example.com/a.png' }] }],
    ['openai-images', { prompt: 'a', stream: true }],
    ['openai-image-edits', { prompt: 'a', 'image[]': FILE }],
    ['openai-image-edits', { prompt: 'a', images: [{ file_id: 'f1' }] }],
    ['openai-speech', { input: 'a', voice: { id: 'v' } }],
    ['openai-transcriptions', { file: FILE, stream: 'false' }],
    ['openai-moderations', { input: [{ type: 'text', text: 'a' }] }],
    ['cohere-rerank', { query: 'a', documents: ['b', { text: 'c' }], top_n: 1 }],
  ])('%s %j', (dialect, body) => {
    expect(() => validateOperation(dialect, { model: 'm', ...body })).not.toThrow();
  });
});

describe('a bad one is told the field', () => {
  test.each<[OperationDialect, object, string]>([
    ['openai-embeddings', { model: undefined, input: 'a' }, 'model'],
    ['openai-embeddings', { model: 7, input: 'a' }, 'model'],
    ['openai-embeddings', { model: 'a\u0000', input: 'a' }, 'model'],
    ['openai-embeddings', { model: 'x'.repeat(513), input: 'a' }, 'model'],
    ['openai-embeddings', {}, 'input'],
    ['openai-embeddings', { input: '' }, 'input'],
    ['openai-embeddings', { input: [] }, 'input'],
    ['openai-embeddings', { input: { a: 1 } }, 'input'],
    ['openai-embeddings', { input: ['a', null] }, 'input[1]'],
    ['openai-embeddings', { input: ['a', []] }, 'input[1]'],
    ['openai-embeddings', { input: Array.from({ length: 2_049 }, () => 'x') }, 'input'],
    ['openai-embeddings', { input: 'a', encoding_format: 'hex' }, 'encoding_format'],
    ['openai-embeddings', { input: 'a', dimensions: 0 }, 'dimensions'],
    ['openai-embeddings', { input: 'a', dimensions: '8' }, 'dimensions'],
    ['openai-images', {}, 'prompt'],
    ['openai-images', { prompt: 'a', stream: 'yes' }, 'stream'],
    ['openai-image-edits', { prompt: 'a' }, 'image'],
    ['openai-image-edits', { prompt: 'a', image: 'text' }, 'image'],
    ['openai-image-edits', { image: FILE }, 'prompt'],
    ['openai-speech', { voice: 'a' }, 'input'],
    ['openai-speech', { input: 'a' }, 'voice'],
    ['openai-transcriptions', {}, 'file'],
    ['openai-transcriptions', { file: 'text' }, 'file'],
    ['openai-translations', { file: { filename: 'a', sizeBytes: 0 } }, 'file'],
    ['openai-transcriptions', { file: FILE, stream: 'maybe' }, 'stream'],
    ['openai-moderations', { input: [] }, 'input'],
    ['cohere-rerank', { documents: ['a'] }, 'query'],
    ['cohere-rerank', { query: 'a', documents: [] }, 'documents'],
    ['cohere-rerank', { query: 'a', documents: ['a', 7] }, 'documents[1]'],
    ['cohere-rerank', { query: 'a', documents: ['a'], top_n: 0 }, 'top_n'],
  ])('%s %j', (dialect, body, param) => {
    expect(() => validateOperation(dialect, { model: 'm', ...body })).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});
