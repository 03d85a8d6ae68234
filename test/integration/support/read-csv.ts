/** Reads CSV as RFC 4180 has it, independent of what writes it: the first line has the names. */
export function readCsv(text: string): Record<string, string>[] {
  const [names = [], ...lines] = records(text);
  return lines.map((cells) => Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])));
}

function records(text: string): string[][] {
  const found: string[][] = [[]];
  let cell = '';
  let quoted = false;
  const endCell = (): void => {
    found.at(-1)?.push(cell);
    cell = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quoted && character === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (character === '"') quoted = !quoted;
    else if (!quoted && character === ',') endCell();
    else if (!quoted && character === '\n') {
      endCell();
      found.push([]);
    } else if (quoted || character !== '\r') cell += character;
  }
  if (cell !== '' || (found.at(-1)?.length ?? 0) > 0) endCell();
  return found.filter((cells) => cells.length > 0);
}
