import { type EditContinuedBody, reducedLimits } from '../continuation/continued-turns.ts';

/** A completion goes on with its prompt, and so does the rest of it. */
export const continueBody: EditContinuedBody = (body, { text, outputTokens }) => {
  const prompt = body.value('prompt');
  const list: readonly unknown[] = Array.isArray(prompt) ? prompt : [prompt];
  return new Map([
    ['prompt', JSON.stringify(`${typeof list[0] === 'string' ? list[0] : ''}${text}`)],
    ...reducedLimits(body, ['max_tokens'], outputTokens),
  ]);
};
