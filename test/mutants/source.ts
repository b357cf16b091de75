import { inCode, inNames, inTexts, type Operator } from './operators.ts';

/** One change to one line of one file. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly operator: string;
  readonly before: string;
  readonly after: string;
}
/** what names a mutant for good, wherever its line moves to */
export const keyOf = ({ file, before, after }: Mutant): string => `${file}: ${before.trim()} => ${after.trim()}`;

type Kind = 'code' | 'text' | 'comment';
/** of every character, whether it is code, text in quotes, or a comment; what a template computes is code */
const kindsOf = (source: string): readonly Kind[] => {
  const kinds: Kind[] = [];
  /** the quotes that are open, and the depth of braces inside each `${` */
  const open: { quote: string; depth: number }[] = [];
  for (let i = 0; i < source.length; i++) {
    const c = source[i], top = open.at(-1), inText = top !== undefined && top.depth < 0;
    if (!inText && source.startsWith('//', i)) { const end = lineEnd(source, i); for (; i < end; i++) kinds.push('comment'); i--; continue; }
    if (!inText && source.startsWith('/*', i)) { const end = source.indexOf('*/', i) + 2; for (; i < end; i++) kinds.push('comment'); i--; continue; }
    if (inText) {
      kinds.push('text');
      if (c === '\\') { kinds.push('text'); i++; } else if (c === top.quote) open.pop();
      else if (top.quote === '`' && source.startsWith('${', i)) { kinds.push('text'); i++; top.depth = 0; }
      continue;
    }
    if (c === "'" || c === '"' || c === '`') { kinds.push('text'); open.push({ quote: c, depth: -1 }); continue; }
    if (top !== undefined && c === '{') top.depth++;
    if (top !== undefined && c === '}' && top.depth-- === 0) { kinds.push('text'); continue; }
    kinds.push('code');
  }
  return kinds;
};
const lineEnd = (source: string, from: number): number => { const at = source.indexOf('\n', from); return at < 0 ? source.length : at; };

/** declarations of types compute nothing, what a message says changes no number, and examples of rules are data of their tests */
const isIdle = (line: string): boolean =>
  /^\s*\(b, p\) =>/.test(line) || /^\s*(import|export type|export interface|type|interface|readonly|\}|\/\/|\*|\/\*)/.test(line) || /^\s*\|/.test(line) || /\b(refused|refuse|diagnostic|invariant|wrong|Error|procedural|reason|because)\(/.test(line);

/** Every mutant of a file. `emits`: the file writes programs as text, which is mutated too. */
export const mutantsOf = (file: string, source: string, emits: boolean): readonly Mutant[] => {
  const kinds = kindsOf(source), mutants: Mutant[] = [];
  let start = 0;
  for (const [n, before] of source.split('\n').entries()) {
    const within = (kind: Kind) => (at: number): boolean => kinds[start + at] === kind;
    if (!isIdle(before)) {
      const make = (operators: readonly Operator[], kind: Kind): void => { mutants.push(...operators.flatMap((op) => applied(op, file, n + 1, before, within(kind)))); };
      make(inCode, 'code');
      make(inNames, 'text');
      if (emits) make(inTexts, 'text');
    }
    start += before.length + 1;
  }
  return mutants;
};
const applied = ({ name, pattern, replace }: Operator, file: string, line: number, before: string, within: (at: number) => boolean): readonly Mutant[] =>
  [...before.matchAll(pattern)].flatMap((match) => {
    const first = match.index + match[0].search(/\S/), after = before.slice(0, match.index) + replace(match) + before.slice(match.index + match[0].length);
    return within(first) && after !== before ? [{ file, line, operator: name, before, after }] : [];
  });
