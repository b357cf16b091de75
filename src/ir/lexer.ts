import { diagnostic } from '../core/diagnostic.ts';
import type { Code, Diagnostic } from '../core/diagnostic.ts';

export type TokenKind = 'name' | 'quoted' | 'number' | 'sign' | 'end' | 'bad';
export interface Token { readonly kind: TokenKind; readonly text: string; readonly line: number; readonly column: number }

const pattern = /(?<space>\s+|\/\/[^\n]*)|(?<name>[A-Za-z_$](?:[\w$']|\.(?!\.))*)|`(?<quoted>[^`\\]*(?:\\[^][^`\\]*)*)`|(?<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?<sign><=|>=|==|&&|\.\.|[{}()[\],;:=<>+\-*/%@])|(?<bad>[^])/gy;

/** The tokens of the text, the last of kind `end`. */
export const tokens = (text: string): readonly Token[] => {
  const found: Token[] = [];
  let line = 1, start = 0;
  for (const match of text.matchAll(pattern)) {
    const column = match.index - start + 1;
    const [kind, content] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? ['bad', ''];
    // SAFETY: the groups of the pattern are named by token kinds, and `space`
    if (kind !== 'space') found.push({ kind: kind as TokenKind, text: content, line, column });
    for (let at = match[0].indexOf('\n'); at >= 0; at = match[0].indexOf('\n', at + 1)) {
      line++;
      start = match.index + at + 1;
    }
  }
  return [...found, { kind: 'end', text: 'the end of the text', line, column: text.length - start + 1 }];
};

/**
 * Where a parser stands. The first error ends the input, so that every loop over tokens ends by itself and no parsing
 * function needs to look for it.
 */
export interface Cursor {
  readonly tokens: readonly Token[];
  readonly file: string;
  /** the code of what is no text of the grammar */
  readonly syntax: Code;
  at: number;
  /** parentheses that are open */
  depth: number;
  error: Diagnostic | undefined;
}

export const cursor = (text: string, file: string, syntax: Code): Cursor => ({ tokens: tokens(text), file, syntax, at: 0, depth: 0, error: undefined });
export const peek = (c: Cursor): Token => c.tokens[c.at];
export const atEnd = (c: Cursor): boolean => peek(c).kind === 'end';
const show = (t: Token): string => (t.kind === 'end' ? t.text : `"${t.text}"`);

/** Records the error at the token unless there is an earlier one, and ends the input. */
export const fail = (c: Cursor, code: Code, message: string, token: Token = peek(c)): void => {
  c.error ??= diagnostic(code, message, { place: { file: c.file, line: token.line, column: token.column } });
  c.at = c.tokens.length - 1;
};
export const expected = (c: Cursor, what: string): void => fail(c, c.syntax, `expected ${what}, found ${show(peek(c))}`);

export const next = (c: Cursor): Token => {
  const token = peek(c);
  if (token.kind !== 'end') c.at++;
  if (token.kind === 'sign') c.depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
  return token;
};
/** Whether this sign or word comes next (a quoted name is never a word). */
export const comes = (c: Cursor, text: string): boolean => {
  const { kind, text: found } = peek(c);
  return (kind === 'sign' || kind === 'name') && found === text;
};
export const accept = (c: Cursor, text: string): boolean => {
  const yes = comes(c, text);
  if (yes) next(c);
  return yes;
};
export const expect = (c: Cursor, text: string): void => {
  if (!accept(c, text)) expected(c, `"${text}"`);
};
/** Whether the next token continues the line of the one before it: it stands there, or inside parentheses. */
export const sameLine = (c: Cursor): boolean => c.depth > 0 || (c.at > 0 && c.tokens[c.at - 1].line === peek(c).line);

/** A plain or quoted name. */
export const name = (c: Cursor, what = 'a name'): string => {
  const { kind } = peek(c);
  if (kind === 'name') return next(c).text;
  if (kind === 'quoted') return next(c).text.replace(/\\(.)/gs, '$1');
  expected(c, what);
  return '';
};
/** Ends the text: anything more is an error. */
export const expectEnd = (c: Cursor): void => {
  if (!atEnd(c)) expected(c, 'the end of the text');
};
/** One of the given words. */
export const word = <W extends string>(c: Cursor, allowed: readonly W[], what: string): W => {
  const found = allowed.find((w) => comes(c, w));
  if (found === undefined) expected(c, `${what} (${allowed.join(', ')})`);
  else next(c);
  return found ?? allowed[0];
};

/** A number with its sign: digits, inf or nan. */
export const signedNumber = (c: Cursor): number => {
  const negative = accept(c, '-');
  if (!negative) accept(c, '+');
  const { kind, text } = peek(c);
  const special = kind === 'name' && (text === 'inf' || text === 'nan');
  if (kind !== 'number' && !special) {
    expected(c, 'a number');
    return 0;
  }
  next(c);
  const value = text === 'inf' ? Infinity : text === 'nan' ? NaN : Number(text);
  return negative ? -value : value;
};
export const integer = (c: Cursor): number => {
  const token = peek(c), value = signedNumber(c);
  if (c.error === undefined && !Number.isInteger(value)) fail(c, c.syntax, `expected an integer, found ${value}`, token);
  return value;
};

/** item, item, … up to the closing sign, which is consumed. */
export const listUntil = <A>(c: Cursor, close: string, item: () => A): readonly A[] => {
  const items: A[] = [];
  while (!accept(c, close)) {
    items.push(item());
    if (!comes(c, close)) expect(c, ',');
    if (atEnd(c)) {
      expected(c, `"${close}"`);
      break;
    }
  }
  return items;
};
/** item, item, … at least one. */
export const commaList = <A>(c: Cursor, item: () => A): readonly A[] => {
  const items = [item()];
  while (accept(c, ',')) items.push(item());
  return items;
};
/** { item; item … } */
export const braces = <A>(c: Cursor, item: () => A): readonly A[] => {
  const items: A[] = [];
  expect(c, '{');
  while (!accept(c, '}')) {
    if (atEnd(c)) {
      expected(c, '"}"');
      break;
    }
    items.push(item());
    while (accept(c, ';'));
  }
  return items;
};
