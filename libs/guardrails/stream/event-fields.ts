import type { TextKind } from '../walk/walk-texts.ts';

/** What an event of a stream says, parsed. */
export type EventFields = Record<string, unknown>;

/** The Responses API says in the event's type what its piece is of. */
export function kindOf({ type }: EventFields, kind: TextKind): TextKind {
  return typeof type === 'string' && /arguments|input/.test(type) ? 'json' : kind;
}

/** Pieces of the Responses API that are no text. */
export function hasNoText({ type }: EventFields): boolean {
  return typeof type === 'string' && /audio|image/.test(type);
}

/** An event that had a piece of text and nothing else to say. */
export function isOnlyDelta(fields: EventFields): boolean {
  const { type, choices, usage } = fields;
  if (typeof type === 'string') return type.endsWith('delta');
  if (!Array.isArray(choices) || (usage !== undefined && usage !== null)) return false;
  return choices.every((choice: EventFields) => choice['finish_reason'] == null && onlyEmptyText(choice['delta']));
}

function onlyEmptyText(delta: unknown): boolean {
  if (typeof delta !== 'object' || delta === null) return false;
  return Object.values(delta).every((value) => value === '' || value === null);
}

/** Numbers events anew where their format numbers them, since some leave and some come. */
export function createRenumbering(): (fields: EventFields) => boolean {
  let next = 0;
  return (fields) => {
    if (typeof fields['sequence_number'] !== 'number') return false;
    const changed = fields['sequence_number'] !== next;
    fields['sequence_number'] = next;
    next += 1;
    return changed;
  };
}

export function writeEvent(name: string | undefined, fields: EventFields): Buffer {
  return Buffer.from(`${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(fields)}\n\n`);
}
