import { categoryName, recordOf, replacedTexts, textAt } from './read-answer.ts';
import type { ServiceCodec } from './service-codec.ts';

/** LiteLLM's generic guardrail API: texts in, `NONE`, `BLOCKED` or `GUARDRAIL_INTERVENED` with other texts out. */
export const generic: ServiceCodec = {
  encode({ texts, of, jobId }, { url, options, headers }, key) {
    return {
      url,
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'x-api-key': key }), ...headers },
      body: JSON.stringify({
        texts,
        input_type: of,
        request_data: {},
        litellm_call_id: jobId,
        additional_provider_specific_params: options,
      }),
    };
  },
  decode(answer, { texts }) {
    const record = recordOf(answer);
    const action = textAt(record, 'action');
    if (action === 'NONE') return {};
    // its reason may quote the text: clients are told no more than that it was blocked
    if (action === 'BLOCKED') return { blocked: categoryName(textAt(record, 'category') ?? 'blocked'), hits: { blocked: 1 } };
    if (action !== 'GUARDRAIL_INTERVENED') throw new Error('the guardrail gave no action');
    const given = record['texts'];
    const replaced = Array.isArray(given) ? given.filter((text) => typeof text === 'string') : undefined;
    return { texts: replacedTexts(replaced, texts), hits: { intervened: 1 } };
  },
};
