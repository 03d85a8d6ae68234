import { GatewayError } from '#contracts';
import type { Exchange, ExchangeInput } from '../../exchange.ts';
import { finishExchange, isOpenaiHost, type MapError, operationNotSupported } from '../operation.ts';
import { relayForm } from '../relay-form.ts';
import { estimateAudio } from './audio-seconds.ts';
import { decodeTranscript } from './decode-transcript.ts';
import { openTranscriptStream } from './relay-transcript.ts';

export function openTranscriptions(input: ExchangeInput, mapError: MapError): Exchange {
  return openAudioForm(input, mapError, '/audio/transcriptions');
}

/** Into English. */
export function openTranslations(input: ExchangeInput, mapError: MapError): Exchange {
  return openAudioForm(input, mapError, '/audio/translations');
}

/**
 * A recording in, its text out, on hosts of OpenAI's format. The answer keeps its type: JSON, plain text, SRT, WebVTT or events.
 * Models that are billed by the minute and don't state their length (text answers) are metered by what the file tells.
 */
function openAudioForm(input: ExchangeInput, mapError: MapError, path: string): Exchange {
  if (!isOpenaiHost(input.providerDialect)) throw operationNotSupported('transcriptions');
  if (input.isForm !== true) throw new GatewayError('invalid_request', 'Send the recording as multipart/form-data.', { param: 'file' });
  const form = relayForm(input);
  const estimateUsage = () => estimateAudio(form.files);
  const nowMs = input.createdAt * 1_000;
  const decode = { mapError, nowMs, estimateUsage };
  return finishExchange(
    {
      path,
      headers: form.headers,
      body: NOTHING,
      multipart: form.multipart,
      dropped: form.dropped,
      relaysContentType: true,
      decodeAnswer: (answer) => decodeTranscript(answer, decode),
      openStream: () => openTranscriptStream(decode),
      estimateUsage,
    },
    input,
    mapError,
  );
}

const NOTHING = new Uint8Array(0);
