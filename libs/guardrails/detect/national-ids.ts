import { isEan13, isLuhn, isMod11And10, isVerhoeff, mod97, weightedSum } from './check-digits.ts';

export interface NationalId {
  /** Presidio's name, where it has one. */
  readonly category: string;
  /** How long the run of letters or digits may be that it begins with. */
  readonly first: { readonly letters?: readonly number[]; readonly digits?: readonly number[] };
  /** What stands behind the first run where that is not all of it: `A` for any letter. Asked for before the pattern is. */
  readonly after?: string | undefined;
  /** How many digits stand behind that sign, and behind the next, at least. */
  readonly next?: readonly number[] | undefined;
  /** What it begins with. */
  readonly begins?: string | undefined;
  /** Without choices that overlap, so that a search is linear. */
  readonly pattern: RegExp;
  /** Given its digits and letters alone, in upper case; with `inPlace` the text, and from where to where it stands there. */
  readonly isOne: (signs: string, from?: number, to?: number) => boolean;
  /** For those that much looks like. */
  readonly inPlace?: true | undefined;
  /** What must stand shortly before it. */
  readonly said?: RegExp | undefined;
}

const NIR = /\b[12] ?\d\d ?[0-1]\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d\b/;
const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';
const HETU_SIGNS = '0123456789ABCDEFHJKLMNPRSTUVWXY';

/** Shapes and check digits as the issuing office of each publishes them. */
export const NATIONAL_IDS: readonly NationalId[] = [
  { category: 'US_SSN', first: { digits: [3] }, after: '-', next: [2, 4], pattern: /\b\d{3}-\d{2}-\d{4}\b(?!-)/, isOne: isSsn },
  {
    category: 'US_SSN',
    first: { digits: [3, 5, 9] },
    pattern: /\b\d{3} ?\d{2} ?\d{4}\b(?!-)/,
    isOne: isSsn,
    said: /\b(?:ssn|social security(?: number| no\.?)?)\b[^\n\d]{0,12}$/i,
  },
  {
    category: 'UK_NINO',
    first: { letters: [2] },
    after: ' 0123456789',
    pattern: /\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]\b/,
    isOne: (signs) => !/^(?:BG|GB|KN|NK|NT|TN|ZZ)/.test(signs),
  },
  {
    category: 'UK_NHS',
    first: { digits: [3] },
    pattern: /\b\d{3}[ -]\d{3}[ -]\d{4}\b(?!-)/,
    isOne: isNhs,
    said: /\bnhs\b[^\n\d]{0,20}$/i,
  },
  {
    category: 'DE_STEUER_ID',
    first: { digits: [2, 5, 8, 11] },
    pattern: /\b[1-9]\d ?\d{3} ?\d{3} ?\d{3}\b/,
    isOne: isMod11And10,
    said: /\b(?:steuer|tax|idnr|identifikationsnummer|st\.?-?id)[^\n\d]{0,24}$/i,
  },
  {
    category: 'FR_NIR',
    first: { digits: [3, 5, 6, 7, 10, 13, 15] },
    after: ' A',
    begins: '12',
    pattern: NIR,
    isOne: isNir,
  },
  { category: 'FR_NIR', first: { digits: [1] }, after: ' ', next: [2], begins: '12', pattern: NIR, isOne: isNir },
  {
    category: 'ES_NIF',
    first: { digits: [8] },
    after: '-A',
    pattern: /\b\d{8}-?[A-HJ-NP-TV-Za-hj-np-tv-z]\b/,
    isOne: (signs) => DNI_LETTERS[Number(signs.slice(0, 8)) % 23] === signs[8],
  },
  {
    category: 'ES_NIE',
    first: { letters: [1] },
    after: '-0123456789',
    begins: 'A',
    pattern: /\b[XYZxyz]-?\d{7}-?[A-HJ-NP-TV-Za-hj-np-tv-z]\b/,
    isOne: (signs) => DNI_LETTERS[Number(`${'XYZ'.indexOf(signs[0] ?? '')}${signs.slice(1, 8)}`) % 23] === signs[8],
  },
  {
    category: 'IT_FISCAL_CODE',
    first: { letters: [6] },
    after: '0123456789',
    pattern: /\b[A-Za-z]{6}\d\d[A-EHLMPR-Ta-ehlmpr-t]\d\d[A-Za-z]\d{3}[A-Za-z]\b/,
    isOne: isFiscalCode,
  },
  { category: 'BR_CPF', first: { digits: [3] }, after: '.', next: [3, 3, 2], pattern: /\b\d{3}\.\d{3}\.\d{3}-\d\d\b/, isOne: isCpf },
  { category: 'BR_CPF', first: { digits: [11] }, pattern: /\b\d{11}\b/, isOne: isCpf, said: /\bcpf\b[^\n\d]{0,12}$/i },
  {
    category: 'NL_BSN',
    first: { digits: [9] },
    pattern: /\b\d{9}\b/,
    isOne: (signs) => weightedSum(signs, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
    said: /\b(?:bsn|burgerservicenummer|sofinummer)\b[^\n\d]{0,12}$/i,
  },
  { category: 'PL_PESEL', first: { digits: [11] }, pattern: /\b\d{11}\b/, isOne: isPesel, said: /\bpesel\b[^\n\d]{0,12}$/i },
  {
    category: 'SE_PERSONNUMMER',
    first: { digits: [6, 8] },
    after: '-+',
    pattern: /\b(?:19|20)?\d\d[01]\d[0-3]\d[-+]\d{4}\b/,
    isOne: (signs) => isDay(signs.replace('+', '').slice(-8, -4)) && isLuhn(signs.replace('+', '').slice(-10)),
  },
  {
    category: 'FI_PERSONAL_IDENTITY_CODE',
    first: { digits: [6] },
    after: '-+A',
    begins: '0123',
    pattern: /\b[0-3]\d[01]\d\d\d[-+A]\d{3}[0-9A-FHJ-NPR-Y]\b/,
    isOne: isHetu,
  },
  {
    category: 'IN_AADHAAR',
    first: { digits: [4] },
    after: ' ',
    next: [4, 4],
    begins: '23456789',
    pattern: /\b[2-9]\d{3} \d{4} \d{4}\b(?! \d{4})/,
    isOne: isVerhoeff,
    inPlace: true,
  },
  {
    category: 'IN_AADHAAR',
    first: { digits: [12] },
    pattern: /\b[2-9]\d{11}\b/,
    isOne: isVerhoeff,
    said: /\b(?:aadhaar|aadhar|uidai)\b[^\n\d]{0,16}$/i,
  },
  {
    category: 'CN_RESIDENT_ID',
    first: { digits: [17, 18] },
    pattern: /\b[1-9]\d{5}(?:18|19|20)\d\d[01]\d[0-3]\d\d{3}[\dXx]\b/,
    isOne: isResidentId,
  },
  {
    category: 'CA_SIN',
    first: { digits: [3, 6, 9] },
    pattern: /\b\d{3}[ -]?\d{3}[ -]?\d{3}\b(?!-)/,
    isOne: isLuhn,
    said: /\b(?:sin|social insurance(?: number)?|nas)\b[^\n\d]{0,12}$/i,
  },
  {
    category: 'CH_AHV',
    first: { digits: [3] },
    after: '.',
    next: [4, 4, 2],
    begins: '7',
    pattern: /\b756\.\d{4}\.\d{4}\.\d\d\b/,
    isOne: isEan13,
  },
  {
    category: 'AU_TFN',
    first: { digits: [3, 6, 9] },
    pattern: /\b\d{3} ?\d{3} ?\d{3}\b/,
    isOne: (signs) => weightedSum(signs, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0,
    said: /\b(?:tfn|tax file(?: number| no\.?)?)\b[^\n\d]{0,12}$/i,
  },
];

export const NATIONAL_ID_KINDS: readonly string[] = [...new Set(NATIONAL_IDS.map(({ category }) => category))];

/** No area 000, 666 or 900 and above, no group 00, no serial 0000 (SSA, 2011). */
function isSsn(signs: string): boolean {
  return !/^(?:000|666|9)|^\d{3}00|0000$/.test(signs);
}

function isNhs(signs: string): boolean {
  const check = 11 - (weightedSum(signs, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return (check === 11 ? 0 : check) === Number(signs[9]);
}

/** Corsica's departments count as 19 and 18 (Insee). */
function isNir(signs: string): boolean {
  const number = signs.replace('2A', '19').replace('2B', '18');
  const month = Number(number.slice(3, 5));
  return number.length === 15 && month >= 1 && month <= 12 && 97 - mod97(number.slice(0, 13)) === Number(number.slice(13));
}

const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

function isFiscalCode(signs: string): boolean {
  let sum = 0;
  for (let index = 0; index < 15; index += 1) {
    const code = signs.charCodeAt(index);
    const value = code < 58 ? code - 48 : code - 65;
    sum += index % 2 === 0 ? (ODD[value] ?? 0) : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === signs[15];
}

function isCpf(signs: string): boolean {
  if (/^(\d)\1+$/.test(signs)) return false;
  const check = (length: number): number => {
    const weights = Array.from({ length }, (_, index) => length + 1 - index);
    return ((weightedSum(signs, weights) * 10) % 11) % 10;
  };
  return check(9) === Number(signs[9]) && check(10) === Number(signs[10]);
}

function isPesel(signs: string): boolean {
  return (10 - (weightedSum(signs, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(signs[10]);
}

function isHetu(signs: string): boolean {
  // the century sign may have been dropped with the dash
  const digits = signs.slice(0, 6) + signs.slice(-4, -1);
  return isDay(signs.slice(2, 4) + signs.slice(0, 2)) && HETU_SIGNS[Number(digits) % 31] === signs.at(-1);
}

/** GB 11643-1999. */
function isResidentId(signs: string): boolean {
  const sum = weightedSum(signs, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
  return isDay(signs.slice(10, 14)) && '10X98765432'[sum % 11] === signs[17];
}

/** Month and day. */
function isDay(text: string): boolean {
  const [month, day] = [Number(text.slice(0, 2)), Number(text.slice(2, 4))];
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}
