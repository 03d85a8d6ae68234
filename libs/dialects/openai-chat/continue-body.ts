import { appendElements, type EditContinuedBody, reducedLimits } from '../continuation/continued-turns.ts';

/** A chat request whose answer so far is its last turn but one, or the last (a prefill). Anthropic's messages look the same. */
export const continueBody: EditContinuedBody = (body, { text, instruction, outputTokens }) => {
  const turns: object[] = [{ role: 'assistant', content: text }];
  if (instruction !== undefined) turns.push({ role: 'user', content: instruction });
  return new Map([
    ['messages', appendElements(body.raw('messages'), turns)],
    ...reducedLimits(body, ['max_tokens', 'max_completion_tokens'], outputTokens),
  ]);
};
