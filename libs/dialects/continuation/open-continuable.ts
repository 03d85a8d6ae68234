import type { ClientDialect } from '#contracts';
import { continueBody as continueMessages } from '../openai-chat/continue-body.ts';
import { continueBody as continueCompletion } from '../openai-completions/continue-body.ts';
import { continueBody as continueResponse } from '../openai-responses/continue-body.ts';
import { continueBody as continueContents } from '../gemini-generate/continue-body.ts';
import type { AnswerContext, ClientCodec, DecodedRequest, ProviderCodec } from '../dialect-codec.ts';
import type { Exchange, ExchangeInput, StreamDecoder, StreamStep } from '../exchange.ts';
import { viewObject } from '../json/splice-members.ts';
import { decodeForTranslation, openStreamBetween } from '../translate-exchange.ts';
import { createFirstWriter, createNextWriter, type AnswerWriter } from './answer-writer.ts';
import type { ContinuedTurns, EditContinuedBody } from './continued-turns.ts';
import { isContinuable } from './is-continuable.ts';

const EDIT_BODY: Readonly<Partial<Record<ClientDialect, EditContinuedBody>>> = {
  'openai-chat': continueMessages,
  'openai-completions': continueCompletion,
  'openai-responses': continueResponse,
  'anthropic-messages': continueMessages,
  'gemini-generate': continueContents,
};

const INSTRUCTION =
  'Your last message was cut off by a connection failure. Continue it from exactly where it stopped, in the middle of the word or line if need be. Begin with the very next character. Do not repeat any of it, do not start over and do not comment on this.';

interface Codecs {
  readonly client: ClientCodec | undefined;
  readonly provider: ProviderCodec | undefined;
}

/**
 * An exchange whose stream can be gone on with by another one, or goes on with another's. The request is the client's own, sent as
 * any other; the stream is always written by the gateway, from the neutral conversation, so that every attempt can write its next event.
 * Undefined for requests whose answers can't be joined: those are served as if nothing had been asked for.
 */
export function openContinuable(input: ExchangeInput, codecs: Codecs, open: (input: ExchangeInput) => Exchange): Exchange | undefined {
  const { client, provider } = codecs;
  const edit = EDIT_BODY[input.clientDialect];
  if (!input.stream || input.continuation === undefined || !client || !provider || !edit) return undefined;
  // such a host answers in a format of its own, which is passed on as it is
  if (input.clientDialect === 'openai-completions' && input.quirks.completions === true) return undefined;
  const decoded = readableRequest(input, client);
  if (decoded === undefined || !isContinuable(decoded)) return undefined;
  const turns = turnsOf(input, provider, decoded);
  const exchange = open(turns === undefined ? input : { ...input, body: continuedBody(input, edit, turns) });
  const context: AnswerContext = {
    answerId: input.answerId,
    createdAt: input.createdAt,
    includeUsage: decoded.includeUsage,
    echo: decoded.echo,
  };
  return { ...exchange, openStream: () => openContinuableStream(input, { client, provider }, context, turns) };
}

/** Everything the format knows is read: what a provider can't take is for the exchange itself to refuse. */
function readableRequest(input: ExchangeInput, client: ClientCodec): DecodedRequest | undefined {
  try {
    return decodeForTranslation({ ...input, dropParams: true, quirks: {} }, client);
  } catch {
    return undefined;
  }
}

function turnsOf(input: ExchangeInput, provider: ProviderCodec, { request }: DecodedRequest): ContinuedTurns | undefined {
  const { sent } = input.continuation ?? {};
  const text = sent?.text.join('') ?? '';
  // with nothing but reasoning shown the question is asked as it was
  if (sent === undefined || text.trim() === '') return undefined;
  const takesPrefill = input.quirks.prefill ?? provider.takesPrefill?.(input.upstreamModel, request) ?? false;
  const outputTokens = sent.spent.outputTokens;
  return takesPrefill ? { text: text.trimEnd(), instruction: undefined, outputTokens } : { text, instruction: INSTRUCTION, outputTokens };
}

function continuedBody(input: ExchangeInput, edit: EditContinuedBody, turns: ContinuedTurns): Uint8Array {
  const body = viewObject(input.body);
  const edits = new Map(edit(body, turns));
  const extra = turns.instruction === undefined ? input.quirks.prefillFields : undefined;
  for (const [field, value] of Object.entries(extra ?? {})) edits.set(field, JSON.stringify(value));
  return body.splice(edits);
}

function openContinuableStream(
  input: ExchangeInput,
  codecs: { readonly client: ClientCodec; readonly provider: ProviderCodec },
  context: AnswerContext,
  turns: ContinuedTurns | undefined,
): StreamDecoder {
  const encode = codecs.client.createStreamEncoder(context);
  const { sent } = input.continuation ?? {};
  const withheldSpace = sent && turns?.instruction === undefined ? sent.text.join('').slice(turns?.text.length ?? 0) : '';
  const writer = sent === undefined ? createFirstWriter(encode) : createNextWriter(encode, sent, { withheldSpace });
  return new NotingDecoder(openStreamBetween(input, codecs.provider, writer.encode), writer);
}

/** The decoder, its steps with what they show. */
class NotingDecoder implements StreamDecoder {
  readonly #decoder: StreamDecoder;
  readonly #writer: AnswerWriter;

  constructor(decoder: StreamDecoder, writer: AnswerWriter) {
    this.#decoder = decoder;
    this.#writer = writer;
  }

  get usage(): StreamDecoder['usage'] {
    return this.#decoder.usage;
  }

  get finishReason(): string | undefined {
    return this.#decoder.finishReason;
  }

  get producedText(): string {
    return this.#decoder.producedText;
  }

  push(chunk: Uint8Array): StreamStep {
    return this.#noted(this.#decoder.push(chunk));
  }

  end(): StreamStep {
    return this.#noted(this.#decoder.end());
  }

  #noted(step: StreamStep): StreamStep {
    return { ...step, shown: this.#writer.takeShown() };
  }
}
