/** A line that is written over while things go on; on what is no terminal, a new line every ten seconds. */
export interface ProgressLine {
  /** Asked for only when it is time. */
  show(render: () => string): void;
  end(text: string): void;
}

const EVERY_MS = 200;
const PLAIN_EVERY_MS = 10_000;

export function createProgressLine(out: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>): ProgressLine {
  let shownAt = performance.now() - (out.isTTY ? EVERY_MS : 0);
  const write = (text: string, end: string): void => {
    // a longer line would leave its beginning behind
    out.write(out.isTTY ? `\r\u001B[K${text.slice(0, Math.max(20, (out.columns || 80) - 1))}${end}` : `${text}\n`);
  };
  return {
    show(render) {
      if (performance.now() - shownAt < (out.isTTY ? EVERY_MS : PLAIN_EVERY_MS)) return;
      shownAt = performance.now();
      write(render(), '');
    },
    end: (text) => write(text, '\n'),
  };
}
