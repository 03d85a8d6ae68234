import { GatewayError } from '#contracts';
import type { Exchange, ExchangeInput } from '../../exchange.ts';
import { finishExchange, isOpenaiHost, JSON_HEADERS, type MapError, operationNotSupported } from '../operation.ts';
import { relayForm } from '../relay-form.ts';
import { relayJson } from '../relay-json.ts';
import { decodeImages, estimateImages, openImageStream } from './decode-images.ts';
import { openImagenExchange } from './imagen.ts';

/** `/v1/images/generations`: relayed to hosts of OpenAI's format, translated for Imagen. */
export function openImages(input: ExchangeInput, mapError: MapError): Exchange {
  if (input.providerDialect === 'gemini-generate') return openImagenExchange(input, mapError);
  if (!isOpenaiHost(input.providerDialect)) throw operationNotSupported('making pictures');
  return openRelay(input, mapError, '/images/generations');
}

/** `/v1/images/edits`: pictures as files of a form, or by address or file id in JSON. */
export function openImageEdits(input: ExchangeInput, mapError: MapError): Exchange {
  if (!isOpenaiHost(input.providerDialect)) throw operationNotSupported('changing pictures');
  return input.isForm === true ? openFormRelay(input, mapError) : openRelay(input, mapError, '/images/edits');
}

function openRelay(input: ExchangeInput, mapError: MapError, path: string): Exchange {
  const { body, view, dropped } = relayJson(input);
  const wish = { count: countOf(view.value('n')), size: view.value('size'), quality: view.value('quality') };
  return finishExchange({ path, headers: JSON_HEADERS, body, dropped, ...answerOf(input, mapError, wish) }, input, mapError);
}

function openFormRelay(input: ExchangeInput, mapError: MapError): Exchange {
  const form = relayForm(input);
  const wish = { count: countOf(Number(form.field('n') ?? 1)), size: form.field('size'), quality: form.field('quality') };
  const { headers, multipart, dropped } = form;
  const answer = answerOf(input, mapError, wish);
  return finishExchange({ path: '/images/edits', headers, body: NOTHING, multipart, dropped, ...answer }, input, mapError);
}

const NOTHING = new Uint8Array(0);

interface ImageWish {
  readonly count: number;
  readonly size: unknown;
  readonly quality: unknown;
}

function answerOf(input: ExchangeInput, mapError: MapError, wish: ImageWish) {
  const decoding = { mapError, nowMs: input.createdAt * 1_000, ...wish };
  return {
    decodeAnswer: (answer: Uint8Array) => decodeImages(answer, decoding),
    openStream: () => openImageStream(decoding),
    estimateUsage: () => estimateImages(decoding),
  };
}

function countOf(n: unknown): number {
  if (n === undefined || n === null) return 1;
  if (typeof n === 'number' && Number.isSafeInteger(n) && n >= 1) return n;
  throw new GatewayError('invalid_request', "Invalid 'n': must be an integer of at least 1.", { param: 'n' });
}
