import { NO_USAGE } from '#contracts';
import type { Exchange, ExchangeInput } from '../../exchange.ts';
import { finishExchange, isOpenaiHost, JSON_HEADERS, type MapError, operationNotSupported } from '../operation.ts';
import { mapOperationUsage } from '../map-usage.ts';
import { invalidAnswer, readAnswer } from '../read-answer.ts';
import { relayJson } from '../relay-json.ts';

/** `/v1/moderations`, on hosts of OpenAI's format. Free at OpenAI; a host that states tokens is metered by them. */
export function openModerations(input: ExchangeInput, mapError: MapError): Exchange {
  if (!isOpenaiHost(input.providerDialect)) throw operationNotSupported('moderations');
  const { body, dropped } = relayJson(input);
  const nowMs = input.createdAt * 1_000;
  return finishExchange(
    {
      path: '/moderations',
      headers: JSON_HEADERS,
      body,
      dropped,
      decodeAnswer: (answer) => {
        const { results, usage } = readAnswer(answer, mapError, nowMs);
        if (!Array.isArray(results)) throw invalidAnswer("an answer without 'results'");
        return { body: answer, usage: mapOperationUsage(usage) ?? NO_USAGE, finishReason: undefined };
      },
      estimateUsage: () => NO_USAGE,
    },
    input,
    mapError,
  );
}
