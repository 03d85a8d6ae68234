import { appendElements, type EditContinuedBody, reducedLimits } from '../continuation/continued-turns.ts';
import { isRecord } from '../json/record.ts';
import { viewObject } from '../json/splice-members.ts';

/** A `generateContent` request with the answer so far as a turn of the model. */
export const continueBody: EditContinuedBody = (body, { text, instruction, outputTokens }) => {
  const contents: object[] = [{ role: 'model', parts: [{ text }] }];
  if (instruction !== undefined) contents.push({ role: 'user', parts: [{ text: instruction }] });
  const edits = new Map([['contents', appendElements(body.raw('contents'), contents)]]);
  for (const member of ['generationConfig', 'generation_config']) {
    const raw = body.raw(member);
    if (raw === undefined || !isRecord(body.value(member))) continue;
    const config = viewObject(raw);
    const limits = reducedLimits(config, ['maxOutputTokens', 'max_output_tokens'], outputTokens);
    edits.set(member, Buffer.from(config.splice(new Map(limits))).toString());
  }
  return edits;
};
