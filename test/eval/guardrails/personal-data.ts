import { lookAlikes, type LabelledText, positives } from './labelled-text.ts';
import { complete, DIGITS, digitsFrom, grouped, LETTERS, luhn, range, remainder, TWO_DIGITS, weighted } from './make-numbers.ts';

const card = (prefix: string, length: number, seed: number): string =>
  complete(prefix + digitsFrom(seed, length - prefix.length - 1), DIGITS, luhn);

const ibanDigits = (text: string): string =>
  text
    .split('')
    .map((sign) => (/\d/.test(sign) ? sign : String(LETTERS.indexOf(sign) + 10)))
    .join('');
const iban = (country: string, account: string): string => {
  const check = TWO_DIGITS.find((digits) => remainder(ibanDigits(account + country + digits), 97) === 1) ?? '';
  return country + check + account;
};

const EMAILS: readonly LabelledText[] = [
  ...positives(
    'EMAIL_ADDRESS',
    ['Please write to {} about the invoice.', 'cc: {}; thanks', '<{}>'],
    [
      'jane.roe@example.com',
      'j.roe+tickets@mail.example.co.uk',
      'ROE_1987@EXAMPLE.ORG',
      "o'brien@example.ie",
      'info@münchen.example',
      'a@b.example',
      'first-last@sub-domain.example.museum',
      'x%y@example.net',
      'jörg@example.de',
      '1234567@example.com',
    ],
  ),
  ...lookAlikes(
    'Follow @jane_roe for updates.',
    'Use the decorator @Injectable() on the class.',
    'The rate was 3 @ 4.50 each.',
    'user@localhost is only valid here',
    'git@ is missing a host',
    'npm i @scope/package@1.2.3 now',
    'See foo@bar for the old address format',
    'Meet me @ noon.',
    'a@.com',
    'mail@-x',
    'docker pull registry/image@sha256 digest',
    'The @ sign is called at.',
    'jane@@example',
    'The handle was @team-red.',
    'price@volume',
    'x@y',
    'foo@bar..com',
    'Ping @here and @channel',
    'jane.@example.com is no address',
  ),
];

const CARDS: readonly LabelledText[] = [
  ...positives(
    'CREDIT_CARD',
    ['My card is {}, valid until 04/29.', 'pay with {}'],
    [
      ...range(4, (seed) => card('4', 16, seed + 1)),
      ...range(3, (seed) => grouped(card('53', 16, seed + 11), [4, 4, 4, 4], ' ')),
      ...range(3, (seed) => grouped(card('4', 16, seed + 21), [4, 4, 4, 4], '-')),
      ...range(3, (seed) => grouped(card('37', 15, seed + 31), [4, 6, 5], ' ')),
      card('6011', 16, 41),
      card('36', 14, 42),
      card('2221', 16, 43),
      grouped(card('3528', 16, 44), [4, 4, 4, 4], ' '),
    ],
  ),
  ...lookAlikes(
    ...range(6, (seed) => `The order number is ${breakLast(card('4', 16, seed + 51))}.`),
    ...range(3, (seed) => `Tracking ${card('9', 16, seed + 61)} has arrived.`),
    'The constant is 3.141592653589793238.',
    'Timestamps: 1700000000000 and 1700000000123',
    'id 0000 0000 0000 0000',
    'Call 1234 5678 9012 3456 for the quiz',
    'The build took 4012888888881882 ns',
    'uuid 41111111-1111-4111-8111-111111111111',
  ),
];

function breakLast(number: string): string {
  return number.slice(0, -1) + String((Number(number.at(-1)) + 1) % 10);
}

const IBANS: readonly LabelledText[] = [
  ...positives(
    'IBAN_CODE',
    ['Transfer it to {} please.', 'IBAN: {}'],
    [
      ...range(3, (seed) => iban('DE', digitsFrom(seed + 71, 18))),
      ...range(3, (seed) => grouped(iban('FR', digitsFrom(seed + 81, 23)), [4, 4, 4, 4, 4, 4, 3], ' ')),
      grouped(iban('GB', `WEST${digitsFrom(91, 14)}`), [4, 4, 4, 4, 4, 2], ' '),
      iban('NL', `ABNA${digitsFrom(92, 10)}`),
      iban('NO', digitsFrom(93, 11)),
      iban('CH', digitsFrom(94, 17)),
      iban('ES', digitsFrom(95, 20)),
      iban('PL', digitsFrom(96, 24)),
      iban('BE', digitsFrom(97, 12)).toLowerCase(),
    ],
  ),
  ...lookAlikes(
    ...range(4, (seed) => `Reference ${breakLast(iban('DE', digitsFrom(seed + 101, 18)))} was refused.`),
    'Part AB12 3456 7890 is out of stock.',
    'The model is RX78 2000.',
    'Flight LH44 and then BA12 to go.',
    'ZZ12345678901234567890',
    'Section DE12 of the plan',
    'commit ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12',
    'GB29 is a postcode area, is it not?',
  ),
];

const IPS: readonly LabelledText[] = [
  ...positives(
    'IP_ADDRESS',
    ['The client {} was refused.', 'from {}'],
    [
      '203.0.113.7',
      '198.51.100.254',
      '192.0.2.1',
      '10.1.2.3',
      '172.16.254.1',
      '2001:db8::8a2e:370:7334',
      '2001:db8:85a3::1',
      'fe80::1ff:fe23:4567:890a',
      '2001:0db8:0000:0000:0000:ff00:0042:8329',
      '100.64.3.9',
      '2001:db8:1::ab9:c0a8:102',
    ],
  ),
  ...lookAlikes(
    'Upgrade to version 4.18.2 today.',
    'See section 1.2.3.4.5 of the manual.',
    'The time was 10:45:30.',
    'std::vector and a::b',
    '999.1.2.3 is none',
    '256.300.1.1 either',
    'Listen on 0.0.0.0 or 127.0.0.1.',
    'The ratio is 16:9.',
    'dead:beef is a joke',
    'Mac 00:1a:2b:3c:4d:5e of the card',
    'v2.10.0.1-rc1 and build-1.2.3.4a',
  ),
];

const PHONES: readonly LabelledText[] = [
  ...positives(
    'PHONE_NUMBER',
    ['Call me at {} tomorrow.', 'Phone: {}', 'I can be reached under {} in the evening.'],
    [
      '+1 415 555 2671',
      '(415) 555-2671',
      '415-555-2671',
      '+44 20 7946 0958',
      '+49 30 901820',
      '+33 1 42 68 53 00',
      '+14155552671',
      '+91 98765 43210',
      '+81 3-3224-5000',
      '+41 44 668 18 00',
      '1-800-275-2273',
      '+55 11 91234-5678',
      '212.736.5000',
      '+34 912 34 56 78',
      '+7 495 123-45-67',
    ],
  ),
  ...lookAlikes(
    'It happened on 2024-01-15 at noon.',
    'The total is 1 234 567 euros.',
    'Invoice 2024-000-1234 is due.',
    'ISBN 978-3-16-148410-0',
    'Pick 12 34 56 78 in the lottery.',
    'Room 555-1212B',
    'ratio 415/555/2671',
    'coordinates 52.520 13.405',
    'Order 4155552671 was shipped.',
    'The score was 21-19 21-15.',
    'Article 123-456-789',
    'From 1914-1918 and 1939-1945.',
    'port 8080 or 443',
    'The sum of 100 200 300 is 600.',
    'chapter 3.14.15',
    'serial 0000-0000-0000',
    'Lot 77-4521-9',
    'Take 2 x 500 mg at 8 and 20.',
    'Psalm 119:105 and 23:1',
    'pi is 3.14159 26535',
    'Route 66 - 2448 miles',
    'phone number unknown',
  ),
];

const DNI = 'TRWAGMYFPDXBNJZSQVHLCKE';
const nie = (prefix: string, number: string): string => `${prefix}${number}${DNI[Number(`${'XYZ'.indexOf(prefix)}${number}`) % 23] ?? ''}`;
const dni = (number: string): string => `${number}${DNI[Number(number) % 23] ?? ''}`;
const cpf = (stem: string): string => {
  const next = (digits: string): string => {
    const rest =
      weighted(
        digits,
        range(digits.length, (index) => digits.length + 1 - index),
      ) % 11;
    return digits + String(rest < 2 ? 0 : 11 - rest);
  };
  return next(next(stem));
};
const nir = (stem: string): string => stem + String(97 - remainder(stem, 97)).padStart(2, '0');
const dated = (seed: number): string => `${digitsFrom(seed, 2)}0${(seed % 9) + 1}1${seed % 9}`;
const CHECK_11 = '10X98765432';
const residentId = (seed: number): string => {
  const stem = `11010${(seed % 8) + 1}199${seed % 10}0${(seed % 9) + 1}1${seed % 9}${digitsFrom(seed, 3)}`;
  return stem + (CHECK_11[weighted(stem, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] ?? '');
};

const NATIONAL: readonly LabelledText[] = [
  ...positives(
    'US_SSN',
    ['His SSN is {}.', 'Social security number {} on file'],
    ['078-05-1121', '219-09-9998', '457-55-5462', '123 45 6789', '536904399'],
  ),
  ...positives(
    'UK_NINO',
    ['Her number is {} as printed.', 'NI: {}'],
    ['QQ123456C'.replace('QQ', 'AB'), 'JG 10 37 59 A', 'CE 12 34 56 D', 'PR765432B'],
  ),
  ...positives(
    'ES_NIF',
    ['El DNI es {}.'],
    range(4, (seed) => dni(digitsFrom(seed + 111, 8))),
  ),
  ...positives(
    'ES_NIE',
    ['Su NIE: {}'],
    range(3, (seed) => nie('XYZ'[seed] ?? 'X', digitsFrom(seed + 121, 7))),
  ),
  ...positives(
    'BR_CPF',
    ['CPF: {}', 'meu cpf é {}'],
    [...range(3, (seed) => cpf(digitsFrom(seed + 131, 9)).replace(/(...)(...)(...)(..)/, '$1.$2.$3-$4')), cpf(digitsFrom(141, 9))],
  ),
  ...positives(
    'FR_NIR',
    ['Numéro de sécurité sociale {}'],
    [
      nir(`1850${7}75${digitsFrom(151, 6)}`),
      grouped(nir(`2920${3}13${digitsFrom(152, 6)}`), [1, 2, 2, 2, 3, 3, 2], ' '),
      nir(`1991${2}69${digitsFrom(153, 6)}`),
    ],
  ),
  ...positives('DE_STEUER_ID', ['Meine Steuer-ID: {}', 'Steueridentifikationsnummer {}'], ['86095742719', '47036892816', '65 929 970 489']),
  ...positives('IT_FISCAL_CODE', ['Codice fiscale {}'], ['RSSMRA85T10A562S', 'MRTMTT91D08F205J', 'MLLSNT82P65Z404U']),
  ...positives('NL_BSN', ['BSN: {}'], ['111222333', '123456782']),
  ...positives('PL_PESEL', ['PESEL {}'], ['44051401359', '02070803628']),
  ...positives(
    'SE_PERSONNUMMER',
    ['Personnummer {} står där'],
    range(4, (seed) => complete(`${dated(seed + 161)}-${digitsFrom(seed + 161, 3)}`, DIGITS, (text) => luhn(text.replace('-', '')))),
  ),
  ...positives(
    'FI_PERSONAL_IDENTITY_CODE',
    ['Henkilötunnus {}'],
    ['131052-308T', '010190-123A'.replace('A', '0123456789ABCDEFHJKLMNPRSTUVWXY'[10190123 % 31] ?? '')],
  ),
  ...positives('IN_AADHAAR', ['Aadhaar number {}'], ['2363 1298 4570', '4991 1866 5246'].filter(verhoeffByInverse)),
  ...positives(
    'CN_RESIDENT_ID',
    ['身份证号 {} 。', 'ID {} on file'],
    range(4, (seed) => residentId(seed + 171)),
  ),
  ...positives('CA_SIN', ['SIN {} on the form', 'Social insurance number: {}'], ['046 454 286', '046454286']),
  ...positives('CH_AHV', ['AHV-Nr. {}'], ['756.9217.0769.85', '756.1234.5678.97']),
  ...positives('AU_TFN', ['TFN: {}'], ['123 456 782', '876543210']),
  ...positives('UK_NHS', ['NHS number {} is his'], ['943 476 5919', '401-023-2137']),
  ...lookAlikes(
    'Ticket 000-12-3456 is closed.',
    'Case 666-45-6789',
    'part 123-45-678',
    'The SKU is 900-12-3456.',
    'BG123456A is a flight',
    'AB123456E',
    'Serial 12345678A',
    'X1234567A is a part number',
    'CPF 111.111.111-11 is a placeholder',
    '123.456.789-00',
    'BSN 123456789',
    'PESEL 44051401358',
    'SIN 123 456 789',
    '756.9217.0769.84',
    'Order 2341 2341 2341 today',
    'Row 86095742718 in the table',
    'The number 65929970489 was drawn.',
    'RSSMRA85T10A562T is wrong',
    '1 85 07 75 123 456 00',
    'Zip+4 12345-6789',
    '131052-308U',
    'Version 850101-1234',
    '110101199003071234',
    'The code is 046454286.',
    'TFN 123 456 789',
    'AB 12 34 56',
    'Call sign PR765432',
    'population 219099998 in 1950',
    'NHS number 943 476 5918',
    'The year 1990 12 31',
  ),
];

/** Verhoeff's check by the group's inverse table, another way round than the detector's. */
function verhoeffByInverse(text: string): boolean {
  const multiply = (a: number, b: number): number => {
    const [turnA, turnB] = [a % 5, b % 5];
    if (a < 5) return b < 5 ? (turnA + turnB) % 5 : 5 + ((turnA + turnB) % 5);
    return b < 5 ? 5 + ((turnA - turnB + 5) % 5) : (turnA - turnB + 5) % 5;
  };
  const move = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const digits = text.replaceAll(/\D/g, '').split('').map(Number).reverse();
  return (
    digits.reduce(
      (check, digit, index) =>
        multiply(
          check,
          range(index % 8, () => 0).reduce((value) => move[value] ?? 0, digit),
        ),
      0,
    ) === 0
  );
}

export const PERSONAL_DATA: readonly LabelledText[] = [...EMAILS, ...CARDS, ...IBANS, ...IPS, ...PHONES, ...NATIONAL];
