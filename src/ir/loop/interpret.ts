import type { Atom, AxisId, Guard, Index, LocalId } from '../../core/affine.ts';
import type { Bindings } from '../../core/dim.ts';
import { computedAs, isFloat, isHalf, roundTo, typedArray } from '../../core/dtype.ts';
import type { DType, TypedArray } from '../../core/dtype.ts';
import { InternalError, invariant } from '../../core/invariant.ts';
import { monoidRow } from '../monoids.ts';
import type { MonoidName } from '../monoids.ts';
import { evaluatorFor, isScalarName } from '../scalars.ts';
import type { ScalarOp } from '../scalars.ts';
import type { Axes, Block, BufferId, Expr, Kernel, Place, Program, Step, Stmt } from './syntax.ts';

/*
 * The meaning of the loop IR, written to be read: it walks the statements, checks every index, and shares no index
 * algebra with the passes that it judges. Grid, unrolled and vector loops run in order like any other.
 */
export interface InterpretOptions {
  /**
   * `f64`: floats are doubles everywhere. `native`: stores round to the buffer's dtype, locals and registers hold
   * doubles (as in the generated JavaScript). Integers are exact and wrap in both.
   */
  readonly precision: 'f64' | 'native';
  /** values of the bounded dimensions */
  readonly sizes?: Bindings;
  /** runs grid loops from the last iteration to the first: the result may not change */
  readonly backward?: boolean;
}

interface Cells {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: TypedArray;
  /** which elements hold a value; absent where all do from the start */
  readonly written: Uint8Array | undefined;
  readonly access: 'read' | 'write' | 'update';
}
interface Machine {
  readonly options: InterpretOptions;
  readonly kernel: string;
  readonly axes: Map<AxisId, number>;
  readonly locals: Map<LocalId, Local>;
  readonly memory: Map<BufferId, Cells>;
}
interface Local { readonly dtype: DType; readonly value: number }

/**
 * Runs the program on the given inputs and states (which it leaves as they are) and gives its outputs by name.
 * An index out of bounds, a read of a temporary that nothing wrote or a write to a `read` parameter is an InternalError.
 */
export const interpretProgram = (p: Program, inputs: ReadonlyMap<BufferId, TypedArray>, options: InterpretOptions): ReadonlyMap<BufferId, TypedArray> => {
  for (const [sym, max] of p.syms) {
    const value = options.sizes?.[sym] ?? NaN;
    invariant(Number.isInteger(value) && value >= 0 && value <= max, `${sym} = ${value} is not an integer from 0 to ${max}`);
  }
  const memory = new Map<BufferId, Cells>();
  for (const name of p.buffers.keys()) memory.set(name, storage(p, name, inputs, options, memory));
  runSteps(p, p.steps, memory, new Map(), options);
  return new Map(p.outputs.map((name) => [name, found(memory, name, 'buffer').values]));
};

const found = <V>(map: ReadonlyMap<string, V>, name: string, what: string): V => map.get(name) ?? stop(`no ${what} ${name}`);
/** where a check is passed millions of times its message is made only when it fails */
const stop = (message: string): never => {
  throw new InternalError(`internal error: ${message}`);
};

/** f32 is held as f64 where nothing is to be rounded */
const heldAs = (dtype: DType, options: InterpretOptions): DType => (options.precision === 'f64' && isFloat(dtype) ? 'f64' : dtype);

const storage = (p: Program, name: BufferId, inputs: ReadonlyMap<BufferId, TypedArray>, options: InterpretOptions, done: Map<BufferId, Cells>): Cells => {
  const known = done.get(name);
  if (known !== undefined) return known;
  const { sameAs, dtype, layout, role, value } = found(p.buffers, name, 'buffer');
  if (sameAs !== undefined) return storage(p, sameAs, inputs, options, done);
  const given = role === 'input' || role === 'state' ? found(inputs, name, 'input') : value;
  const empty = typedArray(heldAs(dtype, options), layout.size);
  invariant(given === undefined || typeof given === 'number' || given.length === layout.size, `${name} has ${layout.size} elements`);
  const values = typeof given === 'number' ? empty.fill(given) : given === undefined ? empty : typedArray(heldAs(dtype, options), given);
  const written = given === undefined ? new Uint8Array(layout.size) : undefined;
  const cells: Cells = { dtype, shape: [layout.size], values, written, access: role === 'constant' ? 'read' : 'update' };
  done.set(name, cells);
  return cells;
};

// ---- Steps

const runSteps = (p: Program, steps: readonly Step[], memory: Map<BufferId, Cells>, axes: Map<AxisId, number>, options: InterpretOptions): void => {
  for (const step of steps) runStep(p, step, memory, axes, options);
};

const runStep = (p: Program, step: Step, memory: Map<BufferId, Cells>, axes: Map<AxisId, number>, options: InterpretOptions): void => {
  switch (step.kind) {
    case 'barrier': return;
    case 'run': return runKernel(found(p.kernels, step.kernel, 'kernel'), step.args, memory, axes, options);
    case 'loop': {
      const extent = indexValue(step.extent, { options, kernel: p.name, axes, locals: new Map(), memory });
      for (let t = 0; t < extent; t++) {
        if (step.while !== undefined && firstOf(found(memory, step.while, 'buffer'), step.while) === 0) break;
        axes.set(step.axis, t);
        runSteps(p, step.body, memory, axes, options);
      }
      axes.delete(step.axis);
      return;
    }
    case 'branch': {
      const which = firstOf(found(memory, step.on, 'buffer'), step.on);
      // out of range is the last case, as in StableHLO
      const chosen = step.cases[which >= 0 && which < step.cases.length ? which : step.cases.length - 1];
      return runSteps(p, chosen ?? [], memory, axes, options);
    }
  }
};

const firstOf = (cells: Cells, name: BufferId): number => {
  invariant(cells.written === undefined || cells.written[0] === 1, `${name} decides before anything wrote it`);
  return cells.values[0];
};

const runKernel = (kernel: Kernel, args: readonly BufferId[], buffers: Map<BufferId, Cells>, axes: Map<AxisId, number>, options: InterpretOptions): void => {
  invariant(args.length === kernel.params.length, `${kernel.name} takes ${kernel.params.length} buffers`);
  const memory = new Map<BufferId, Cells>();
  kernel.params.forEach(({ name, dtype, size, access }, i) => {
    const cells = found(buffers, args[i], 'buffer');
    invariant(cells.dtype === dtype && size <= cells.values.length, `${args[i]} does not fit ${name} of ${kernel.name}`);
    invariant(access === 'read' || cells.access !== 'read', `${kernel.name} writes the constant ${args[i]}`);
    memory.set(name, { ...cells, shape: [size], access });
  });
  runBlock(kernel.body, { options, kernel: kernel.name, axes: new Map(axes), locals: new Map(), memory });
};

// ---- Statements

const runBlock = (block: Block, m: Machine): void => {
  for (const stmt of block) runStmt(stmt, m);
};

const runStmt = (stmt: Stmt, m: Machine): void => {
  switch (stmt.kind) {
    case 'for': return repeat(stmt.axis, stmt.extent, m, () => runBlock(stmt.body, m), stmt.mode.at === 'grid' && m.options.backward === true);
    case 'let': return void m.locals.set(stmt.local, { dtype: dtypeOf(stmt.value, m), value: value(stmt.value, m) });
    case 'alloc': return void m.memory.set(stmt.buffer, fresh(stmt, m));
    case 'store': return holds(stmt.guard, m) ? write(stmt.to, value(stmt.value, m), m) : undefined;
    case 'fold': return fold(stmt, m);
    case 'if': return runBlock(value(stmt.test, m) !== 0 ? stmt.then : stmt.else, m);
    case 'block': return runBlock(stmt.body, m);
    case 'contract': return contract(stmt, m);
  }
};

const repeat = (axis: AxisId, extent: Index, m: Machine, body: () => void, backward = false): void => {
  const end = indexValue(extent, m);
  for (let n = 0; n < end; n++) {
    m.axes.set(axis, backward ? end - 1 - n : n);
    body();
  }
  m.axes.delete(axis);
};
const repeatAll = (axes: Axes, m: Machine, body: () => void): void => {
  if (axes.length === 0) return body();
  const [{ axis, extent }, ...rest] = axes;
  repeat(axis, extent, m, () => repeatAll(rest, m, body));
};

const fresh = (stmt: Extract<Stmt, { kind: 'alloc' }>, { options }: Machine): Cells => {
  const size = stmt.shape.reduce((n, d) => n * d, 1);
  const held = stmt.space === 'register' && isFloat(stmt.dtype) ? 'f64' : heldAs(stmt.dtype, options);
  return { dtype: stmt.dtype, shape: stmt.shape, values: typedArray(held, size), written: new Uint8Array(size), access: 'update' };
};

const contract = (stmt: Extract<Stmt, { kind: 'contract' }>, m: Machine): void =>
  repeatAll([...stmt.m, ...stmt.n], m, () => {
    // inside m and n, where the operands' locals and buffers are known
    const dtype = dtypeOf(stmt.a, m);
    let sum = stmt.init === undefined ? 0 : value(stmt.init, m);
    repeatAll(stmt.k, m, () => { sum = apply('add', dtype, [sum, apply('mul', dtype, [value(stmt.a, m), value(stmt.b, m)])]); });
    m.locals.set(stmt.c, { dtype, value: sum });
    runBlock(stmt.then, m);
  });

/** one value is lifted (with its position, where two are given); as many values as the state holds are a state */
const fold = ({ into, monoid, values }: Extract<Stmt, { kind: 'fold' }>, m: Machine): void => {
  const { state, lift } = monoidRow(monoid);
  const given = values.map((v) => value(v, m));
  const merged = merge(monoid, m, into[0], into.map((place) => read(place, m)), given.length === state ? given : lift(given[0], given[1]));
  into.forEach((place, i) => write(place, merged[i], m));
};
/** integers merge by the scalar function of that name, which wraps exactly */
const merge = (monoid: MonoidName, m: Machine, first: Place, a: readonly number[], b: readonly number[]): readonly number[] =>
  (isScalarName(monoid) ? [apply(monoid, found(m.memory, first.buffer, 'buffer').dtype, [a[0], b[0]])] : monoidRow(monoid).merge(a, b));

// ---- Memory

const where = ({ buffer, at }: Place, cells: Cells, m: Machine): number => {
  const { shape } = cells;
  if (at.length !== shape.length) stop(`${m.kernel}: ${buffer} has ${shape.length} dimensions, not ${at.length}`);
  let flat = 0;
  for (let d = 0; d < shape.length; d++) {
    const i = indexValue(at[d], m);
    if (!(Number.isInteger(i) && i >= 0 && i < shape[d])) stop(`${m.kernel}: index ${i} of ${buffer} is not within 0 … ${shape[d] - 1}${point(m)}`);
    flat = flat * shape[d] + i;
  }
  return flat;
};
const point = (m: Machine): string => ` at ${[...m.axes].map(([axis, n]) => `${axis} = ${n}`).join(', ')}`;

const read = (place: Place, m: Machine): number => {
  const cells = found(m.memory, place.buffer, 'buffer'), i = where(place, cells, m);
  if (cells.access === 'write') stop(`${m.kernel} reads ${place.buffer}, which it may only write`);
  if (cells.written?.[i] === 0) stop(`${m.kernel}: ${place.buffer}[${i}] is read before it is written${point(m)}`);
  return cells.values[i];
};
const write = (place: Place, x: number, m: Machine): void => {
  const cells = found(m.memory, place.buffer, 'buffer'), i = where(place, cells, m);
  if (cells.access === 'read') stop(`${m.kernel} writes ${place.buffer}, which it may only read`);
  cells.values[i] = isFloat(cells.dtype) && !(isHalf(cells.dtype) && m.options.precision === 'native') ? x : roundTo[cells.dtype](x);
  if (cells.written !== undefined) cells.written[i] = 1;
};

// ---- Expressions

const value = (expr: Expr, m: Machine): number => {
  switch (expr.kind) {
    case 'const': return expr.value;
    case 'index': return isFloat(expr.dtype) ? indexValue(expr.index, m) : roundTo[expr.dtype](indexValue(expr.index, m));
    case 'guard': return holds(expr.guard, m) ? 1 : 0;
    case 'load': return holds(expr.guard, m) ? read(expr.from, m) : value(expr.other, m);
    case 'local': return found(m.locals, expr.local, 'local').value;
    case 'apply': {
      const x = apply(expr.fn, expr.dtype, expr.args.map((arg) => value(arg, m)));
      return expr.fn === 'convert' && m.options.precision === 'native' ? roundTo[expr.dtype](x) : x;
    }
  }
};

/** floats stay doubles until they are stored; integers wrap */
const apply = (fn: ScalarOp, dtype: DType, args: readonly number[]): number => {
  const x = evaluatorFor(fn, dtype)(...args);
  return isFloat(dtype) ? x : roundTo[dtype](x);
};

const dtypeOf = (expr: Expr, m: Machine): DType => {
  switch (expr.kind) {
    case 'const': case 'index': return expr.dtype;
    case 'apply': return computedAs(expr.dtype);
    case 'guard': return 'bool';
    case 'load': return computedAs(found(m.memory, expr.from.buffer, 'buffer').dtype);
    case 'local': return found(m.locals, expr.local, 'local').dtype;
  }
};

const indexValue = ({ bias, terms }: Index, m: Machine): number => {
  let sum = bias;
  for (const { by, of } of terms) sum += by * atomValue(of, m);
  return sum;
};

const atomValue = (atom: Atom, m: Machine): number => {
  switch (atom.kind) {
    case 'axis': return found(m.axes, atom.axis, 'axis');
    case 'size': return m.options.sizes?.[atom.sym] ?? NaN;
    case 'data': return Math.max(atom.lo, Math.min(atom.hi, found(m.locals, atom.local, 'local').value));
    case 'floorDiv': return Math.floor(indexValue(atom.num, m) / atom.den);
    case 'mod': {
      const n = indexValue(atom.num, m);
      return n - atom.den * Math.floor(n / atom.den);
    }
  }
};

const holds = (guard: Guard, m: Machine): boolean =>
  guard.every(({ is, of }) => (is === 'ge0' ? indexValue(of, m) >= 0 : indexValue(of, m) === 0));
