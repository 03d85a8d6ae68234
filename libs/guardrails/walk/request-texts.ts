import type { ClientDialect } from '#contracts';
import { textPath, type TextPath } from './walk-texts.ts';

const CHAT: readonly TextPath[] = [
  textPath('messages.*.content'),
  textPath('messages.*.content.*.text'),
  textPath('messages.*.content.*.refusal'),
  textPath('messages.*.content.*.content'),
  textPath('messages.*.content.*.file.file_data', 'text'),
  textPath('messages.*.reasoning_content'),
  textPath('messages.*.tool_calls.*.function.arguments', 'json'),
  textPath('messages.*.function_call.arguments', 'json'),
  textPath('prediction.content'),
  textPath('prediction.content.*.text'),
].filter(({ path }) => !path.includes('file'));

const RESPONSES: readonly TextPath[] = [
  textPath('instructions', 'system'),
  textPath('input'),
  textPath('input.*.content'),
  textPath('input.*.content.*.text'),
  textPath('input.*.output', 'tool'),
  textPath('input.*.output.*.text', 'tool'),
  textPath('input.*.arguments', 'json'),
  textPath('input.*.input', 'json'),
  textPath('prompt.variables.**'),
];

const MESSAGES: readonly TextPath[] = [
  textPath('system', 'system'),
  textPath('system.*.text', 'system'),
  textPath('messages.*.content'),
  textPath('messages.*.content.*.text'),
  textPath('messages.*.content.*.content', 'tool'),
  textPath('messages.*.content.*.content.*.text', 'tool'),
  textPath('messages.*.content.*.input.**', 'json'),
  textPath('messages.*.content.*.source.content'),
  textPath('messages.*.content.*.source.content.*.text'),
  textPath('messages.*.content.*.title'),
  textPath('messages.*.content.*.context'),
];

const GEMINI: readonly TextPath[] = ['systemInstruction', 'system_instruction']
  .flatMap((name) => [textPath(`${name}.parts.*.text`, 'system')])
  .concat([
    textPath('contents.*.parts.*.text'),
    textPath('contents.*.parts.*.functionCall.args.**', 'json'),
    textPath('contents.*.parts.*.functionResponse.response.**', 'tool'),
    textPath('contents.parts.*.text'),
  ]);

/** Where the texts of a request stand, by its format. What is not listed is no text of a person or a tool: pictures, sound, signed reasoning. */
export const REQUEST_TEXTS: Readonly<Record<ClientDialect, readonly TextPath[]>> = {
  'openai-chat': CHAT,
  'openai-completions': [textPath('prompt'), textPath('prompt.*'), textPath('suffix')],
  'openai-responses': RESPONSES,
  'anthropic-messages': MESSAGES,
  'gemini-generate': GEMINI,
  'anthropic-count-tokens': MESSAGES,
  'gemini-count-tokens': GEMINI,
  'openai-embeddings': [textPath('input'), textPath('input.*')],
  'openai-images': [textPath('prompt')],
  'openai-image-edits': [],
  'openai-speech': [textPath('input'), textPath('instructions', 'system')],
  'openai-transcriptions': [],
  'openai-translations': [],
  'openai-moderations': [textPath('input'), textPath('input.*'), textPath('input.*.text')],
  'cohere-rerank': [textPath('query'), textPath('documents.*'), textPath('documents.*.text')],
};

/** Descriptions of tools, for guardrails that look at them too: an injection may stand there. */
export const TOOL_TEXTS: readonly TextPath[] = [
  textPath('tools.*.function.description', 'tool'),
  textPath('tools.*.description', 'tool'),
  textPath('tools.*.functionDeclarations.*.description', 'tool'),
];
