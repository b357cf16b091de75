import { axis as ofAxis, constantOf, ge0, isLeaf, leaves, never, range, rangeUnder, shift, showIndex, simplifyGuard, sub } from '../../core/affine.ts';
import type { Atom, AxisId, Bounds, Guard, Index, LocalId, Range, SymId } from '../../core/affine.ts';
import { computedAs, isFloat, isHalf, isInteger, roundTo } from '../../core/dtype.ts';
import type { DType } from '../../core/dtype.ts';
import type { Code } from '../../core/diagnostic.ts';
import { monoidRow } from '../monoids.ts';
import { scalarName, scalarRow } from '../scalars.ts';
import type { ScalarRow } from '../scalars.ts';
import { printStmt } from './print.ts';
import type { Axis, Block, BufferId, Expr, Kernel, Place, Stmt } from './syntax.ts';

interface Memory { readonly dtype: DType; readonly shape: readonly number[]; readonly access: 'read' | 'write' | 'update' }
/** `attained`: the extremes are values that the axis really takes, whatever the others do */
interface Span extends Range { readonly attained: boolean }

/** What a statement may mention, and what is known where it runs. */
interface Context {
  readonly kernel: string;
  readonly syms: ReadonlyMap<SymId, number>;
  readonly axes: ReadonlyMap<AxisId, Span>;
  readonly memory: Map<BufferId, Memory>;
  readonly locals: Map<LocalId, DType>;
  readonly bounds: Bounds;
  /** what holds here */
  readonly guard: Guard;
  /** under a guard or a test: the extremes of an index may never be reached */
  readonly conditional: boolean;
  /** under a guard that never holds */
  readonly dead: boolean;
  readonly found: Finding[];
  readonly stmt: Stmt | undefined;
}
export interface Finding { readonly code: Code; readonly message: string; readonly unproven?: true }

const said = (c: Context, message: string): string =>
  `kernel ${c.kernel}${c.stmt === undefined ? '' : `, at "${printStmt(c.stmt)[0].slice(0, 100)}"`}: ${message}`;
const report = (c: Context, code: Code, message: string): void => void c.found.push({ code, message: said(c, message) });

/** What is wrong in the kernel, and which indices are not proven to lie in their buffers, given the axes of the steps around it. */
export const verifyKernel = (kernel: Kernel, syms: ReadonlyMap<SymId, number>, outer: ReadonlyMap<AxisId, Span>): readonly Finding[] => {
  const memory = new Map<BufferId, Memory>(kernel.params.map((p) => [p.name, { dtype: computedAs(p.dtype), shape: [p.size], access: p.access }]));
  const c = withAxes({ kernel: kernel.name, syms, axes: new Map(), memory, locals: new Map(), bounds: noBounds, guard: [], conditional: false, dead: false, found: [], stmt: undefined }, outer);
  if (memory.size < kernel.params.length) report(c, 'FX3101', 'a parameter is declared twice');
  checkBlock(kernel.body, c);
  return c.found;
};

const noBounds: Bounds = () => ({ lo: -Infinity, hi: Infinity });
const withAxes = (c: Context, more: ReadonlyMap<AxisId, Span>): Context => {
  const axes = new Map([...c.axes, ...more]);
  const before = c.bounds;
  const bounds: Bounds = (leaf) => {
    if (leaf.kind === 'axis') return more.get(leaf.axis) ?? before(leaf);
    return leaf.kind === 'size' ? { lo: 0, hi: c.syms.get(leaf.sym) ?? Infinity } : before(leaf);
  };
  return { ...c, axes, bounds };
};
const inside = (c: Context): Context => ({ ...c, memory: new Map(c.memory), locals: new Map(c.locals) });
const under = (c: Context, guard: Guard): Context =>
  (guard.length === 0 ? c : { ...c, guard: [...c.guard, ...guard], conditional: true, dead: c.dead || simplifyGuard(guard, c.bounds) === never });

/** The values of an axis: 0 … extent − 1. */
export const spanOf = (extent: Index, bounds: Bounds): Span => {
  const hi = range(extent, bounds).hi - 1;
  return { lo: 0, hi, attained: hi >= 0 && leaves(extent).every((leaf) => leaf.kind === 'size') && extent.terms.every((t) => t.by > 0) };
};

// ---- Statements

const checkBlock = (block: Block, outer: Context): void => {
  const c = inside(outer);
  for (const stmt of block) checkStmt(stmt, { ...c, stmt });
};

const checkStmt = (stmt: Stmt, c: Context): void => {
  switch (stmt.kind) {
    case 'for': return checkBlock(stmt.body, bind([stmt], c));
    case 'let': {
      if (c.locals.has(stmt.local)) report(c, 'FX3101', `local ${stmt.local} is already in scope`);
      return void c.locals.set(stmt.local, check(stmt.value, c) ?? 'f32');
    }
    case 'alloc': return checkAlloc(stmt, c);
    case 'store': {
      checkGuard(stmt.guard, c);
      return agree(c, 'the value stored', check(stmt.value, under(c, stmt.guard)), checkPlace(stmt.to, under(c, stmt.guard), 'write'));
    }
    case 'fold': return checkFold(stmt, c);
    case 'if': {
      agree(c, 'the test', check(stmt.test, c), 'bool');
      checkBlock(stmt.then, { ...under(c, stmt.test.kind === 'guard' ? stmt.test.guard : []), conditional: true });
      return checkBlock(stmt.else, { ...c, conditional: true });
    }
    case 'block': return checkBlock(stmt.body, c);
    case 'contract': return checkContract(stmt, c);
  }
};

/** the context inside loops over the axes, whose extents may mention the axes before them */
const bind = (axes: readonly Axis[], outer: Context): Context => axes.reduce((c, { axis, extent }) => {
  checkIndex(extent, c);
  if (c.axes.has(axis)) report(c, 'FX3101', `axis ${axis} is already in scope`);
  const inner = withAxes(c, new Map([[axis, spanOf(extent, c.bounds)]]));
  // a span forgets what the axis has to do with the others: axis < i + 1, axis < mod(batch, 2)
  return constantOf(extent) === undefined ? { ...inner, guard: [...c.guard, ...ge0(shift(sub(extent, ofAxis(axis)), -1))] } : inner;
}, outer);

const checkAlloc = (stmt: Extract<Stmt, { kind: 'alloc' }>, c: Context): void => {
  if (c.memory.has(stmt.buffer)) report(c, 'FX3101', `buffer ${stmt.buffer} is already in scope`);
  if (!stmt.shape.every((size) => Number.isInteger(size) && size >= 0)) report(c, 'FX3106', 'a size is not a natural number');
  c.memory.set(stmt.buffer, { dtype: stmt.dtype, shape: stmt.shape, access: 'update' });
};

const checkFold = ({ into, monoid, values }: Extract<Stmt, { kind: 'fold' }>, c: Context): void => {
  const { state, takes } = monoidRow(monoid), positioned = monoid === 'argMax' || monoid === 'argMin';
  const targets = into.map((place) => checkPlace(place, c, 'update')), given = values.map((v) => check(v, c));
  if (into.length !== state) return report(c, 'FX3106', `${monoid} keeps ${state} numbers, not ${into.length}`);
  const lifted = positioned ? 2 : 1;
  if (values.length !== state && values.length !== lifted) return report(c, 'FX3106', `${monoid} takes ${lifted} values, not ${values.length}`);
  if (given[0] !== undefined && !takesDType(takes, given[0])) report(c, 'FX3102', `${monoid} does not take ${given[0]}`);
  targets.forEach((target, i) => agree(c, `number ${i + 1} of ${monoid}`, positioned && i === 1 ? 'i32' : given[0], target));
  given.forEach((dtype, i) => agree(c, `value ${i + 1} of ${monoid}`, dtype, positioned && i === 1 ? 'i32' : given[0]));
};

const checkContract = (stmt: Extract<Stmt, { kind: 'contract' }>, c: Context): void => {
  const tile = inside(bind([...stmt.m, ...stmt.n], c)), sum = bind(stmt.k, tile);
  const dtype = check(stmt.a, sum);
  agree(c, 'the second factor', check(stmt.b, sum), dtype);
  if (dtype === 'bool') report(c, 'FX3102', 'bool is not contracted');
  if (stmt.init !== undefined) agree(c, 'the start', check(stmt.init, tile), dtype);
  if (tile.locals.has(stmt.c)) report(c, 'FX3101', `local ${stmt.c} is already in scope`);
  tile.locals.set(stmt.c, dtype ?? 'f32');
  checkBlock(stmt.then, tile);
};

const agree = (c: Context, what: string, actual: DType | undefined, wanted: DType | undefined): void => {
  if (actual !== undefined && wanted !== undefined && actual !== wanted) report(c, 'FX3102', `${what} is ${actual}, not ${wanted}`);
};

// ---- Expressions: the dtype, or undefined where something was reported

const check = (expr: Expr, c: Context): DType | undefined => {
  switch (expr.kind) {
    case 'const': {
      if (!isFloat(expr.dtype) && !Object.is(roundTo[expr.dtype](expr.value), expr.value)) report(c, 'FX3102', `${expr.value} is no ${expr.dtype}`);
      return expr.dtype;
    }
    case 'index': {
      if (expr.dtype === 'bool') report(c, 'FX3102', 'an index is no bool');
      checkIndex(expr.index, c);
      return expr.dtype;
    }
    case 'guard': return checkGuard(expr.guard, c), 'bool';
    case 'load': {
      checkGuard(expr.guard, c);
      const dtype = checkPlace(expr.from, under(c, expr.guard), 'read');
      agree(c, 'the value outside the guard', check(expr.other, c), dtype);
      return dtype;
    }
    case 'local': {
      const dtype = c.locals.get(expr.local);
      if (dtype === undefined) report(c, 'FX3101', `local ${expr.local} is not in scope`);
      return dtype;
    }
    case 'apply': return checkApply(expr, c);
  }
};

const checkApply = ({ fn, dtype, args }: Extract<Expr, { kind: 'apply' }>, c: Context): DType => {
  const given = args.map((arg) => check(arg, c)), called = scalarName(fn);
  const row: Pick<ScalarRow, 'arity' | 'takes' | 'gives'> = typeof fn === 'string' ? scalarRow(fn) : { arity: fn.arity, takes: 'float', gives: 'same' };
  if (args.length !== row.arity) report(c, 'FX3106', `${called} takes ${row.arity} operands, not ${args.length}`);
  if (fn === 'select') agree(c, 'what select decides by', given[0], 'bool');
  const operands = fn === 'select' ? given.slice(1) : given, [first] = operands;
  operands.forEach((operand, i) => agree(c, `operand ${i + 1} of ${called}`, operand, first));
  if (first !== undefined && !takesDType(row.takes, first)) report(c, 'FX3102', `${called} does not take ${first}`);
  if (row.gives !== 'attribute') agree(c, `what ${called} gives`, row.gives === 'bool' ? 'bool' : first, dtype);
  if (isHalf(dtype) && fn !== 'convert') report(c, 'FX3102', `${called} gives no ${dtype}: halves are computed with as f32`);
  return computedAs(dtype);
};

const takesDType = (takes: ScalarRow['takes'], dtype: DType): boolean => {
  switch (takes) {
    case 'any': return true;
    case 'float': return isFloat(dtype);
    case 'number': return dtype !== 'bool';
    case 'integer': return isInteger(dtype);
    case 'bool': return dtype === 'bool';
    case 'integerOrBool': return !isFloat(dtype);
  }
};

// ---- Indices and places

const checkGuard = (guard: Guard, c: Context): void => guard.forEach(({ of }) => checkIndex(of, c));

const checkIndex = (index: Index, c: Context): void => {
  for (const leaf of leaves(index)) {
    if (leaf.kind === 'axis' && !c.axes.has(leaf.axis)) report(c, 'FX3101', `axis ${leaf.axis} is not in scope`);
    if (leaf.kind === 'size' && !c.syms.has(leaf.sym)) report(c, 'FX3101', `symbol ${leaf.sym} is not declared`);
    if (leaf.kind !== 'data') continue;
    const dtype = c.locals.get(leaf.local);
    if (dtype === undefined) report(c, 'FX3101', `local ${leaf.local} is not in scope`);
    else if (!isInteger(dtype)) report(c, 'FX3102', `local ${leaf.local} is ${dtype} and so no index`);
    if (leaf.lo > leaf.hi) report(c, 'FX3103', `data(${leaf.local}, ${leaf.lo}..${leaf.hi}) holds nothing`);
  }
};

const checkPlace = ({ buffer, at }: Place, c: Context, access: 'read' | 'write' | 'update'): DType | undefined => {
  at.forEach((index) => checkIndex(index, c));
  const memory = c.memory.get(buffer);
  if (memory === undefined) return report(c, 'FX3101', `buffer ${buffer} is not in scope`), undefined;
  if (memory.access !== 'update' && memory.access !== access) report(c, 'FX3104', `${buffer} is for ${memory.access} only`);
  if (at.length !== memory.shape.length) report(c, 'FX3106', `${buffer} has ${memory.shape.length} dimensions, not ${at.length}`);
  else at.forEach((index, d) => checkBounds(buffer, index, memory.shape[d], c));
  return memory.dtype;
};

/** An index is wrong where no value fits, or where its extremes are surely reached and lie outside. */
const checkBounds = (buffer: BufferId, index: Index, size: number, c: Context): void => {
  const { lo, hi } = rangeUnder(index, c.guard, c.bounds), message = `${buffer}[${showIndex(index)}] is within ${lo} … ${hi}, and ${buffer} within 0 … ${size - 1}`;
  const runs = !c.dead && lo <= hi && [...c.axes.values()].every((axis) => axis.lo <= axis.hi);
  if ((lo >= 0 && hi < size) || !runs) return;
  const sure = hi < 0 || lo >= size || (!c.conditional && index.terms.every(({ of }) => attained(of, c)));
  if (sure) report(c, 'FX3103', message);
  else c.found.push({ code: 'FX3103', message: said(c, message), unproven: true });
};
const attained = (atom: Atom, c: Context): boolean => {
  if (!isLeaf(atom)) return atom.kind === 'floorDiv' && atom.num.terms.length === 1 && attained(atom.num.terms[0].of, c);
  return atom.kind === 'axis' ? c.axes.get(atom.axis)?.attained === true : atom.kind === 'data';
};
