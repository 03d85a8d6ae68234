import { createRequire } from 'node:module';
import type * as Preset from '@secretlint/secretlint-rule-preset-recommend';
import { isSpace } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';

const load = createRequire(import.meta.url);

/** A key with its name and the sign between them are three words. */
const WORDS_HELD = 3;
const MAX_KEY_BLOCK = 8_192;
const MAX_WORDS = 512;
const LOOK_BACK = 256;

/**
 * Credentials, by secretlint's recommended rules. These are called without secretlint's engine, which adds parsing and promises: all of them take
 * 13 ms for a megabyte.
 */
export const secretDetector: Detector = {
  find(text, from) {
    const context = Math.max(0, from - LOOK_BACK);
    const content = context === 0 ? text : text.slice(context);
    const found: Finding[] = [];
    for (const run of allRules()) {
      run(content, (start, end, category) => {
        if (start + context >= from) found.push({ start: start + context, end: end + context, category });
      });
    }
    return found;
  },
  holdFrom(text, from) {
    const block = text.lastIndexOf('-----BEGIN');
    if (block >= from && text.length - block < MAX_KEY_BLOCK && !isWhole(text, block)) return block;
    const least = Math.max(from, text.length - MAX_WORDS);
    let at = text.length;
    for (let words = 0; words < WORDS_HELD && at > least; words += 1) {
      while (at > least && isSpace(text.charCodeAt(at - 1))) at -= 1;
      while (at > least && !isSpace(text.charCodeAt(at - 1))) at -= 1;
    }
    return at;
  },
};

/** A block that has its last line. */
function isWhole(text: string, block: number): boolean {
  const end = text.indexOf('-----END', block);
  return end !== -1 && text.includes('-----', end + 8);
}

/** Twelve digits are no secret. */
const ACCOUNT_ID = 'AWSAccountID';

type Report = (start: number, end: number, category: string) => void;
type Run = (content: string, report: Report) => void;

let rules: readonly Run[] | undefined;

/** Loaded at the first text: most gateways look for none. What they call it is without the company's form: `GITHUB_TOKEN`. */
function allRules(): readonly Run[] {
  return (rules ??= readRules(load('@secretlint/secretlint-rule-preset-recommend') as typeof Preset));
}

const readRules = (preset: typeof Preset): readonly Run[] =>
  preset.rules.flatMap((rule) => {
    if (rule.meta.type !== 'scanner') return [];
    return [
      (content: string, report: Report) => {
        const handler = rule.create(
          {
            sharedOptions: {},
            createTranslator: () => (messageId) => ({ message: '', messageId: String(messageId), data: undefined }),
            report: ({ message, range }) => {
              if (message.messageId !== ACCOUNT_ID) report(range[0], range[1], message.messageId);
            },
            ignore: () => undefined,
          },
          // ids of AWS keys; the other rules know no such option
          { enableIDScanRule: true },
        );
        void handler.file?.({ filePath: 'text', ext: '', content, contentType: 'text' } as Parameters<NonNullable<typeof handler.file>>[0]);
      },
    ];
  });
