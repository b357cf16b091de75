import { left, right } from 'fp-ts/lib/Either.js';
import { evaluate, leaves } from '../../core/affine.ts';
import type { Guard, Index, SymId } from '../../core/affine.ts';
import type { Result } from '../../core/diagnostic.ts';
import { typedArray } from '../../core/dtype.ts';
import type { Computed, DType } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { CustomScalar } from '../scalars.ts';
import { accept, atEnd, braces, comes, commaList, cursor, expect, expected, expectEnd, fail, integer, listUntil, name, peek, sameLine, signedNumber, word } from '../lexer.ts';
import type { Cursor } from '../lexer.ts';
import { parseDType, parseExprAt, parseGuardAt, parseIndexAt } from './parseExpr.ts';
import type { Names } from './parseExpr.ts';
import { parseBlock, parseSequence } from './parseStmt.ts';
import { rowMajor, usualInputs, usualOutputs } from './print.ts';
import { emptyScope, kernelScope } from './scope.ts';
import type { Block, Buffer, BufferId, Expr, Kernel, KernelId, Layout, Param, Program, Step } from './syntax.ts';

/** The grammar stands in print.ts. */
export interface ParseOptions {
  /** named in the places of diagnostics */
  readonly file?: string;
  /** bounded dimensions that a kernel, a block or an index alone may mention bare: the largest value of each */
  readonly syms?: ReadonlyMap<SymId, number>;
  /** users' scalar functions by name */
  readonly customs?: ReadonlyMap<string, CustomScalar>;
  /** dtypes of buffers that a block or an expression alone may mention */
  readonly buffers?: ReadonlyMap<BufferId, Computed>;
}

const namesFrom = (options: ParseOptions): Names => ({
  syms: new Set(options.syms?.keys()), axes: new Set(), customs: options.customs ?? new Map(),
  scope: emptyScope(options.buffers),
});

const parsing = <A>(text: string, options: ParseOptions, parse: (c: Cursor) => A): Result<A> => {
  const c = cursor(text, options.file ?? '<loop>', 'FX3001');
  const value = parse(c);
  expectEnd(c);
  return c.error === undefined ? right(value) : left([c.error]);
};

/**
 * Reads a program back from its text form; the grammar stands in print.ts.
 * Gives the first error, with its line and column: FX3001 syntax, FX3002 an index that is not affine, FX3003 an unknown
 * name, FX3004 operands (their number, or a dtype that cannot be told), FX3005 a name declared twice.
 */
export const parseProgram = (text: string, options: ParseOptions = {}): Result<Program> =>
  parsing(text, options, (c) => program(c, options));
export const parseKernel = (text: string, options: ParseOptions = {}): Result<Kernel> =>
  parsing(text, options, (c) => kernel(c, kernelName(c), namesFrom(options), options.syms ?? new Map()));
export const parseStmts = (text: string, options: ParseOptions = {}): Result<Block> =>
  parsing(text, options, (c) => parseSequence(c, namesFrom(options)));
export const parseExpr = (text: string, options: ParseOptions = {}): Result<Expr> =>
  parsing(text, options, (c) => parseExprAt(c, namesFrom(options)));
export const parseIndex = (text: string, options: ParseOptions = {}): Result<Index> =>
  parsing(text, options, (c) => parseIndexAt(c, namesFrom(options)));
export const parseGuard = (text: string, options: ParseOptions = {}): Result<Guard> =>
  parsing(text, options, (c) => parseGuardAt(c, namesFrom(options)));

// ---- Sizes: indices over symbols, at the symbols' largest values

const largest = (c: Cursor, names: Names, syms: ReadonlyMap<SymId, number>): number => {
  const token = peek(c), index = parseIndexAt(c, names);
  const odd = leaves(index).find((leaf) => leaf.kind !== 'size' || !syms.has(leaf.sym));
  if (odd !== undefined) {
    fail(c, 'FX3003', 'a size is made of integers and the program\'s symbols', token);
    return 0;
  }
  return evaluate(index, (leaf) => (leaf.kind === 'size' ? syms.get(leaf.sym) ?? 0 : 0));
};
const shape = (c: Cursor, names: Names, syms: ReadonlyMap<SymId, number>): readonly number[] => {
  expect(c, '[');
  return listUntil(c, ']', () => largest(c, names, syms));
};
const product = (sizes: readonly number[]): number => sizes.reduce((n, size) => n * size, 1);

// ---- Kernels

const param = (c: Cursor, names: Names, syms: ReadonlyMap<SymId, number>): Param => {
  const called = name(c, 'a parameter');
  expect(c, ':');
  const access = word(c, ['read', 'write', 'update'], 'an access');
  return { name: called, dtype: parseDType(c), size: product(shape(c, names, syms)), access };
};

const kernelName = (c: Cursor): KernelId => (expect(c, 'kernel'), name(c, 'a kernel'));
const kernel = (c: Cursor, called: KernelId, names: Names, syms: ReadonlyMap<SymId, number>): Kernel => {
  expect(c, '(');
  const params = listUntil(c, ')', () => param(c, names, syms));
  return { name: called, params, body: parseBlock(c, { ...names, scope: kernelScope(params) }) };
};

// ---- Steps

const parseStep = (c: Cursor, names: Names): Step => {
  switch (word(c, ['run', 'barrier', 'loop', 'branch'], 'a step')) {
    case 'run': {
      const called = name(c, 'a kernel');
      expect(c, '(');
      return { kind: 'run', kernel: called, args: listUntil(c, ')', () => name(c, 'a buffer')) };
    }
    case 'barrier': return { kind: 'barrier' };
    case 'loop': return loop(c, names);
    case 'branch': {
      expect(c, 'on');
      const on = name(c, 'a buffer');
      return { kind: 'branch', on, cases: braces(c, () => (expect(c, 'case'), braces(c, () => parseStep(c, names)))) };
    }
  }
};

const loop = (c: Cursor, names: Names): Step => {
  const axis = name(c, 'an axis');
  expect(c, '<');
  const extent = parseIndexAt(c, names);
  const flag = accept(c, 'while') ? { while: name(c, 'a buffer') } : {};
  const inside = { ...names, axes: new Set([...names.axes, axis]) };
  return { kind: 'loop', axis, extent, ...flag, body: braces(c, () => parseStep(c, inside)) };
};

// ---- Programs

interface Draft {
  readonly syms: Map<SymId, number>;
  readonly buffers: Map<BufferId, Buffer>;
  readonly kernels: Map<KernelId, Kernel>;
  inputs?: readonly BufferId[];
  outputs?: readonly BufferId[];
  arena?: NonNullable<Program['arena']>;
}

const declareOnce = <V>(c: Cursor, into: Map<string, V>, what: string, key: () => string, value: () => V): void => {
  const token = peek(c), called = key();
  if (into.has(called)) fail(c, 'FX3005', `${what} ${called} is declared twice`, token);
  into.set(called, value());
};

const program = (c: Cursor, options: ParseOptions): Program => {
  expect(c, 'program');
  const called = name(c, 'the program\'s name');
  const draft: Draft = { syms: new Map(), buffers: new Map(), kernels: new Map() };
  if (accept(c, '(')) listUntil(c, ')', () => declareOnce(c, draft.syms, 'symbol', () => name(c, 'a symbol'), () => (expect(c, '<='), signedNumber(c))));
  const names: Names = { ...namesFrom(options), syms: new Set(draft.syms.keys()) };
  while (!comes(c, 'steps') && !atEnd(c)) line(c, names, draft);
  expect(c, 'steps');
  const steps = braces(c, () => parseStep(c, names));
  const { syms, buffers, kernels, inputs = usualInputs(buffers), outputs = usualOutputs(buffers), arena } = draft;
  return { name: called, syms, buffers, kernels, steps, inputs, outputs, ...(arena === undefined ? {} : { arena }) };
};

const line = (c: Cursor, names: Names, draft: Draft): void => {
  if (comes(c, 'kernel')) {
    const token = peek(c), called = kernelName(c), made = accept(c, '=') ? sameKernel(c, draft) : kernel(c, called, names, draft.syms);
    if (draft.kernels.has(called)) fail(c, 'FX3005', `kernel ${called} is declared twice`, token);
    if (made !== undefined) draft.kernels.set(called, made);
  } else if (accept(c, 'buffer')) declareOnce(c, draft.buffers, 'buffer', () => name(c, 'a buffer'), () => buffer(c, names, draft.syms));
  else if (accept(c, 'inputs')) draft.inputs = nameLine(c);
  else if (accept(c, 'outputs')) draft.outputs = nameLine(c);
  else if (accept(c, 'arena')) draft.arena = arena(c);
  else expected(c, 'a declaration (buffer, kernel, inputs, outputs, arena) or steps');
};

/** another name of a kernel above */
const sameKernel = (c: Cursor, { kernels }: Draft): Kernel | undefined => {
  const token = peek(c), of = name(c, 'a kernel'), known = kernels.get(of);
  if (known === undefined) fail(c, 'FX3003', `no kernel ${of} is in scope`, token);
  return known;
};

const nameLine = (c: Cursor): readonly BufferId[] => (sameLine(c) && !atEnd(c) ? commaList(c, () => name(c, 'a buffer')) : []);

const arena = (c: Cursor): NonNullable<Program['arena']> => {
  const bytes = integer(c), offsets = new Map<BufferId, number>();
  expect(c, '{');
  listUntil(c, '}', () => declareOnce(c, offsets, 'the offset of', () => name(c, 'a buffer'), () => (expect(c, '@'), integer(c))));
  return { bytes, offsets };
};

const integers = (c: Cursor): readonly number[] => (expect(c, '('), listUntil(c, ')', () => integer(c)));

const layout = (c: Cursor, dims: readonly number[]): Layout => {
  const order = accept(c, 'order') ? integers(c) : undefined;
  const strides = order !== undefined ? (expect(c, 'strides'), integers(c)) : undefined;
  const offset = accept(c, 'offset') ? integer(c) : 0;
  const border = accept(c, 'border') ? { border: integer(c) } : {};
  if (order === undefined || strides === undefined) return { ...rowMajor(dims), offset, ...border };
  return { order, strides, offset, size: product(dims), ...border };
};

const buffer = (c: Cursor, names: Names, syms: ReadonlyMap<SymId, number>): Buffer => {
  expect(c, ':');
  const dtype = parseDType(c);
  const placed = layout(c, shape(c, names, syms));
  const role = word(c, ['input', 'state', 'constant', 'temporary', 'output'], 'a role');
  let made: Buffer = { dtype, role, layout: placed };
  while (accept(c, '=')) made = { ...made, ...bufferValue(c, dtype) };
  return made;
};

const bufferValue = (c: Cursor, dtype: DType): Pick<Buffer, 'sameAs' | 'value'> => {
  if (accept(c, '[')) return { value: typedArray(dtype, listUntil(c, ']', () => signedNumber(c))) };
  const { kind, text } = peek(c);
  const isName = kind === 'quoted' || (kind === 'name' && text !== 'inf' && text !== 'nan');
  return isName ? { sameAs: name(c) } : { value: signedNumber(c) };
};

/** For texts that the caller wrote: the parsed value, or an InternalError that shows the diagnostic. */
export const parsed = <A>(result: Result<A>): A => {
  if (result._tag === 'Right') return result.right;
  const [{ code, message, place }] = result.left;
  invariant(false, `${code} at ${place?.file}:${place?.line}:${place?.column}: ${message}`);
};
