import { describe, expect, test } from 'vitest';
import { PII_ENTITIES } from '#config';
import { createScanner, type ScanFinding, type Scanner } from '../rules/scanner.ts';
import { createScanWindow } from './scan-window.ts';

/** Cuts that look random and are the same in every run. */
function* numbers(seed: number): Generator<number> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const SECRET = ['gh', 'p_', 'abcdefghijklmnopqrstuvwxyz0123456789'].join('');
const BLOCK = ['-----BEGIN RSA ', 'PRIVATE KEY-----\n', 'MIIEowIBAAKCAQEA7'.repeat(8), '\n-----END RSA ', 'PRIVATE KEY-----'].join('');
const PARTS = [
  ...[
    'jane.roe@example.com',
    'a@b.example',
    '4111 1111 1111 1111',
    '4111111111111111',
    'DE89 3704 0044 0532 0130 00',
    'GB82WEST12345698765432',
  ],
  ...[
    '+1 (415) 555-2671',
    '415-555-2671',
    '078-05-1120',
    'AB 12 34 56 C',
    '203.0.113.7',
    '2001:db8::8a2e:370:7334',
    '12345678Z',
    'X1234567L',
  ],
  ...[
    'Steuer-ID: 86095742719',
    'blue falcon',
    'b\u200blue  FALCON',
    'blue sky',
    'the code is 4711-x',
    SECRET,
    BLOCK,
    '123 456 789',
    '@@',
    '....',
    '+',
    '(',
    ' - ',
  ],
  ...[
    'Lorem ipsum dolor sit amet',
    'x'.repeat(700),
    '1 '.repeat(60),
    'ö@ö',
    '机密文件',
    '<',
    'password =',
    '\n\n',
    ', ',
    '. ',
    ' ',
    ' ',
    ' and ',
  ],
];

const entities = Object.fromEntries(PII_ENTITIES.map((entity) => [entity, 'mask'] as const));
const SCANNERS: readonly (readonly [string, Scanner | undefined])[] = [
  ['personal data', createScanner({ kind: 'pii', entities, phoneRegions: ['US'] })],
  ['secrets', createScanner({ kind: 'secrets', action: 'mask' })],
  [
    'words and patterns',
    createScanner({
      kind: 'words',
      lists: [{ category: 'w', phrases: ['blue falcon', 'lorem ipsum dolor', '机密'], action: 'mask' }],
      allowed: ['blue sky'],
      patterns: [{ category: 'p', pattern: 'code is \\d{4}-[a-z]', action: 'mask' }],
    }),
  ],
];

interface Scanned {
  readonly text: string;
  readonly found: readonly string[];
}

function scan(scanner: Scanner, pieces: readonly string[]): Scanned {
  const found: string[] = [];
  const replace = ({ category }: ScanFinding, original: string): string => {
    found.push(`${category} ${original}`);
    return `<${category}>`;
  };
  const window = createScanWindow(scanner, replace);
  const text = pieces.map((piece) => window.push(piece)).join('') + window.end();
  return { text, found };
}

function cut(text: string, random: Generator<number>, longest: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const next = at + 1 + Math.floor((random.next().value ?? 0) * longest);
    pieces.push(text.slice(at, next));
    at = next;
  }
  return pieces;
}

describe.each(SCANNERS)('%s', (_name, scanner) => {
  test('are found alike however a stream is cut', () => {
    if (scanner === undefined) throw new Error('no scanner');
    const random = numbers(7);
    const next = (): number => random.next().value ?? 0;
    for (let round = 0; round < 60; round += 1) {
      const parts = Array.from({ length: 1 + Math.floor(next() * 14) }, () => PARTS[Math.floor(next() * PARTS.length)] ?? '');
      const text = parts.join(next() < 0.5 ? ' ' : '');
      const whole = scan(scanner, [text]);
      for (const longest of [1, 3, 17, 400]) expect(scan(scanner, cut(text, random, longest)), JSON.stringify(text)).toEqual(whole);
    }
  });

  test('leave text that can’t become a finding alone, and hold back little of it', () => {
    if (scanner === undefined) throw new Error('no scanner');
    const window = createScanWindow(scanner, () => '');
    const sentence = 'The quick brown fox jumps over the lazy dog, and then it sleeps for a while. ';
    expect(window.push(sentence.repeat(20)).length).toBeGreaterThan(sentence.length * 20 - 300);
  });
});
