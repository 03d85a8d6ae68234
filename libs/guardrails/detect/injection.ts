import { normalise } from './normalise.ts';
import { eachToken } from './tokens.ts';

/** A sequence of word groups, each within a few words of the one before. */
interface Sign {
  readonly weight: number;
  readonly groups: readonly ReadonlySet<string>[];
}

const within = 6;
const group = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const DISMISS = group('ignore disregard forget override bypass skip neglect discard ignora ignorez ignoriere vergiss olvida oublie');
const EARLIER = group(
  'previous prior above earlier preceding existing initial original system your all anteriores precedentes vorherigen bisherigen',
);
const ORDERS = group(
  'instructions instruction rules rule prompt prompts guidelines directives commands programming training restrictions constraints context instrucciones anweisungen regeln consignes',
);
const REVEAL = group('reveal show print repeat output display disclose leak tell give expose dump write');
const HIDDEN = group('system hidden initial secret internal developer');
const PROMPT = group('prompt instructions message rules configuration prompts');
const PRETEND = group('pretend act roleplay imagine simulate behave respond answer');
const UNBOUND = group('unrestricted unfiltered uncensored jailbroken jailbreak dan unlimited amoral evil');
const NOW = group('you youre');
const NO = group('no without zero any');
const LIMITS = group('restrictions limitations filters rules guidelines censorship safety ethics morals restriction filter');
const DAN = group('dan stan dude aim jailbreak');
const MODE = group('mode prompt');
const DEVELOPER = group('developer debug god admin root maintenance sudo jailbreak');
const ENABLE = group('enable enabled activate activated enter switch entering unlock');

const SIGNS: readonly Sign[] = [
  { weight: 0.6, groups: [DISMISS, EARLIER, ORDERS] },
  { weight: 0.35, groups: [DISMISS, ORDERS] },
  { weight: 0.3, groups: [DISMISS, group('everything anything all'), group('above before said told previously')] },
  { weight: 0.5, groups: [REVEAL, HIDDEN, PROMPT] },
  { weight: 0.3, groups: [NOW, NO, LIMITS] },
  { weight: 0.4, groups: [PRETEND, NO, LIMITS] },
  { weight: 0.5, groups: [PRETEND, UNBOUND] },
  { weight: 0.4, groups: [NOW, group('are re'), group('now longer'), UNBOUND] },
  { weight: 0.5, groups: [group('do'), group('anything'), group('now')] },
  { weight: 0.4, groups: [DAN, MODE] },
  { weight: 0.5, groups: [ENABLE, DEVELOPER, MODE] },
  { weight: 0.3, groups: [group('from'), group('now'), group('on'), group('you')] },
  { weight: 0.4, groups: [group('new'), group('instructions task rules'), group('ignore override replace supersede follow')] },
  { weight: 0.4, groups: [group('do not dont never'), group('tell inform mention reveal alert'), group('user human operator')] },
  {
    weight: 0.5,
    groups: [
      group('send forward exfiltrate upload post email'),
      group('conversation history credentials passwords keys secrets token'),
      group('to'),
    ],
  },
  {
    weight: 0.4,
    groups: [group('what repeat'), group('words text everything'), group('above before'), group('starting begin verbatim exactly')],
  },
];

/** What marks turns in the formats of models has no place in a text of a user or a tool. */
const MARKERS = [
  '<|im_start|>',
  '<|im_end|>',
  '<|system|>',
  '[inst]',
  '<<sys>>',
  '### instruction',
  '### system',
  '</system>',
  'begin_of_text',
  '<|endoftext|>',
  '[system]',
];
const MARKER_WEIGHT = 0.5;

/** How much a text looks as if it wanted to take over the model: 0 to 1. One pass over its words. */
export function injectionScore(text: string): number {
  const normal = normalise(text);
  let missing = 1;
  for (const marker of MARKERS) if (normal.text.includes(marker)) missing *= 1 - MARKER_WEIGHT;
  const seen = findSigns(normal.text);
  for (const sign of seen) missing *= 1 - sign.weight;
  return Math.round((1 - missing) * 100) / 100;
}

/** Word → where it stands in signs. */
const PLACES: ReadonlyMap<string, readonly { readonly sign: number; readonly group: number }[]> = placesOf();

function placesOf() {
  const places = new Map<string, { sign: number; group: number }[]>();
  for (const [sign, { groups }] of SIGNS.entries()) {
    for (const [group, words] of groups.entries()) {
      for (const word of words) places.set(word, [...(places.get(word) ?? []), { sign, group }]);
    }
  }
  return places;
}

/** For each sign, how far it has come and where its last group was. */
function findSigns(text: string): ReadonlySet<Sign> {
  const seen = new Set<Sign>();
  const next = new Uint8Array(SIGNS.length);
  const at = new Float64Array(SIGNS.length);
  let index = 0;
  eachToken(text, 0, (start, end) => {
    index += 1;
    const places = end - start > LONGEST_WORD ? undefined : PLACES.get(text.slice(start, end));
    if (places === undefined || seen.size === SIGNS.length) return;
    let moved = -1;
    for (const { sign, group } of places) {
      if (sign === moved) continue;
      if ((next[sign] ?? 0) > 0 && index - (at[sign] ?? 0) > within) next[sign] = 0;
      const expected = next[sign] ?? 0;
      if (group === expected) {
        next[sign] = expected + 1;
        at[sign] = index;
        moved = sign;
        const found = SIGNS[sign];
        if (found !== undefined && expected + 1 === found.groups.length) seen.add(found);
      } else if (group === 0 && expected === 1) at[sign] = index;
    }
  });
  return seen;
}

const LONGEST_WORD = 16;
