import { appendElements, type EditContinuedBody, reducedLimits } from '../continuation/continued-turns.ts';

/** https://platform.openai.com/docs/api-reference/responses/create: the smallest limit that is accepted. */
const LEAST_OUTPUT_TOKENS = 16;

/** A Responses request with the answer so far as further input. */
export const continueBody: EditContinuedBody = (body, { text, instruction, outputTokens }) => {
  const items: object[] = [{ role: 'assistant', content: text }];
  if (instruction !== undefined) items.push({ role: 'user', content: instruction });
  const input = body.value('input');
  const list = typeof input === 'string' ? Buffer.from(JSON.stringify([{ role: 'user', content: input }])) : body.raw('input');
  return new Map([
    ['input', appendElements(list, items)],
    ...reducedLimits(body, ['max_output_tokens'], outputTokens, LEAST_OUTPUT_TOKENS),
  ]);
};
