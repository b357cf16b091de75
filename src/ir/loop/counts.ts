import { range } from '../../core/affine.ts';
import type { AxisId, Bounds, Index, LocalId } from '../../core/affine.ts';
import type { Bindings } from '../../core/dim.ts';
import { byteSize } from '../../core/dtype.ts';
import { monoidRow } from '../monoids.ts';
import type { Axis, Block, BufferId, Buffer, Expr, Kernel, Place, Program, Step, Stmt } from './syntax.ts';

/** What a program costs by its text alone, at the given sizes. */
export interface Counts {
  /** kernels of the program, and how often the steps run one */
  readonly kernels: number;
  readonly launches: number;
  readonly barriers: number;
  /** traffic with the program's buffers, element by element; registers and scratch are free */
  readonly loadedBytes: number;
  readonly storedBytes: number;
  /** scalar functions applied; a step of a contraction is two */
  readonly operations: number;
  /** the arena (or all temporaries, where none is planned) and the states */
  readonly peakBytes: number;
}

type Tally = { -readonly [K in Exclude<keyof Counts, 'kernels' | 'peakBytes'>]: number };
interface Context {
  readonly elementBytes: ReadonlyMap<BufferId, number>;
  readonly sizes: Bindings;
  /** half of the way through each axis: extents that depend on outer axes count at their mean */
  readonly middle: ReadonlyMap<AxisId, number>;
  /** indices that were given a name: what is left for a block */
  readonly locals: ReadonlyMap<LocalId, number>;
}

/**
 * Counts kernels, launches, bytes and operations. An extent that depends on an outer axis counts at its mean over that
 * axis; both arms of a test, loads and stores under guards and the costliest case of a branch count as if they ran;
 * a loop of steps runs to its extent.
 */
export const count = (p: Program, sizes: Bindings = {}): Counts => {
  const c: Context = { elementBytes: new Map(), sizes, middle: new Map(), locals: new Map() };
  const kernels = new Map([...p.kernels].map(([name, kernel]) => [name, (middle: Context['middle']) => countKernel(kernel, { ...c, middle })]));
  const tally = countSteps(p.steps, c, (name, middle) => kernels.get(name)?.(middle) ?? nothing());
  return { kernels: p.kernels.size, ...tally, peakBytes: peakBytes(p) };
};

const nothing = (): Tally => ({ launches: 0, barriers: 0, loadedBytes: 0, storedBytes: 0, operations: 0 });
const plus = (into: Tally, more: Tally, times = 1): Tally => {
  into.launches += more.launches * times;
  into.barriers += more.barriers * times;
  into.loadedBytes += more.loadedBytes * times;
  into.storedBytes += more.storedBytes * times;
  into.operations += more.operations * times;
  return into;
};

const bufferBytes = ({ dtype, layout }: Buffer): number => byteSize[dtype] * layout.size;
const peakBytes = (p: Program): number => {
  const own = [...p.buffers.values()].filter((b) => b.sameAs === undefined);
  const total = (role: Buffer['role']): number => own.reduce((sum, b) => sum + (b.role === role ? bufferBytes(b) : 0), 0);
  return (p.arena?.bytes ?? total('temporary')) + total('state');
};

// ---- Steps

const countSteps = (steps: readonly Step[], c: Context, run: (kernel: string, middle: Context['middle']) => Tally): Tally =>
  steps.reduce((sum, step) => plus(sum, countStep(step, c, run)), nothing());

const countStep = (step: Step, c: Context, run: (kernel: string, middle: Context['middle']) => Tally): Tally => {
  switch (step.kind) {
    case 'run': return plus({ ...nothing(), launches: 1 }, run(step.kernel, c.middle));
    case 'barrier': return { ...nothing(), barriers: 1 };
    // how often a test holds is not known: one run stands for all
    case 'loop': return plus(nothing(), countSteps(step.body, bind(step, c), run), step.while === undefined ? trips(step.extent, c) : 1);
    case 'branch': {
      const cases = step.cases.map((body) => countSteps(body, c, run));
      return cases.reduce((most, tally) => (tally.operations + tally.loadedBytes > most.operations + most.loadedBytes ? tally : most), nothing());
    }
  }
};

// ---- Kernels

const countKernel = (kernel: Kernel, c: Context): Tally =>
  countBlock(kernel.body, { ...c, elementBytes: new Map(kernel.params.map((p) => [p.name, byteSize[p.dtype]])) });

const countBlock = (block: Block, outer: Context): Tally => {
  let c = outer;
  return block.reduce((sum, stmt) => {
    if (stmt.kind === 'let' && stmt.value.kind === 'index') c = { ...c, locals: new Map([...c.locals, [stmt.local, at(stmt.value.index, c)]]) };
    return plus(sum, countStmt(stmt, c));
  }, nothing());
};

const bind = ({ axis, extent }: Axis, c: Context): Context =>
  ({ ...c, middle: new Map([...c.middle, [axis, Math.max(0, (trips(extent, c) - 1) / 2)]]) });
/** what an index is, outer axes at the middle of their ranges */
const at = (index: Index, { sizes, middle, locals }: Context): number => {
  const bounds: Bounds = (leaf) => {
    const value = leaf.kind === 'axis' ? middle.get(leaf.axis) ?? 0 : leaf.kind === 'size' ? sizes[leaf.sym] ?? 0 : Math.min(leaf.hi, Math.max(leaf.lo, locals.get(leaf.local) ?? (leaf.lo + leaf.hi) / 2));
    return { lo: value, hi: value };
  };
  return range(index, bounds).hi;
};
/** how often a loop runs */
const trips = (extent: Index, c: Context): number => Math.max(0, at(extent, c));

const repeat = (axes: readonly Axis[], c: Context, body: (inner: Context) => Tally): Tally => {
  if (axes.length === 0) return body(c);
  const [first, ...rest] = axes;
  return plus(nothing(), repeat(rest, bind(first, c), body), trips(first.extent, c));
};

const countStmt = (stmt: Stmt, c: Context): Tally => {
  switch (stmt.kind) {
    case 'for': return repeat([stmt], c, (inner) => countBlock(stmt.body, inner));
    case 'let': return countExpr(stmt.value, c);
    case 'alloc': return nothing();
    case 'store': return plus(countExpr(stmt.value, c), traffic(stmt.to, c, 'storedBytes'));
    case 'fold': return countFold(stmt, c);
    case 'if': return plus(plus(countExpr(stmt.test, c), countBlock(stmt.then, c)), countBlock(stmt.else, c));
    case 'block': return countBlock(stmt.body, c);
    case 'contract': return repeat([...stmt.m, ...stmt.n], c, (tile) => {
      const start = stmt.init === undefined ? nothing() : countExpr(stmt.init, tile);
      const sum = repeat(stmt.k, tile, (inner) => plus(plus({ ...nothing(), operations: 2 }, countExpr(stmt.a, inner)), countExpr(stmt.b, inner)));
      return plus(plus(start, sum), countBlock(stmt.then, tile));
    });
  }
};

const countFold = ({ into, monoid, values }: Extract<Stmt, { kind: 'fold' }>, c: Context): Tally => {
  const sum: Tally = { ...nothing(), operations: monoidRow(monoid).state };
  for (const value of values) plus(sum, countExpr(value, c));
  for (const place of into) plus(plus(sum, traffic(place, c, 'loadedBytes')), traffic(place, c, 'storedBytes'));
  return sum;
};

const traffic = (place: Place, c: Context, way: 'loadedBytes' | 'storedBytes'): Tally =>
  ({ ...nothing(), [way]: c.elementBytes.get(place.buffer) ?? 0 });

const countExpr = (expr: Expr, c: Context): Tally => {
  switch (expr.kind) {
    case 'const': case 'index': case 'guard': case 'local': return nothing();
    case 'load': return plus(traffic(expr.from, c, 'loadedBytes'), countExpr(expr.other, c));
    case 'apply': return expr.args.reduce((sum, arg) => plus(sum, countExpr(arg, c)), { ...nothing(), operations: 1 });
  }
};
