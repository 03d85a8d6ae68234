/** Gives a text; what it gives back stands in its place. `place` is the path to it: `messages.0.content`. */
export type VisitText = (text: string, place: TextPlace) => string;

export interface TextPlace {
  readonly path: string;
  readonly kind: TextKind;
}

/** `json`: text that is JSON itself (a tool's arguments), or strings anywhere inside a value. */
export type TextKind = 'text' | 'json' | 'system' | 'tool';

/** A path to texts: `*` is every item of a list, `**` every string below. */
export interface TextPath {
  readonly path: readonly string[];
  readonly kind: TextKind;
}

export function textPath(path: string, kind: TextKind = 'text'): TextPath {
  return { path: path.split('.'), kind };
}

/** Visits every text that the paths lead to, in order. Returns whether one was changed; changes are made in the value itself. */
export function walkTexts(value: unknown, paths: readonly TextPath[], visit: VisitText): boolean {
  let changed = false;
  for (const { path, kind } of paths) if (step(value, path, 0, '', kind, visit)) changed = true;
  return changed;
}

function step(value: unknown, path: readonly string[], at: number, place: string, kind: TextKind, visit: VisitText): boolean {
  const name = path[at];
  if (name === undefined || !isContainer(value)) return false;
  if (name === '**') return stepDeep(value, place, kind, visit);
  const keys = name === '*' ? itemsOf(value) : [name];
  let changed = false;
  for (const key of keys) {
    const inner = value[key];
    const innerPlace = place === '' ? key : `${place}.${key}`;
    if (typeof inner === 'string') {
      if (at === path.length - 1 && setText(value, key, inner, { path: innerPlace, kind }, visit)) changed = true;
    } else if (at < path.length - 1 && step(inner, path, at + 1, innerPlace, kind, visit)) changed = true;
  }
  return changed;
}

function stepDeep(value: Record<string, unknown>, place: string, kind: TextKind, visit: VisitText): boolean {
  let changed = false;
  for (const key of Object.keys(value)) {
    const inner = value[key];
    const innerPlace = place === '' ? key : `${place}.${key}`;
    if (typeof inner === 'string') {
      if (setText(value, key, inner, { path: innerPlace, kind }, visit)) changed = true;
    } else if (isContainer(inner) && stepDeep(inner, innerPlace, kind, visit)) changed = true;
  }
  return changed;
}

function setText(value: Record<string, unknown>, key: string, text: string, place: TextPlace, visit: VisitText): boolean {
  if (text === '') return false;
  const next = visit(text, place);
  if (next === text) return false;
  value[key] = next;
  return true;
}

function itemsOf(value: object): readonly string[] {
  return Array.isArray(value) ? Object.keys(value) : [];
}

/** Lists too: their places are keys. */
function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
