import { lookAlikes, type LabelledText } from './labelled-text.ts';

/** What the set's list denies. */
export const DENIED = { category: 'denied_words', phrases: ['blue falcon', 'zwiebelturm', 'projektx*', 'crème brûlée', '机密'] };
export const ALLOWED = ['blue falcon museum'];

const found = (text: string, part: string): LabelledText => ({ text, has: [{ category: 'denied_words', text: part }] });

export const WORDS: readonly LabelledText[] = [
  found('They spoke of the Blue Falcon again.', 'Blue Falcon'),
  found('BLUE   FALCON!', 'BLUE   FALCON'),
  found('blue-falcon is its name', 'blue-falcon'),
  found('Blüe Fálcon', 'Blüe Fálcon'),
  found('b\u200blue fal\u00adcon', 'b\u200blue fal\u00adcon'),
  found('Ьluе fаlсоn in Cyrillic', 'Ьluе fаlсоn'),
  found('ｂｌｕｅ ｆａｌｃｏｎ wide', 'ｂｌｕｅ ｆａｌｃｏｎ'),
  found('Der Zwiebelturm steht noch.', 'Zwiebelturm'),
  found('projektxenon has begun', 'projektxenon'),
  found('PROJEKTX', 'PROJEKTX'),
  found('a creme brulee, please', 'creme brulee'),
  found('这是机密文件', '机密'),
  found('𝐛𝐥𝐮𝐞 𝐟𝐚𝐥𝐜𝐨𝐧 in bold', '𝐛𝐥𝐮𝐞 𝐟𝐚𝐥𝐜𝐨𝐧'),
  ...lookAlikes(
    'The blue sky and a falcon.',
    'bluefalcon is one word',
    'Blue falcons are many.',
    'The Blue Falcon Museum is open.',
    'Zwiebeltürme',
    'projekt x',
    'crème fraîche',
    'falcon blue',
    '机会',
    'A true falcon.',
    'Blue, said the falcon.',
  ),
];
