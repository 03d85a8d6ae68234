import type { LabelledText } from './labelled-text.ts';

export interface Finding {
  readonly category: string;
  readonly text: string;
}

export interface Score {
  readonly category: string;
  readonly right: number;
  readonly missed: readonly string[];
  readonly wrong: readonly string[];
}

/** By category: what was found and is there, what is there and was not found, what was found and is not there. Places must be the same. */
export function evaluate(texts: readonly LabelledText[], find: (text: string) => readonly Finding[]): readonly Score[] {
  const scores = new Map<string, { right: number; missed: string[]; wrong: string[] }>();
  const of = (category: string) => {
    const score = scores.get(category) ?? { right: 0, missed: [], wrong: [] };
    scores.set(category, score);
    return score;
  };
  for (const { text, has } of texts) {
    const found = [...find(text)];
    for (const expected of has) {
      const at = found.findIndex((one) => one.category === expected.category && one.text === expected.text);
      if (at === -1) of(expected.category).missed.push(text);
      else {
        of(expected.category).right += 1;
        found.splice(at, 1);
      }
    }
    for (const { category } of found) of(category).wrong.push(text);
  }
  return [...scores].map(([category, score]) => ({ category, ...score }));
}

export function precision({ right, wrong }: Score): number {
  return right / Math.max(1, right + wrong.length);
}

export function recall({ right, missed }: Score): number {
  return right / Math.max(1, right + missed.length);
}
