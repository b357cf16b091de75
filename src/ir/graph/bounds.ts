import { isFloat, type DType } from '../../core/dtype.ts';
import { evaluateOne, interpretNodes, type ArrayValue, type InterpretOptions } from './interpret.ts';
import type { Module, Node } from './syntax.ts';
import { unrolled } from './unroll.ts';
import { nodesOf, topological } from './walk.ts';
import { evaluatorFor, scalarRow } from '../scalars.ts';
import type { TypedArray } from '../../core/dtype.ts';

/**
 * How far a computation in 32-bit floats may lie from the meaning in doubles: an error bound for every element of every
 * value, followed through the program (Wilkinson's running error analysis). A jump that a rounding error can trip
 * (floor, comparison, argmax) makes the bound infinite: such an element says nothing.
 */
export interface Bounded { readonly value: TypedArray; readonly error: Float64Array }

export interface BoundOptions {
  /** the unit roundoff; 2⁻²⁴ for f32 */
  readonly epsilon?: number;
  /** units of roundoff allowed to one scalar function */
  readonly ulps?: number;
  readonly bindings?: InterpretOptions['bindings'];
}

/** the distance of two numbers of the dtype below its normal numbers */
const least = (dtype: DType): number => (dtype === 'f16' ? 2 ** -24 : dtype === 'bf16' ? 2 ** -133 : 1e-42);
/** what is lost where a result is stored below the normal numbers of its dtype */
const underflow = (n: Node, value: ArrayLike<number>, error: Float64Array): Float64Array =>
  (isFloat(n.type.dtype) && n.type.dtype !== 'f64' && (n.op === 'reduce' || n.op === 'overlapAdd' || n.op === 'dotGeneral' || n.op === 'scatter') ? error.map((e, i) => (value[i] === 0 ? e : e + least(n.type.dtype))) : error);

/** The results of a module whose graphs are inlined but for those that loops and choices run, each with its bound. */
export const boundedResults = (given: Module, args: readonly TypedArray[], { epsilon = 2 ** -24, ulps = 8, bindings = {} }: BoundOptions = {}): readonly Bounded[] => {
  const module = unrolled(given, runsOf(given, args, bindings)), { values } = interpretNodes(module, args, { precision: 'f64', bindings });
  const graph = module.graphs.get(module.main);
  if (graph === undefined) return [];
  const errors = new Map<Node, Float64Array>();
  const valueOf = (n: Node): ArrayValue => values.get(n)?.[0] ?? { dtype: n.type.dtype, shape: [], data: new Float64Array(0) };
  const units: { readonly [D in DType]: number } = { f32: epsilon * ulps, f64: 2 ** -52 * ulps, f16: 2 ** -11 + epsilon * ulps, bf16: 2 ** -8 + epsilon * ulps, i32: 0, u32: 0, bool: 0 };
  const unit = (n: Node): number => units[n.type.dtype];
  for (const n of topological([...graph.params, ...graph.results])) {
    if (n.results.length > 1) continue;
    const of = n.op === 'get' ? n.inputs[0] : n;
    if (n.op === 'get' && of.op === 'reduce') {
      const x = of.inputs[n.attrs.index];
      errors.set(n, reduceError(of, valueOf(x), errors.get(x) ?? new Float64Array(0), unit(n), bindings));
      continue;
    }
    const errorsOf = (x: Node): Float64Array => errors.get(x) ?? new Float64Array(0), extreme = ownExtreme(n);
    errors.set(n, extreme === undefined ? underflow(n, valueOf(n).data, errorOf(n, valueOf(n), n.inputs.map(valueOf), n.inputs.map(errorsOf), unit(n), bindings))
      : mapError(extreme.node, valueOf(n), extreme.operands.map(valueOf), extreme.operands.map(errorsOf), 0, extreme.of));
  }
  return graph.results.map((r) => ({ value: valueOf(r).data, error: errors.get(r) ?? new Float64Array(0) }));
};

/** how often each loop runs at most, where the module has any */
const runsOf = (module: Module, args: readonly TypedArray[], bindings: InterpretOptions['bindings'] = {}): ((loop: Node<'while'>) => number) | undefined => {
  if (![...module.graphs.values()].some((graph) => nodesOf(graph).some((n) => n.op === 'while'))) return undefined;
  const runs = new Map<Node, number>();
  interpretNodes(module, args, { precision: 'f64', bindings, ran: (loop, n) => { runs.set(loop, Math.max(n, runs.get(loop) ?? 0)); } });
  return (loop) => runs.get(loop) ?? 0;
};

const errorOf = (n: Node, y: ArrayValue, inputs: readonly ArrayValue[], errors: readonly Float64Array[], unit: number, bindings: BoundOptions['bindings']): Float64Array => {
  const as = (i: number, data: ArrayLike<number>): ArrayValue => ({ dtype: 'f64', shape: inputs[i].shape, data: Float64Array.from(data) });
  const moved = (node: Node): Float64Array => Float64Array.from(evaluateOne(node, inputs.map((_, i) => as(i, errors[i])), bindings).data);
  switch (n.op) {
    case 'parameter': case 'constant': case 'iota': case 'getDimensionSize': return new Float64Array(y.data.length);
    case 'map': return mapError(n, y, inputs, errors, unit);
    case 'dotGeneral': {
      const of = (a: ArrayLike<number>, b: ArrayLike<number>): ArrayLike<number> => evaluateOne(n, [as(0, a), as(1, b)], bindings).data;
      const [a, b] = inputs.map((x) => Float64Array.from(x.data, Math.abs));
      const terms = n.attrs.contract[0].reduce((k, axis) => k * inputs[0].shape[axis], 1);
      const [left, right, both, size] = [of(a, errors[1]), of(errors[0], b), of(errors[0], errors[1]), of(a, b)];
      return Float64Array.from(y.data, (_, i) => left[i] + right[i] + both[i] + unit * Math.sqrt(terms + 1) * size[i]).map(infiniteForNaN);
    }
    case 'overlapAdd': {
      const carried = moved(n), size = evaluateOne(n, [as(0, inputs[0].data.map(Math.abs))], bindings).data, terms = inputs[0].shape[n.attrs.axis + 1];
      return carried.map((e, i) => e + unit * Math.sqrt(terms + 1) * size[i]);
    }
    case 'reduce': return reduceError(n, inputs[0], errors[0], unit, bindings);
    case 'gather': {
      const rows = evaluateOne(n, [as(0, errors[0]), inputs[1]], bindings).data, per = inputs[0].shape.slice(1).reduce((k, d) => k * d, 1);
      return Float64Array.from(rows, (e, i) => (errors[1][Math.floor(i / per)] === 0 ? e : Infinity));
    }
    case 'dynamicSlice': case 'dynamicUpdateSlice': {
      const values = n.op === 'dynamicSlice' ? 1 : 2;
      const part = n.op === 'dynamicSlice' ? y.shape : inputs[1].shape;
      if (errors.slice(values).some((e, axis) => e[0] !== 0 && part[axis] !== inputs[0].shape[axis])) return new Float64Array(y.data.length).fill(Infinity);
      return Float64Array.from(evaluateOne(n, inputs.map((x, i) => (i < values ? as(i, errors[i]) : x)), bindings).data);
    }
    case 'argsort': return orderError(n, y, inputs, errors);
    case 'scatter': return scatterError(n, inputs, errors, unit, bindings);
    default: return moved(n);
  }
};
const scatterError = (n: Node<'scatter'>, inputs: readonly ArrayValue[], errors: readonly Float64Array[], unit: number, bindings: BoundOptions['bindings']): Float64Array => {
  if (errors[1].some((e) => e !== 0)) return new Float64Array(inputs[0].data.length).fill(Infinity);
  const over = (monoid: 'add' | 'mul' | 'set', x: ArrayLike<number>, u: ArrayLike<number>): ArrayLike<number> => {
    const of = (i: number, data: ArrayLike<number>): ArrayValue => ({ dtype: 'f64', shape: inputs[i].shape, data: Float64Array.from(data) });
    return evaluateOne({ ...n, attrs: { monoid }, type: { ...n.type, dtype: 'f64' } }, [of(0, x), inputs[1], of(2, u)], bindings).data;
  };
  if (n.attrs.monoid === 'set') return Float64Array.from(over('set', errors[0], errors[2]));
  const [x, u] = [inputs[0], inputs[2]].map((v) => Float64Array.from(v.data, Math.abs)), terms = inputs[1].data.length + 1;
  if (n.attrs.monoid === 'mul') {
    const far = over('mul', x.map((v, i) => v + errors[0][i]), u.map((v, i) => v + errors[2][i])), near = over('mul', x, u);
    return Float64Array.from(far, (f, i) => infiniteForNaN(f - near[i] + unit * terms * f));
  }
  const carried = over('add', errors[0], errors[2]), size = over('add', x, u);
  return Float64Array.from(carried, (e, i) => e + unit * Math.sqrt(terms) * size[i]);
};
/** all of a row where a rounding error can exchange two that stand side by side in its order */
const orderError = ({ attrs: { axis } }: Node<'argsort'>, y: ArrayValue, keys: readonly ArrayValue[], errors: readonly Float64Array[]): Float64Array => {
  const result = new Float64Array(y.data.length), length = y.shape[axis], step = y.shape.slice(axis + 1).reduce((k, d) => k * d, 1);
  const apart = (a: number, b: number): boolean => {
    for (const [k, { data }] of keys.entries()) {
      const error = errors[k][a] + errors[k][b], same = data[a] === data[b] || (Number.isNaN(data[a]) && Number.isNaN(data[b]));
      if (error === 0 ? !same : Math.abs(data[a] - data[b]) > error) return true;
      if (error !== 0) return false;
    }
    return true;
  };
  for (let i = 0; i < result.length; i++) {
    if (Math.floor(i / step) % length !== 0) continue;
    const at = (place: number): number => i + y.data[i + place * step] * step;
    const steady = Array.from({ length: Math.max(0, length - 1) }, (_, p) => apart(at(p), at(p + 1))).every(Boolean);
    if (!steady) for (let p = 0; p < length; p++) result[i + p * step] = Infinity;
  }
  return result;
};
const infiniteForNaN = (e: number): number => (Number.isNaN(e) ? Infinity : e);

/**
 * A comparison of max(x, y) or min(x, y) with x or y, as derivatives make: which of the two it is cannot be tripped by the
 * rounding of the extreme, which is one of them, but only where x and y are as near as their own errors.
 */
const ownExtreme = (n: Node): { readonly node: Node<'map'>; readonly operands: readonly Node[]; readonly of: (x: number, y: number) => number } | undefined => {
  if (n.op !== 'map' || typeof n.attrs.fn !== 'string' || !['lt', 'le', 'gt', 'ge', 'eq', 'ne'].includes(n.attrs.fn)) return undefined;
  const compared = evaluatorFor(n.attrs.fn, 'f64'), at = n.inputs.findIndex((x, i) => x.op === 'map' && (x.attrs.fn === 'max' || x.attrs.fn === 'min') && x.inputs.includes(n.inputs[1 - i]));
  const extreme = n.inputs[at];
  if (extreme?.op !== 'map') return undefined;
  const other = extreme.inputs.indexOf(n.inputs[1 - at]), chosen = evaluatorFor(extreme.attrs.fn, 'f64');
  return { node: n, operands: extreme.inputs, of: (x, y) => { const m = chosen(x, y), o = other === 0 ? x : y; return at === 0 ? compared(m, o) : compared(o, m); } };
};

const mapError = (n: Node<'map'>, y: ArrayValue, inputs: readonly ArrayValue[], errors: readonly Float64Array[], unit: number, of?: (x: number, y: number) => number): Float64Array => {
  const { fn, dtype } = n.attrs, operand = inputs[fn === 'select' ? 1 : 0];
  const exact = !isFloat(dtype), jumps = exact || (typeof fn === 'string' && scalarRow(fn).jumps === true);
  const f = of ?? (fn === 'convert' ? (x: number): number => (isFloat(dtype) ? x : dtype === 'bool' ? Number(x !== 0) : Math.trunc(x)) : evaluatorFor(fn, operand.dtype));
  // a value compared with itself is off by as much on both sides
  const together = (j: number, k: number): boolean => of === undefined && n.inputs[j] === n.inputs[k];
  return Float64Array.from(y.data, (value, i) => {
    const x = inputs.map((v) => v.data[i]), center = f(...x);
    let error = exact ? 0 : unit * Math.abs(value) + least(dtype);
    for (const [k, own] of errors.entries()) {
      if (own[i] === 0) continue;
      if (own[i] === Infinity) return Infinity;
      const off = Math.max(...[-own[i], own[i]].map((d) => Math.abs(f(...x.map((v, j) => (j === k || together(j, k) ? v + d : v))) - center)));
      if (jumps && off > (exact ? 0 : 0.25 * Math.max(1, own[i]))) return Infinity;
      error += Number.isNaN(off) ? Infinity : off;
    }
    return error;
  });
};

const reduceError = (n: Node<'reduce'>, x: ArrayValue, error: Float64Array, unit: number, bindings: BoundOptions['bindings']): Float64Array => {
  const over = (monoid: 'add' | 'mul' | 'max', data: ArrayLike<number>): ArrayLike<number> =>
    evaluateOne({ ...n, attrs: { ...n.attrs, monoid } }, [{ dtype: 'f64', shape: x.shape, data: Float64Array.from(data) }], bindings).data;
  const terms = n.attrs.axes.reduce((k, axis) => k * x.shape[axis], 1);
  const sizes = Float64Array.from(x.data, Math.abs);
  const worst = Float64Array.from(over('max', error), (e) => Math.max(0, e));
  switch (n.attrs.monoid) {
    case 'add': { const sum = over('add', error), size = over('add', sizes); return worst.map((_, i) => sum[i] + unit * Math.sqrt(terms + 1) * size[i]); }
    case 'mul': {
      const far = over('mul', sizes.map((s, i) => s + error[i])), near = over('mul', sizes);
      return worst.map((_, i) => infiniteForNaN(far[i] - near[i] + unit * (terms + 1) * far[i]));
    }
    case 'argMax': case 'argMin': {
      const sign = n.attrs.monoid === 'argMax' ? 1 : -1;
      const high = over('max', x.data.map((v) => sign * v)), top = evaluateOne({ ...n, attrs: { ...n.attrs, monoid: 'max' } }, [{ ...x, dtype: 'f64', data: Float64Array.from(error) }], bindings).data;
      const spread = { ...n, op: 'broadcastInDim' as const, attrs: { shape: x.shape, dims: x.shape.flatMap((_, i) => (n.attrs.axes.includes(i) ? [] : [i])) }, type: { dtype: 'f64' as const, shape: x.shape } } as Node;
      const kept = x.shape.filter((_, i) => !n.attrs.axes.includes(i));
      const back = (data: ArrayLike<number>): ArrayLike<number> => evaluateOne(spread, [{ dtype: 'f64', shape: kept, data: Float64Array.from(data) }], bindings).data;
      const [best, slack] = [back(high), back(top)];
      const near = over('add', x.data.map((v, i) => (sign * v >= best[i] - 2 * slack[i] ? 1 : 0)));
      return worst.map((w, i) => (w > 0 && near[i] > 1 ? Infinity : 0));
    }
    default: return worst;
  }
};

/** The first element that lies beyond its bound, and how many could not be judged. */
export const compare = (actual: ArrayLike<number>, { value, error }: Bounded): { readonly beyond?: { readonly index: number; readonly actual: number; readonly wanted: number; readonly bound: number }; readonly skipped: number } => {
  let skipped = 0;
  for (const [index, wanted] of value.entries()) {
    if (error[index] === Infinity) { skipped++; continue; }
    const same = Object.is(actual[index], wanted) || Math.abs(actual[index] - wanted) <= error[index] || (Number.isNaN(wanted) && Number.isNaN(actual[index])) || actual[index] === wanted;
    if (!same) return { beyond: { index, actual: actual[index], wanted, bound: error[index] }, skipped };
  }
  return { skipped };
};
