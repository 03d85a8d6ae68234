import { isAlias, isMap, isPair, isSeq, LineCounter, parseDocument, visit, type Alias, type Document, type Node } from 'yaml';
import { ConfigError, type ConfigProblem } from '../config-error.ts';
import { maskLine } from './mask-line.ts';

/** A configuration file that is well-formed YAML with a mapping at the top. */
export interface SourceFile {
  readonly name: string;
  readonly document: Document.Parsed;
  readonly lines: readonly string[];
  readonly lineCounter: LineCounter;
  /** What an alias stands for. The parser's own `alias.resolve` walks the whole document: 8 s for a thousand aliases. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** Beyond this a file is not a configuration but a mistake, and parsing it would hold up the start. */
export const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** Aliases may be used often but not nested so that they multiply ("billion laughs"): values the file may have when all are followed. */
const MAX_VALUES = 500_000;

/** Parses the text of a file. Throws `ConfigError` for anything that is not a YAML mapping. */
export function parseSource(name: string, text: string): SourceFile {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) throw new ConfigError([tooLarge(name, Buffer.byteLength(text))]);
  const lineCounter = new LineCounter();
  // LiteLLM's parser keeps the last of two equal keys; so do we, with a warning (see `SourceNode.entries`).
  const document = parseDocument(text, { merge: true, uniqueKeys: false, prettyErrors: false, lineCounter, logLevel: 'error' });
  const file = { name, document, lines: text.split(/\r?\n/), lineCounter, targets: new Map<Alias, Node>() };
  const first = document.errors[0] ?? document.warnings[0];
  if (first !== undefined) throw new ConfigError([syntaxProblem(file, first.code, first.message, first.pos[0])]);
  if (document.contents === null || text.trim() === '') throw new ConfigError([fileProblem(name, 'the file is empty', EMPTY_FIX)]);
  if (!isMap(document.contents)) {
    throw new ConfigError([problemAt(file, document.contents.range[0], 'the file must be a mapping of sections', EMPTY_FIX)]);
  }
  return { ...file, targets: resolveAliases(file, document.contents) };
}

const EMPTY_FIX = 'start with a section, for example "model_list:"';

/** An alias stands for the last anchor of its name above it. */
function resolveAliases(file: SourceFile, contents: Node): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const problems: ConfigProblem[] = [];
  visit(file.document, {
    Node: (_key, node, path) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return;
      }
      const target = anchors.get(node.source);
      const offset = node.range?.[0] ?? 0;
      if (target === undefined) problems.push(problemAt(file, offset, 'this alias names no anchor above it', undefined));
      else if (path.includes(target)) problems.push(problemAt(file, offset, 'this alias contains itself', undefined));
      else targets.set(node, target);
    },
  });
  if (problems.length > 0) throw new ConfigError(problems);
  if (countValues(contents, targets, new Map()) > MAX_VALUES) {
    throw new ConfigError([fileProblem(file.name, 'the aliases in this file multiply without end', undefined)]);
  }
  return targets;
}

/** Values below a node with all aliases followed, each anchor counted once. */
function countValues(node: unknown, targets: ReadonlyMap<Alias, Node>, known: Map<unknown, number>): number {
  const counted = known.get(node);
  if (counted !== undefined) return counted;
  const children = isAlias(node) ? [targets.get(node)] : isPair(node) ? [node.value] : isMap(node) || isSeq(node) ? node.items : [];
  let values = 1;
  for (const child of children) values += countValues(child, targets, known);
  known.set(node, values);
  return values;
}

const SYNTAX_FIXES: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  TAB_AS_INDENT: ['a tab is used for indentation', 'use spaces'],
  BLOCK_AS_IMPLICIT_KEY: ['a second ": " in one line', 'put the value in quotes, or the inner mapping on the next line'],
  MULTILINE_IMPLICIT_KEY: ['this line is neither "key: value" nor a list entry', 'add the ":" or put the line in quotes'],
  MULTIPLE_DOCS: ['the file holds more than one YAML document', 'remove the "---" line'],
  RESOURCE_EXHAUSTION: ['values are nested too deep', 'remove some brackets'],
  TAG_RESOLVE_FAILED: ['YAML tags ("!name") are not supported here', 'write os.environ/NAME for a value from the environment'],
};

function syntaxProblem(file: SourceFile, code: string, message: string, offset: number): ConfigProblem {
  const [text, fix] = SYNTAX_FIXES[code] ?? [];
  // The parser's messages can quote the file after `: "`, which may be a secret.
  return problemAt(
    file,
    offset,
    text ?? `not valid YAML: ${message.replace(/: ".*$/s, '')}`,
    fix ?? 'check indentation, quotes and brackets here and above',
  );
}

function problemAt(file: SourceFile, offset: number, message: string, suggestion: string | undefined): ConfigProblem {
  const { line, col } = file.lineCounter.linePos(offset);
  const excerpt = maskLine(file.lines[line - 1] ?? '');
  return { file: file.name, line, column: col, path: '', message, suggestion, excerpt: excerpt === '' ? undefined : excerpt };
}

/** A problem of the file as a whole. */
export function fileProblem(name: string, message: string, suggestion: string | undefined): ConfigProblem {
  return { file: name, line: 0, column: 0, path: '', message, suggestion, excerpt: undefined };
}

export function tooLarge(name: string, sizeBytes: number): ConfigProblem {
  const megabytes = (sizeBytes / 1024 / 1024).toFixed(1);
  return fileProblem(
    name,
    `the file has ${megabytes} MB; a configuration may have ${MAX_FILE_BYTES / 1024 / 1024} MB`,
    'check that this is the right file',
  );
}
