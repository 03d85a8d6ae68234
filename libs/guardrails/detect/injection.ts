import { normalise } from './normalise.ts';
import { tokensOf } from './tokens.ts';

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
  const seen = findSigns(tokensOf(normal.text, 0).map(({ word }) => word));
  for (const sign of seen) missing *= 1 - sign.weight;
  return Math.round((1 - missing) * 100) / 100;
}

/** For each sign, how far it has come and where its last group was. */
function findSigns(words: readonly string[]): ReadonlySet<Sign> {
  const seen = new Set<Sign>();
  const open: { readonly sign: Sign; next: number; at: number }[] = SIGNS.map((sign) => ({ sign, next: 0, at: 0 }));
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!KNOWN.has(word)) continue;
    for (const state of open) {
      if (seen.has(state.sign)) continue;
      if (state.next > 0 && at - state.at > within) state.next = 0;
      const { groups } = state.sign;
      if (groups[state.next]?.has(word) === true) {
        state.next += 1;
        state.at = at;
        if (state.next === groups.length) seen.add(state.sign);
      } else if (state.next > 0 && groups[0]?.has(word) === true) {
        if (state.next === 1) state.at = at;
      }
    }
  }
  return seen;
}

const KNOWN: ReadonlySet<string> = new Set(SIGNS.flatMap(({ groups }) => groups.flatMap((words) => [...words])));
