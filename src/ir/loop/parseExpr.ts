import { add, constant, constantOf, data, ge0, eq0, ofAtom, scale, shift, size, sub, axis as ofAxis } from '../../core/affine.ts';
import type { Guard, Index } from '../../core/affine.ts';
import { computedDtypes, dtypes } from '../../core/dtype.ts';
import type { Computed, DType } from '../../core/dtype.ts';
import { isScalarName, scalarRow } from '../scalars.ts';
import type { CustomScalar, ScalarOp } from '../scalars.ts';
import { accept, comes, commaList, expect, expected, fail, integer, listUntil, name, next, peek, sameLine, signedNumber, word } from '../lexer.ts';
import type { Cursor, Token } from '../lexer.ts';
import { resultDType } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Expr, Place } from './syntax.ts';

/** What names mean while parsing: bare names in indices are axes unless only a symbol is so named. */
export interface Names {
  readonly syms: ReadonlySet<string>;
  readonly axes: ReadonlySet<string>;
  readonly scope: Scope;
  readonly customs: ReadonlyMap<string, CustomScalar>;
}

// ---- Indices

/** index = product {('+' | '-') product} */
export const parseIndexAt = (c: Cursor, names: Names): Index => {
  let sum = accept(c, '-') ? scale(product(c, names), -1) : product(c, names);
  for (;;) {
    if (accept(c, '+')) sum = add(sum, product(c, names));
    else if (accept(c, '-')) sum = sub(sum, product(c, names));
    else return sum;
  }
};

const product = (c: Cursor, names: Names): Index => {
  let value = factor(c, names);
  while (comes(c, '*')) {
    const star = next(c), by = factor(c, names);
    const [left, right] = [constantOf(value), constantOf(by)];
    if (left === undefined && right === undefined) fail(c, 'FX3002', 'an index is multiplied only by integers', star);
    value = right !== undefined ? scale(value, right) : scale(by, left ?? 0);
  }
  return value;
};

const factor = (c: Cursor, names: Names): Index => {
  if (peek(c).kind === 'number') return constant(integer(c));
  if (accept(c, '%')) return size(name(c, 'a symbol'));
  if (accept(c, '(')) {
    const inner = parseIndexAt(c, names);
    expect(c, ')');
    return inner;
  }
  if (comes(c, 'floorDiv') || comes(c, 'mod')) return division(c, names);
  if (comes(c, 'data')) return fromData(c);
  const called = name(c, 'an axis, a symbol or an integer');
  return names.syms.has(called) && !names.axes.has(called) ? size(called) : ofAxis(called);
};

const division = (c: Cursor, names: Names): Index => {
  const kind = word(c, ['floorDiv', 'mod'], 'a division');
  expect(c, '(');
  const num = parseIndexAt(c, names);
  expect(c, ',');
  const token = peek(c), den = integer(c);
  if (den <= 0 && c.error === undefined) fail(c, 'FX3002', `an index is divided only by positive integers, not by ${den}`, token);
  expect(c, ')');
  return ofAtom({ kind, num, den });
};

const fromData = (c: Cursor): Index => {
  expect(c, 'data');
  expect(c, '(');
  const local = name(c, 'a local');
  expect(c, ',');
  const lo = integer(c);
  expect(c, '..');
  const hi = integer(c);
  expect(c, ')');
  return data(local, lo, hi);
};

// ---- Guards

/** guard = 'true' | comparison {'&&' comparison} */
export const parseGuardAt = (c: Cursor, names: Names): Guard => {
  if (accept(c, 'true')) return [];
  const guard = [...comparison(c, names)];
  while (accept(c, '&&')) guard.push(...comparison(c, names));
  return guard;
};

const comparison = (c: Cursor, names: Names): Guard => {
  const left = parseIndexAt(c, names);
  const is = word(c, ['>=', '<=', '==', '>', '<'], 'a comparison');
  const right = parseIndexAt(c, names);
  switch (is) {
    case '==': return eq0(sub(left, right));
    case '>=': return ge0(sub(left, right));
    case '>': return ge0(shift(sub(left, right), -1));
    case '<=': return ge0(sub(right, left));
    case '<': return ge0(shift(sub(right, left), -1));
  }
};

// ---- Expressions

const infix: { readonly [sign: string]: 'add' | 'sub' | 'mul' | 'div' } = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div' };
const nothing: Expr = { kind: 'const', dtype: 'f32', value: 0 };

export const parseExprAt = (c: Cursor, names: Names): Expr => {
  let left = parseProduct(c, names);
  while (comes(c, '+') || comes(c, '-')) {
    const sign = next(c);
    left = apply(c, names, infix[sign.text], [left, parseProduct(c, names)], sign);
  }
  return left;
};

const parseProduct = (c: Cursor, names: Names): Expr => {
  let left = parsePrimary(c, names);
  while (comes(c, '*') || comes(c, '/')) {
    const sign = next(c);
    left = apply(c, names, infix[sign.text], [left, parsePrimary(c, names)], sign);
  }
  return left;
};

/** a · b of a contraction: the last `*` outside parentheses divides them */
export const parseContracted = (c: Cursor, names: Names): readonly [a: Expr, b: Expr] => {
  let a = parsePrimary(c, names), b: Expr | undefined, before: Token | undefined;
  while (comes(c, '*') || comes(c, '/')) {
    if (b !== undefined && before !== undefined) a = apply(c, names, infix[before.text], [a, b], before);
    before = next(c);
    b = parsePrimary(c, names);
  }
  if (before?.text !== '*' || b === undefined) expected(c, 'a product of two factors');
  return [a, b ?? nothing];
};

const parsePrimary = (c: Cursor, names: Names): Expr => {
  const { kind, text } = peek(c);
  if (kind === 'number' || (kind === 'sign' && text === '-')) return parseLiteral(c);
  if (accept(c, '(')) {
    const inner = parseExprAt(c, names);
    expect(c, ')');
    return inner;
  }
  if (accept(c, '@')) return parseCustom(c, names);
  if (kind !== 'name') return parseNamed(c, names);
  switch (text) {
    case 'inf': case 'nan': return parseLiteral(c);
    case 'true': case 'false': return { kind: 'const', dtype: 'bool', value: next(c).text === 'true' ? 1 : 0 };
    case 'index': return parseIndexValue(c, names);
    case 'guard': return parseGuardValue(c, names);
    default: return parseNamed(c, names);
  }
};

export const parseDType = (c: Cursor): DType => word(c, dtypes, 'a dtype');
export const parseComputed = (c: Cursor): Computed => word(c, computedDtypes, 'a dtype of a register');

const parseLiteral = (c: Cursor): Expr => {
  const start = c.at;
  const value = signedNumber(c);
  const text = c.tokens.slice(start, c.at).map((t) => t.text).join('');
  const dtype = accept(c, ':') ? parseComputed(c) : /^[-+]?\d+$/.test(text) ? 'i32' : 'f32';
  return { kind: 'const', dtype, value };
};

const parseIndexValue = (c: Cursor, names: Names): Expr => {
  expect(c, 'index');
  expect(c, '(');
  const index = parseIndexAt(c, names);
  expect(c, ')');
  return { kind: 'index', dtype: accept(c, ':') ? parseComputed(c) : 'i32', index };
};

const parseGuardValue = (c: Cursor, names: Names): Expr => {
  expect(c, 'guard');
  expect(c, '(');
  const guard = parseGuardAt(c, names);
  expect(c, ')');
  return { kind: 'guard', guard };
};

/** a call, a load or a local: what follows the name tells */
const parseNamed = (c: Cursor, names: Names): Expr => {
  const token = peek(c), called = name(c, 'an expression');
  if (comes(c, '[')) return parseLoad(c, names, called, token);
  if (comes(c, '(') || comes(c, ':')) return parseCall(c, names, called, token);
  return { kind: 'local', local: called };
};

const parsePlaceAfter = (c: Cursor, names: Names, buffer: string): Place => {
  expect(c, '[');
  return { buffer, at: listUntil(c, ']', () => parseIndexAt(c, names)) };
};
export const parsePlace = (c: Cursor, names: Names): Place => parsePlaceAfter(c, names, name(c, 'a buffer'));

const parseLoad = (c: Cursor, names: Names, buffer: string, token: Token): Expr => {
  const from = parsePlaceAfter(c, names, buffer);
  const start = c.at;
  if (comes(c, 'if') && sameLine(c)) {
    next(c);
    const guard = parseGuardAt(c, names);
    if (accept(c, 'else')) return { kind: 'load', from, guard, other: parseExprAt(c, names) };
    // the guard of the store around it
    if (c.error === undefined) c.at = start;
  }
  const dtype = names.scope.buffers.get(buffer);
  if (dtype === undefined) fail(c, 'FX3003', `no buffer ${buffer} is in scope`, token);
  return { kind: 'load', from, guard: [], other: { kind: 'const', dtype: dtype ?? 'f32', value: 0 } };
};

const parseCall = (c: Cursor, names: Names, called: string, token: Token): Expr => {
  if (isScalarName(called)) return parseArguments(c, names, called, scalarRow(called).arity, token);
  fail(c, 'FX3003', `there is no function ${called}`, token);
  return nothing;
};

const parseCustom = (c: Cursor, names: Names): Expr => {
  const token = peek(c), called = name(c, 'a function'), fn = names.customs.get(called);
  if (fn !== undefined) return parseArguments(c, names, fn, fn.arity, token);
  fail(c, 'FX3003', `no custom function ${called} was given to the parser`, token);
  return nothing;
};

const parseArguments = (c: Cursor, names: Names, fn: ScalarOp, arity: number, token: Token): Expr => {
  const dtype = accept(c, ':') ? parseDType(c) : undefined;
  expect(c, '(');
  const args = listUntil(c, ')', () => parseExprAt(c, names));
  if (args.length !== arity && c.error === undefined) fail(c, 'FX3004', `${token.text} takes ${arity} operands, not ${args.length}`, token);
  return apply(c, names, fn, args, token, dtype);
};

const apply = (c: Cursor, names: Names, fn: ScalarOp, args: readonly Expr[], token: Token, said?: DType): Expr => {
  const dtype = said ?? resultDType(fn, args, names.scope);
  if (dtype === undefined) fail(c, 'FX3004', `the dtype of ${token.text} cannot be told from its operands: write ${token.text}:f32(…)`, token);
  return { kind: 'apply', fn, dtype: dtype ?? 'f32', args };
};

export const parseExprs = (c: Cursor, names: Names): readonly Expr[] => commaList(c, () => parseExprAt(c, names));
