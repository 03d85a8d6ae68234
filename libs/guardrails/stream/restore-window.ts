/** Puts hidden texts back in a text that comes in pieces, also where a placeholder is cut. */
export interface RestoreWindow {
  push(text: string): string;
  end(): string;
  readonly isHolding: boolean;
}

const OPEN = '<';
const BEGINNING = /^<[A-Z0-9_]*$/;

export type Hidden = Readonly<Record<string, string>>;

/** `write` says how a text is written where it is put: as it is, or inside a JSON string. */
export function createRestoreWindow(hidden: Hidden, write: (original: string) => string): RestoreWindow {
  const longest = Object.keys(hidden).reduce((most, placeholder) => Math.max(most, placeholder.length), 0);
  return new Window(hidden, longest, write);
}

class Window implements RestoreWindow {
  readonly #hidden: Hidden;
  readonly #longest: number;
  readonly #write: (original: string) => string;
  #held = '';

  constructor(hidden: Hidden, longest: number, write: (original: string) => string) {
    this.#hidden = hidden;
    this.#longest = longest;
    this.#write = write;
  }

  get isHolding(): boolean {
    return this.#held !== '';
  }

  push(text: string): string {
    const all = this.#held + text;
    const open = all.lastIndexOf(OPEN);
    const mayGoOn = open !== -1 && all.length - open < this.#longest && BEGINNING.test(all.slice(open));
    this.#held = mayGoOn ? all.slice(open) : '';
    return restoreText(mayGoOn ? all.slice(0, open) : all, this.#hidden, this.#write);
  }

  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

export function restoreText(text: string, hidden: Hidden, write: (original: string) => string): string {
  if (!text.includes(OPEN)) return text;
  return text.replaceAll(/<[A-Z0-9_]+>/g, (sign) => {
    const original = Object.hasOwn(hidden, sign) ? hidden[sign] : undefined;
    return original === undefined ? sign : write(original);
  });
}

export function asWritten(original: string): string {
  return original;
}

export function insideJson(original: string): string {
  return JSON.stringify(original).slice(1, -1);
}
