import { RE2JS } from 're2js';
import type { Detector, Finding } from './detector.ts';

/** What a match of an operator's expression may be long at most where it is looked for in a stream. */
const MAX_MATCH = 256;

export interface NamedPattern {
  readonly category: string;
  /** RE2's syntax: no back references, no look-around; its time is linear in the text whatever the expression. */
  readonly pattern: string;
}

/** Throws `Error` with RE2's own words for an expression that is none. */
export function createPatternDetector({ category, pattern }: NamedPattern): Detector {
  const compiled = RE2JS.compile(pattern, RE2JS.MULTILINE);
  return {
    find(text, from) {
      const found: Finding[] = [];
      // asks the automaton first, which is faster than a search for places
      if (!compiled.test(text)) return found;
      const matcher = compiled.matcher(text);
      for (let at: number = from; at <= text.length && matcher.find(at);) {
        const [start, end] = [matcher.start(), matcher.end()];
        // an empty match hides nothing
        if (end > start) found.push({ start, end, category });
        at = end > start ? end : end + 1;
      }
      return found;
    },
    holdFrom: (text, from) => Math.max(from, text.length - MAX_MATCH),
  };
}
