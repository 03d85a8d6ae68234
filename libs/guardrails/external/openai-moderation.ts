import { categoryName, count, isRecord, recordOf, recordsAt } from './read-answer.ts';
import type { ServiceCodec } from './service-codec.ts';

/** OpenAI's moderations (https://platform.openai.com/docs/api-reference/moderations): flagged is blocked. */
export const moderation: ServiceCodec = {
  encode({ texts }, { url, options, headers }, key) {
    return {
      url,
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
      body: JSON.stringify({ model: options['model'] ?? 'omni-moderation-latest', input: texts }),
    };
  },
  decode(answer) {
    const results = recordsAt(recordOf(answer), 'results');
    if (results.length === 0) throw new Error('the moderation has no results');
    const flagged = results.filter((result) => result['flagged'] === true);
    const names = flagged.flatMap(({ categories }) =>
      isRecord(categories) ? Object.keys(categories).filter((name) => categories[name] === true) : [],
    );
    const [first] = names;
    return { blocked: flagged.length === 0 ? undefined : categoryName(first), hits: count(names.map(categoryName)) };
  },
};
