import { type ClientDialect, CHAT_DIALECTS, NO_USAGE, type TokenUsage } from '#contracts';
import type { ClientCall } from '../chat/read-request.ts';

/** What a call may use at most and at least, before any provider has counted. */
export interface UsageBounds {
  /** An estimate, for limits of tokens: they are put right when the provider has counted. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The most it can use, in each way that a model may count it (tokens, or pictures, or characters): the dearest counts. */
  readonly most: readonly TokenUsage[];
  /** The request or the model ends an answer at the most: it needs nobody to stop it there. */
  readonly isBounded: boolean;
  /** The least that it has used when it can be stopped; undefined for what runs to its end once it has begun. */
  readonly least: TokenUsage | undefined;
}

export interface BoundsInput {
  readonly call: Pick<ClientCall, 'dialect' | 'fields' | 'body' | 'stream' | 'uploadRef'>;
  /** As routing estimates them: right within some ten per cent for English text. */
  readonly inputTokens: number;
  /** No encoder comes to more. */
  readonly mostInputTokens: number;
  /** Where the request does not say how long the answer may be. */
  readonly defaultOutputTokens: number;
  /** That default is sent to the provider: the deployment's own `max_tokens`. */
  readonly isBounded?: boolean | undefined;
  /** The gateway marks its prompt for the provider's cache. */
  readonly marked?: 'minutes' | 'hour' | undefined;
  /** `model_info.max_output_tokens`: nobody gets more. */
  readonly maxOutputTokens?: number | undefined;
}

/** A stream that may be stopped begins with so much. */
const LEAST_OUTPUT_TOKENS = 64;
/** A thinking model answers behind its thoughts. */
const BEHIND_THOUGHTS_TOKENS = 1_024;
const MOST_ANSWERS = 128;
/** OpenAI's dearest picture (1024x1536, high), and what one may come to that goes in with an edit. */
const PICTURE_TOKENS = 6_300;
/** Spoken text: about fifteen characters a second, and fifty tokens. */
const SPEECH_TOKENS_PER_CHARACTER = 4;
/** Recordings are hardly ever packed below 16 kbit/s. */
const AUDIO_BYTES_PER_SECOND = 2_000;
const AUDIO_TOKENS_PER_SECOND = 12;
const DOCUMENTS_PER_SEARCH = 100;
const SEARCHES = 5;

type Fields = Readonly<Record<string, unknown>>;

export function usageBounds(input: BoundsInput): UsageBounds {
  const { dialect } = input.call;
  return isChat(dialect) ? chatBounds(input) : operationBounds(dialect, input);
}

function isChat(dialect: ClientDialect): boolean {
  return (CHAT_DIALECTS as readonly ClientDialect[]).includes(dialect);
}

function chatBounds({
  call,
  inputTokens,
  mostInputTokens,
  defaultOutputTokens,
  isBounded = false,
  marked,
  maxOutputTokens,
}: BoundsInput): UsageBounds {
  const { fields, body } = call;
  const stated = outputLimit(fields);
  const each = Math.min(stated ?? defaultOutputTokens + thoughts(fields), maxOutputTokens ?? Infinity);
  const answers = answerCount(fields);
  const outputTokens = each * answers;
  const base: TokenUsage = {
    ...NO_USAGE,
    ...inputBound(mostInputTokens, body, marked),
    webSearches: searches(fields),
    serviceTier: tierOf(fields),
  };
  const most = { ...base, outputTokens, ...(speaks(fields) ? { outputAudioTokens: outputTokens } : {}) };
  return {
    inputTokens,
    outputTokens,
    isBounded: stated !== undefined || isBounded,
    // thoughts may cost more than text
    most: [most, { ...most, reasoningTokens: outputTokens }],
    least: call.stream ? { ...base, webSearches: 0, outputTokens: Math.min(outputTokens, LEAST_OUTPUT_TOKENS * answers) } : undefined,
  };
}

/** Writing a prompt to a provider's cache costs more than reading it anew, sound more than text. */
function inputBound(bound: number, body: Buffer, marked: BoundsInput['marked']): Partial<TokenUsage> {
  if (body.includes('"input_audio"')) return { inputTokens: bound, inputAudioTokens: bound };
  if (marked === undefined && !body.includes('"cache_control"')) return { inputTokens: bound };
  return marked === 'hour' || body.includes('"1h"')
    ? { inputTokens: bound, cacheWrite1hTokens: bound }
    : { inputTokens: bound, cacheWriteTokens: bound };
}

/** The longest answer the client takes, in the words of any format; thoughts are part of it, and are never cut off by it. */
function outputLimit(fields: Fields): number | undefined {
  const google = recordOf(fields['generationConfig']);
  const stated =
    count(fields['max_completion_tokens']) ??
    count(fields['max_tokens']) ??
    count(fields['max_output_tokens']) ??
    count(google?.['maxOutputTokens']);
  const thinking = thinkingBudget(fields);
  return stated === undefined || thinking === undefined ? stated : Math.max(stated, thinking + BEHIND_THOUGHTS_TOKENS);
}

function thoughts(fields: Fields): number {
  return thinkingBudget(fields) ?? 0;
}

function thinkingBudget(fields: Fields): number | undefined {
  const google = recordOf(recordOf(fields['generationConfig'])?.['thinkingConfig']);
  const open = recordOf(fields['reasoning']);
  return count(recordOf(fields['thinking'])?.['budget_tokens']) ?? count(google?.['thinkingBudget']) ?? count(open?.['max_tokens']);
}

function answerCount(fields: Fields): number {
  const google = recordOf(fields['generationConfig']);
  const prompts = Array.isArray(fields['prompt']) && fields['prompt'].every((one) => typeof one !== 'number') ? fields['prompt'].length : 1;
  const answers = Math.max(count(fields['n']) ?? 1, count(fields['best_of']) ?? 1, count(google?.['candidateCount']) ?? 1);
  return Math.min(Math.max(1, answers * prompts), MOST_ANSWERS * Math.max(1, prompts));
}

/** Searches that the provider runs itself are paid for each. */
function searches(fields: Fields): number | undefined {
  if (fields['web_search_options'] !== undefined) return 1;
  const tools = Array.isArray(fields['tools']) ? fields['tools'] : [];
  const own = tools.map(recordOf).find((tool) => typeof tool?.['type'] === 'string' && tool['type'].startsWith('web_search'));
  return own === undefined ? undefined : (count(own['max_uses']) ?? SEARCHES);
}

/** Only a tier that costs more may be counted on. */
function tierOf(fields: Fields): string | undefined {
  return fields['service_tier'] === 'priority' ? 'priority' : undefined;
}

function speaks(fields: Fields): boolean {
  return Array.isArray(fields['modalities']) && fields['modalities'].includes('audio');
}

function operationBounds(dialect: ClientDialect, { call, inputTokens, mostInputTokens }: BoundsInput): UsageBounds {
  const most = operationUsages(dialect, call, mostInputTokens);
  const outputTokens = Math.max(0, ...most.map((usage) => usage.outputTokens));
  return { inputTokens, outputTokens, isBounded: true, most, least: undefined };
}

function operationUsages(dialect: ClientDialect, { fields, body }: BoundsInput['call'], inputTokens: number): readonly TokenUsage[] {
  const plain = { ...NO_USAGE, inputTokens };
  if (dialect === 'openai-images' || dialect === 'openai-image-edits') return pictureUsages(fields, inputTokens);
  if (dialect === 'openai-speech') {
    const characters = typeof fields['input'] === 'string' ? fields['input'].length : 0;
    const spoken = characters * SPEECH_TOKENS_PER_CHARACTER;
    return [
      { ...NO_USAGE, characters },
      { ...plain, outputTokens: spoken, outputAudioTokens: spoken },
    ];
  }
  if (dialect === 'openai-transcriptions' || dialect === 'openai-translations') return recordingUsages(body);
  if (dialect === 'cohere-rerank') {
    const documents = Array.isArray(fields['documents']) ? fields['documents'].length : 1;
    return [{ ...NO_USAGE, searchUnits: Math.max(1, Math.ceil(documents / DOCUMENTS_PER_SEARCH)) }, plain];
  }
  // counting tokens is free everywhere
  return dialect === 'anthropic-count-tokens' || dialect === 'gemini-count-tokens' ? [NO_USAGE] : [plain];
}

function pictureUsages(fields: Fields, inputTokens: number): readonly TokenUsage[] {
  const images = Math.min(count(Number(fields['n'] ?? 1)) ?? 1, MOST_ANSWERS);
  const [imageSize, imageQuality] = [textOf(fields['size']), textOf(fields['quality'])];
  const outputTokens = images * PICTURE_TOKENS;
  const shown = inputTokens + PICTURE_TOKENS;
  return [
    { ...NO_USAGE, images, imageSize, imageQuality },
    { ...NO_USAGE, inputTokens: shown, inputImageTokens: PICTURE_TOKENS, outputTokens, outputImageTokens: outputTokens },
  ];
}

/** The form says how large its files are. */
function recordingUsages(body: Buffer): readonly TokenUsage[] {
  const bytes = [...body.toString('latin1').matchAll(/"sizeBytes":(\d{1,12})/g)].reduce((total, [, size]) => total + Number(size), 0);
  const audioSeconds = Math.ceil(bytes / AUDIO_BYTES_PER_SECOND);
  const tokens = audioSeconds * AUDIO_TOKENS_PER_SECOND;
  return [
    { ...NO_USAGE, audioSeconds },
    { ...NO_USAGE, inputTokens: tokens, inputAudioTokens: tokens, outputTokens: tokens },
  ];
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.ceil(value) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function recordOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
