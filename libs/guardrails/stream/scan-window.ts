import type { ScanFinding, Scanner } from '../rules/scanner.ts';

/** A text that comes in pieces, scanned as it comes: what leaves is decided, what could still become a finding is held back. */
export interface ScanWindow {
  /** The text that is decided now, with what was found in it replaced. */
  push(text: string): string;
  /** The rest: nothing follows. */
  end(): string;
  /** Something is held back. */
  readonly isHolding: boolean;
}

/** A text that could go on being one finding for so long is cut: nothing that is looked for is nearly as long. */
const MAX_HELD = 8_192;
/** What a cut leaves undecided. */
const MAX_FINDING = 512;
/** What was decided and is looked back at. */
const CONTEXT = 512;

/** `onFinding` is told of each, once, with the text around it; what it gives back stands in its place. Findings are the same however the text is cut. */
export function createScanWindow(scanner: Scanner, replace: (finding: ScanFinding, original: string) => string): ScanWindow {
  return new Window(scanner, replace);
}

class Window implements ScanWindow {
  readonly #scanner: Scanner;
  readonly #replace: (finding: ScanFinding, original: string) => string;
  #text = '';
  /** Where the undecided part begins. */
  #from = 0;

  constructor(scanner: Scanner, replace: (finding: ScanFinding, original: string) => string) {
    this.#scanner = scanner;
    this.#replace = replace;
  }

  get isHolding(): boolean {
    return this.#from < this.#text.length;
  }

  push(text: string): string {
    let decided = '';
    for (let at = 0; at < text.length; at += MAX_HELD / 2) {
      this.#text += text.slice(at, at + MAX_HELD / 2);
      decided += this.#decide(this.#holdFrom());
    }
    return decided;
  }

  end(): string {
    return this.#decide(this.#text.length);
  }

  #holdFrom(): number {
    const hold = this.#scanner.holdFrom(this.#text, this.#from);
    return this.#text.length - hold > MAX_HELD ? this.#text.length - MAX_FINDING : hold;
  }

  #decide(upTo: number): string {
    if (upTo <= this.#from) return '';
    const findings = this.#scanner.find(this.#text, this.#from);
    // one that reaches over the place is decided with what follows it
    const across = findings.find(({ start, end }) => start < upTo && end > upTo);
    const end = across?.start ?? upTo;
    let decided = '';
    for (const finding of findings) {
      if (finding.start >= end) break;
      decided += this.#text.slice(this.#from, finding.start) + this.#replace(finding, this.#text.slice(finding.start, finding.end));
      this.#from = finding.end;
    }
    decided += this.#text.slice(this.#from, end);
    this.#from = end;
    if (this.#from > CONTEXT * 4) {
      this.#text = this.#text.slice(this.#from - CONTEXT);
      this.#from = CONTEXT;
    }
    return decided;
  }
}
