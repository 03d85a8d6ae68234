import { categoryName, count, recordOf, recordsAt, textAt } from './read-answer.ts';
import type { ServiceCodec } from './service-codec.ts';

/** Lakera Guard v2 (https://docs.lakera.ai/docs/api/guard): `flagged` is blocked; the detectors that fired are in `breakdown`. */
export const lakera: ServiceCodec = {
  encode({ texts, of }, { url, options, headers }, key) {
    const role = of === 'request' ? 'user' : 'assistant';
    return {
      url,
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
      body: JSON.stringify({ messages: texts.map((content) => ({ role, content })), project_id: options['project_id'], breakdown: true }),
    };
  },
  decode(answer) {
    const { flagged, ...rest } = recordOf(answer);
    if (typeof flagged !== 'boolean') throw new Error('the guardrail did not say whether it flagged');
    const fired = recordsAt(rest, 'breakdown').filter((detector) => detector['detected'] === true);
    const names = fired.map((detector) => categoryName(textAt(detector, 'detector_type')));
    return { blocked: flagged ? (names[0] ?? 'flagged') : undefined, hits: count(names) };
  },
};
