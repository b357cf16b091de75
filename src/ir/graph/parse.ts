import * as E from 'fp-ts/lib/Either.js';
import { sameType, showType, type TensorType } from '../../core/dim.ts';
import type { Result } from '../../core/diagnostic.ts';
import { dtypes, type TypedArray } from '../../core/dtype.ts';
import { accept, atEnd, commaList, comes, cursor, expect, expected, expectEnd, fail, listUntil, name, next, peek, signedNumber, word, type Cursor, type Token } from '../lexer.ts';
import type { CustomScalar } from '../scalars.ts';
import type { Builder } from './build.ts';
import { createBuilder } from './builder.ts';
import { decode, literalType } from './literals.ts';
import { parseOperation, type Operand, type Read, type Reading } from './parseOperation.ts';
import { natural, parseType, parseTypes } from './parseTypes.ts';
import { inferTypes, resultDtype } from './rules.ts';
import type { Attrs, Graph, Module, Node, OpName } from './syntax.ts';

/** The grammar stands in print.ts. */
export interface ParseModuleOptions {
  /** named in the places of diagnostics */
  readonly file?: string;
  /** users' scalar functions that the text may name */
  readonly scalars?: readonly (CustomScalar | { readonly scalar: CustomScalar })[];
}

/**
 * Reads a module back from its text; the grammar stands in print.ts. What it gives is well-formed.
 * Gives the first error, with its line and column: FX2001 syntax, FX2002 an unknown name, FX2003 a name declared twice,
 * FX2004 an operation that does not take its operands, FX2005 a type that is missing or not what the operation gives,
 * FX2006 data that are no array.
 * @example parseModule('module main graph main(x: f32[3]) { %0 = mul(x, 2) return %0 }')
 */
export const parseModule = (text: string, options: ParseModuleOptions = {}): Result<Module> => {
  const c = cursor(text, options.file ?? '<graph>', 'FX2001');
  const customs = (options.scalars ?? []).map((s) => ('scalar' in s ? s.scalar : s));
  const draft: Draft = { c, b: createBuilder(), graphs: new Map(), data: allData(c), scalars: new Map(customs.map((s) => [s.custom, s])) };
  const main = moduleOf(draft);
  return c.error === undefined ? E.right(draft.b.finish(main)) : E.left([c.error]);
};

interface Draft {
  readonly c: Cursor;
  readonly b: Builder;
  readonly graphs: Map<string, Graph>;
  readonly data: ReadonlyMap<number, TypedArray>;
  readonly scalars: ReadonlyMap<string, CustomScalar>;
}

const moduleOf = (d: Draft): string => {
  const { c } = d;
  expect(c, 'module');
  const token = peek(c), main = name(c, 'the name of the main graph');
  while (comes(c, 'graph') || comes(c, 'data')) {
    if (accept(c, 'graph')) graph(d);
    else data(c);
  }
  if (c.error === undefined && !atEnd(c)) expected(c, 'a graph');
  expectEnd(c);
  if (c.error === undefined && !d.graphs.has(main)) fail(c, 'FX2002', `the text holds no graph ${main}`, token);
  return main;
};

// ---- Data: read first, since it stands after the graphs

const allData = (c: Cursor): ReadonlyMap<number, TypedArray> => {
  const found = new Map<number, TypedArray>();
  const heads = c.tokens.flatMap(({ kind, text }, i) => (kind === 'name' && text === 'data' && c.tokens[i + 1].kind === 'number' && c.tokens[i + 2]?.text === ':' ? [i] : []));
  for (const at of heads) {
    if (c.error !== undefined) break;
    c.at = at;
    const token = peek(c), { id, value } = data(c);
    if (found.has(id)) fail(c, 'FX2003', `data ${id} stand twice`, token);
    if (value === undefined) fail(c, 'FX2006', `data ${id} are not the bytes of an array in base64`, token);
    else found.set(id, value);
  }
  if (c.error === undefined) c.at = 0;
  return found;
};
const data = (c: Cursor): { readonly id: number; readonly value: TypedArray | undefined } => {
  expect(c, 'data');
  const id = natural(c);
  expect(c, ':');
  const dtype = word(c, dtypes, 'a dtype'), lines: string[] = [];
  while (peek(c).kind === 'quoted') lines.push(next(c).text);
  return { id, value: decode(dtype, lines) };
};

// ---- Graphs

interface Scope extends Draft { readonly params: Map<string, Node<'parameter'>>; readonly values: Map<number, Node> }

const graph = (d: Draft): void => {
  const { c, b } = d, token = peek(c), called = name(c, 'a graph');
  const s: Scope = { ...d, params: new Map(), values: new Map() };
  if (d.graphs.has(called)) fail(c, 'FX2003', `graph ${called} stands twice`, token);
  expect(c, '(');
  listUntil(c, ')', () => parameter(s, called));
  expect(c, '{');
  while (comes(c, '%')) line(s);
  expect(c, 'return');
  const results = comes(c, '}') ? [] : commaList(c, () => operand(s)).flatMap((x) => returned(c, x));
  expect(c, '}');
  if (c.error !== undefined) return;
  const made = { name: called, params: [...s.params.values()], results };
  d.graphs.set(called, made);
  b.addGraph(made);
};

/** `x`, or `x@3` where several are called x */
const parameterName = (c: Cursor): { readonly called: string; readonly key: string } => {
  const called = name(c, 'a parameter');
  return { called, key: accept(c, '@') ? `${natural(c)} ${called}` : ` ${called}` };
};
const parameter = ({ c, b, params }: Scope, owner: string): void => {
  const token = peek(c), { called, key } = parameterName(c);
  if (params.has(key)) fail(c, 'FX2003', `parameter ${called} is declared twice`, token);
  expect(c, ':');
  const type = parseType(c);
  if (c.error === undefined) params.set(key, b.parameter(owner, params.size, called, type));
};

// ---- Values

const startsNumber = ({ kind, text }: Token): boolean => kind === 'number' || ((kind === 'sign' || kind === 'name') && ['-', '+', 'inf', 'nan'].includes(text));
const operand = (s: Scope): Operand => {
  const { c } = s, token = peek(c);
  if (accept(c, '%')) return value(s, token);
  if (startsNumber(token)) return { literal: signedNumber(c), token };
  if (token.kind !== 'name' && token.kind !== 'quoted') expected(c, 'a value or a number');
  const { called, key } = parameterName(c), node = s.params.get(key);
  if (node !== undefined) return { node, token };
  fail(c, 'FX2002', `no parameter is called ${called}`, token);
  return { literal: 0, token };
};
const value = ({ c, b, values }: Scope, token: Token): Operand => {
  const id = natural(c), node = values.get(id);
  if (node === undefined) fail(c, 'FX2002', `no line before this one gives %${id}`, token);
  const index = accept(c, '[') ? natural(c) : undefined;
  if (index !== undefined) expect(c, ']');
  if (node === undefined || c.error !== undefined) return { literal: 0, token };
  if (index === undefined || index < node.results.length) return { node: index === undefined ? node : b.get(node, index), token };
  fail(c, 'FX2004', `%${id} has ${node.results.length} results: there is no [${index}]`, token);
  return { literal: 0, token };
};
const returned = (c: Cursor, x: Operand): readonly Node[] => {
  if (!('node' in x)) fail(c, c.syntax, 'expected a value, found a number: give it a line of its own, with constant', x.token);
  else if (isOne(c, x)) return [x.node];
  return [];
};
const isOne = (c: Cursor, { node, token }: Operand & { readonly node: Node }): boolean => {
  if (node.results.length !== 1) fail(c, 'FX2004', `a value of ${node.results.length} results is read one by one: [0], [1], …`, token);
  return node.results.length === 1;
};

// ---- Lines

const line = (s: Scope): void => {
  const { c } = s, token = peek(c);
  expect(c, '%');
  const id = natural(c), declared = accept(c, ':') ? parseTypes(c) : undefined;
  expect(c, '=');
  const start = peek(c), read = parseOperation(reading(s, start, declared)), clone = accept(c, 'clone') ? natural(c) : 0;
  if (s.values.has(id)) fail(c, 'FX2003', `%${id} is given twice`, token);
  const made = c.error === undefined && read !== undefined ? node(s, read, start, declared, clone) : undefined;
  if (made !== undefined) s.values.set(id, made);
};

const reading = (s: Scope, start: Token, declared: readonly TensorType[] | undefined): Reading => {
  const { c, scalars, data: known, graphs } = s;
  return {
    c, scalars, data: known, isGraph: (called) => graphs.has(called), dtype: declared?.[0]?.dtype,
    args: () => (expect(c, '('), listUntil(c, ')', () => operand(s))),
    type: () => {
      if (declared?.length === 1) return declared[0];
      fail(c, 'FX2005', `${start.text} takes its type from its line: write %0: f32[…] = ${start.text}…`, start);
      return { dtype: 'f32', shape: [] };
    },
  };
};

const node = (s: Scope, read: Read, start: Token, declared: readonly TensorType[] | undefined, clone: number): Node | undefined => {
  const { c, b } = s, { op } = read, inputs = read.args.flatMap((x, i) => resolved(s, read, x, i));
  if (c.error !== undefined) return undefined;
  const attrs = settled(read.attrs, inputs);
  const types = typesOf(s, op, attrs, inputs);
  if (E.isLeft(types)) fail(c, 'FX2004', types.left, start);
  else if (declared !== undefined && !sameTypes(declared, types.right)) fail(c, 'FX2005', `this line is declared ${declared.map(showType).join(', ')}, but gives ${types.right.map(showType).join(', ')}`, start);
  return c.error === undefined ? b.node(op, attrs, inputs, { clone }) : undefined;
};
/** an operand as a node: a number takes the type that its siblings tell */
const resolved = ({ c, b }: Scope, { op, attrs, args }: Read, x: Operand, i: number): readonly Node[] => {
  if ('node' in x) return op === 'get' || isOne(c, x) ? [x.node] : [];
  const type = literalType(op, attrs, args.map((y) => ('node' in y ? y.node.type : undefined)), i);
  if (type !== undefined) return [b.node('constant', { type, value: x.literal }, [])];
  fail(c, 'FX2004', `nothing tells the type of ${x.literal}: give it a line of its own, with constant`, x.token);
  return [];
};
/** a function's dtype follows from its operands */
const settled = (attrs: Attrs[OpName], inputs: readonly Node[]): Attrs[OpName] => {
  if (!('fn' in attrs)) return attrs;
  const operandType = inputs[attrs.fn === 'select' ? 1 : 0]?.type;
  return operandType === undefined ? attrs : { ...attrs, dtype: resultDtype(attrs.fn, operandType.dtype, attrs.dtype) };
};
const typesOf = ({ graphs }: Scope, op: OpName, attrs: Attrs[OpName], inputs: readonly Node[]): E.Either<string, readonly TensorType[]> => {
  if ('index' in attrs && !('name' in attrs)) {
    if (inputs.length !== 1) return E.left(`get: takes 1 operands, but got ${inputs.length}`);
    const { results } = inputs[0], type = results[attrs.index];
    return type === undefined ? E.left(`get: no result ${attrs.index} among ${results.length}`) : E.right([type]);
  }
  return inferTypes(op, attrs, inputs.map((x) => x.type), (called) => {
    const known = graphs.get(called);
    return known && { params: known.params.map((p) => p.type), results: known.results.map((r) => r.type) };
  });
};
const sameTypes = (a: readonly TensorType[], b: readonly TensorType[]): boolean => a.length === b.length && a.every((t, i) => sameType(t, b[i]));
