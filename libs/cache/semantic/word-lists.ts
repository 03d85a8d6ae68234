/** What says nothing of the matter: how a question is put. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a an the this that these those is are was were be been being am do does did done doing has have had having will would shall should can could may might must
  i i'm i'd i've me my mine we us our you your yours he him his she her it its they them their
  what what's which who who's whom whose when where why how how's that's there here
  of in on at by for with about as and or so if then than but also just please kindly tell give show explain describe let know want wish need like
  possible able way ways steps step okay ok thing something anything get got make makes go there's it's to from
  mean means meaning`
    .trim()
    .split(/\s+/),
);

export const NEGATIONS: ReadonlySet<string> = new Set(
  'not no never none nothing nobody neither nor without cannot except unless avoid stop lacking minus exclude excluding'.split(' '),
);

export const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    zero: '0',
    one: '1',
    two: '2',
    three: '3',
    four: '4',
    five: '5',
    six: '6',
    seven: '7',
    eight: '8',
    nine: '9',
    ten: '10',
    eleven: '11',
    twelve: '12',
    twenty: '20',
    thirty: '30',
    fifty: '50',
    hundred: '100',
    thousand: '1000',
    million: '1000000',
    first: '1st',
    second: '2nd',
    third: '3rd',
    half: '1/2',
    double: '2x',
    twice: '2x',
  }),
);

/** Words whose kinds must agree where both texts have one: whose it is, who does it, whether it may or must be. */
export const KINDS: Readonly<Record<'whose' | 'who' | 'mood' | 'ask', Readonly<Record<string, string>>>> = {
  whose: { my: 'my', mine: 'my', your: 'your', yours: 'your', his: 'his', her: 'her', its: 'its', our: 'our', their: 'their' },
  who: { i: 'i', "i'm": 'i', "i've": 'i', "i'd": 'i', you: 'you', he: 'he', she: 'she', we: 'we', they: 'they' },
  mood: { can: 'can', could: 'can', may: 'can', might: 'can', should: 'should', must: 'must', need: 'must' },
  ask: { where: 'where', when: 'when', who: 'who', "who's": 'who', whom: 'who', whose: 'whose', why: 'why' },
};

/** What was is not what is, and neither is what will be. */
export const TENSES: Readonly<Record<string, string>> = {
  was: 'past',
  were: 'past',
  did: 'past',
  had: 'past',
  will: 'future',
  shall: 'future',
};
