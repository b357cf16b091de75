import { isSym, sizeOf, type Bindings, type Dims } from '../../core/dim.ts';
import { isFloat, roundTo, typedArray, type DType, type TypedArray } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import { monoidRow } from '../monoids.ts';
import { evaluatorFor } from '../scalars.ts';
import type { Graph, Module, Node, OpName } from './syntax.ts';
import { topological } from './walk.ts';

/**
 * The meaning of the graph IR: node by node, over whole arrays, as plainly as it can be written.
 * `f64`: floats are computed and kept in double precision. `native`: every node's result is rounded to its dtype
 * (a reduction or contraction once, at its end). Integers are exact and wrap.
 */
export interface InterpretOptions {
  readonly precision?: 'f64' | 'native';
  readonly bindings?: Bindings;
  /** hears how often a loop ran, each time it has */
  readonly ran?: (loop: Node<'while'>, runs: number) => void;
}

/** A concrete array: sizes and elements in row-major order. Elements of f64 interpretation are doubles. */
export interface ArrayValue { readonly dtype: DType; readonly shape: readonly number[]; readonly data: TypedArray }

/** The results of a module's main graph for the arguments; transforms must have been expanded. */
export const interpret = (module: Module, args: readonly TypedArray[], options: InterpretOptions = {}): readonly TypedArray[] =>
  interpretNodes(module, args, options).results.map((r) => r.data);

/** The same with the value of every node of the main graph. */
export const interpretNodes = (module: Module, args: readonly TypedArray[], options: InterpretOptions = {}): { readonly results: readonly ArrayValue[]; readonly values: ReadonlyMap<Node, readonly ArrayValue[]> } => {
  const main = module.graphs.get(module.main);
  invariant(main !== undefined, `no graph is called '${module.main}'`);
  const c: Evaluation = { module, precision: options.precision ?? 'native', bindings: options.bindings ?? {}, ran: options.ran };
  const given = main.params.map((p, i) => toValue(c, p.type.dtype, sizes(c, p.type.shape), args[i]));
  return runGraph(c, main, given);
};

/** One node over given inputs, in double precision: for analyses that follow the meaning. */
export const evaluateOne = (node: Node, inputs: readonly ArrayValue[], bindings: Bindings = {}): ArrayValue =>
  apply({ module: { main: '', graphs: new Map() }, precision: 'f64', bindings }, node, inputs)[0];

interface Evaluation { readonly module: Module; readonly precision: 'f64' | 'native'; readonly bindings: Bindings; readonly ran?: InterpretOptions['ran'] | undefined }

const runGraph = (c: Evaluation, graph: Graph, args: readonly ArrayValue[]): { readonly results: readonly ArrayValue[]; readonly values: ReadonlyMap<Node, readonly ArrayValue[]> } => {
  const values = new Map<Node, readonly ArrayValue[]>(graph.params.map((p, i) => [p, [args[i]]]));
  const valueOf = (node: Node): readonly ArrayValue[] => { const v = values.get(node); invariant(v !== undefined, `${node.op} is used before it is computed`); return v; };
  for (const node of topological(graph.results)) if (!values.has(node)) values.set(node, evaluateNode(c, node, node.inputs.map(valueOf)));
  return { results: graph.results.map((r) => valueOf(r)[0]), values };
};

const sizes = (c: Evaluation, shape: Dims): readonly number[] => shape.map((d) => {
  const n = sizeOf(d, c.bindings);
  invariant(!Number.isNaN(n), `the dimension '${isSym(d) ? d.name : d}' is not bound`);
  return n;
});
const toValue = (c: Evaluation, dtype: DType, shape: readonly number[], data: ArrayLike<number>): ArrayValue => {
  invariant(data.length >= count(shape), `${data.length} elements given for [${shape.join(', ')}]`);
  const stored: DType = c.precision === 'f64' && isFloat(dtype) ? 'f64' : dtype;
  return { dtype, shape, data: typedArray(stored, Array.from({ length: count(shape) }, (_, i) => roundTo[stored](data[i]))) };
};

// ── positions in row-major arrays

const count = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
const linear = (at: readonly number[], shape: readonly number[]): number => at.reduce((sum, i, axis) => sum * shape[axis] + i, 0);
const element = ({ shape, data }: ArrayValue, at: readonly number[]): number => data[linear(at, shape)];
function* positions(shape: readonly number[]): Generator<readonly number[]> {
  const total = count(shape), at = shape.map(() => 0);
  for (let n = 0; n < total; n++) {
    yield at;
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis] === shape[axis]; axis--) at[axis] = 0;
  }
}
/** a result whose element at each position is given */
const filled = (c: Evaluation, dtype: DType, shape: readonly number[], at: (position: readonly number[]) => number): ArrayValue => {
  const data = new Array<number>(count(shape));
  let n = 0;
  for (const position of positions(shape)) data[n++] = at(position);
  return toValue(c, dtype, shape, data);
};
const without = (all: readonly number[], axes: readonly number[]): readonly number[] => all.filter((_, i) => !axes.includes(i));

// ── one node

type Meaning<K extends OpName> = (c: Evaluation, node: Node<K>, inputs: readonly ArrayValue[]) => readonly ArrayValue[];

const evaluateNode = (c: Evaluation, node: Node, inputs: readonly (readonly ArrayValue[])[]): readonly ArrayValue[] => {
  if (node.op === 'get') return [inputs[0][node.attrs.index]];
  return apply(c, node, inputs.map((v) => v[0]));
};
const apply = <K extends OpName>(c: Evaluation, node: Node<K>, inputs: readonly ArrayValue[]): readonly ArrayValue[] => {
  // SAFETY: the row is picked by the node's own operation
  const meaning = meanings[node.op] as unknown as Meaning<K>;
  return meaning(c, node, inputs);
};
const callGraph = (c: Evaluation, name: string, args: readonly ArrayValue[]): readonly ArrayValue[] => {
  const graph = c.module.graphs.get(name);
  invariant(graph !== undefined, `no graph is called '${name}'`);
  return runGraph(c, graph, args).results;
};
const refuse = (what: string): never => { throw new Error(`internal error: ${what}`); };

const meanings: { readonly [K in OpName]: Meaning<K> } = {
  parameter: () => refuse('a parameter without an argument'),
  constant: (c, { attrs: { type, value } }) => {
    const shape = sizes(c, type.shape);
    return [filled(c, type.dtype, shape, (at) => (typeof value === 'number' ? value : value[linear(at, shape)]))];
  },
  iota: (c, { attrs: { type, axis } }) => [filled(c, type.dtype, sizes(c, type.shape), (at) => at[axis])],
  map: (c, { attrs: { fn, dtype } }, inputs) => {
    const operand = fn === 'select' ? inputs[1] : inputs[0];
    const f = fn === 'convert' ? roundTo[dtype === 'f32' && c.precision === 'f64' ? 'f64' : dtype] : evaluatorFor(fn, operand.dtype);
    return [filled(c, dtype, inputs[0].shape, (at) => f(...inputs.map((x) => element(x, at))))];
  },
  broadcastInDim: (c, { attrs: { shape, dims } }, [x]) => [filled(c, x.dtype, sizes(c, shape), (at) => element(x, x.shape.map((d, i) => (d === 1 ? 0 : at[dims[i]]))))],
  reshape: (c, { attrs: { shape } }, [x]) => [toValue(c, x.dtype, sizes(c, shape), x.data)],
  transpose: (c, { attrs: { perm } }, [x]) => [filled(c, x.dtype, perm.map((axis) => x.shape[axis]), (at) => element(x, x.shape.map((_, axis) => at[perm.indexOf(axis)])))],
  slice: (c, { attrs: { starts, limits, strides }, type }, [x]) => {
    const shape = type.shape.map((d, i) => (isSym(d) ? x.shape[i] : Math.ceil((limits[i] - starts[i]) / strides[i])));
    return [filled(c, x.dtype, shape, (at) => element(x, at.map((i, axis) => starts[axis] + i * strides[axis])))];
  },
  pad: (c, { attrs: { low, interior }, type }, [x, value]) => [filled(c, x.dtype, sizes(c, type.shape), (at) => {
    const from = at.map((i, axis) => (i - low[axis]) / (interior[axis] + 1));
    const inside = from.every((i, axis) => Number.isInteger(i) && i >= 0 && i < x.shape[axis]);
    return inside ? element(x, from) : value.data[0];
  })],
  reverse: (c, { attrs: { axes } }, [x]) => [filled(c, x.dtype, x.shape, (at) => element(x, at.map((i, axis) => (axes.includes(axis) ? x.shape[axis] - 1 - i : i))))],
  concatenate: (c, { attrs: { axis } }, inputs) => {
    const shape = inputs[0].shape.map((d, i) => (i === axis ? inputs.reduce((n, x) => n + x.shape[axis], 0) : d));
    return [filled(c, inputs[0].dtype, shape, (at) => {
      let rest = at[axis];
      const piece = inputs.find((x) => { if (rest < x.shape[axis]) return true; rest -= x.shape[axis]; return false; }) ?? inputs[0];
      return element(piece, at.map((i, a) => (a === axis ? rest : i)));
    })];
  },
  window: (c, { attrs: { axis, size, stride, dilation } }, [x]) => {
    const length = x.shape[axis], last = length - 1 - (size - 1) * dilation, shape = [...x.shape.slice(0, axis), last < 0 ? 0 : Math.floor(last / stride) + 1, size, ...x.shape.slice(axis + 1)];
    return [filled(c, x.dtype, shape, (at) => element(x, [...at.slice(0, axis), at[axis] * stride + at[axis + 1] * dilation, ...at.slice(axis + 2)]))];
  },
  overlapAdd: (c, { attrs: { axis, length, stride, dilation }, type }, [y]) => {
    const shape = [...y.shape.slice(0, axis), length, ...y.shape.slice(axis + 2)], data = new Array<number>(count(shape)).fill(0);
    for (const at of positions(y.shape)) {
      const to = linear([...at.slice(0, axis), at[axis] * stride + at[axis + 1] * dilation, ...at.slice(axis + 2)], shape);
      data[to] = accumulate(type.dtype, data[to] + element(y, at));
    }
    return [toValue(c, type.dtype, shape, data)];
  },
  dotGeneral: (c, { attrs: { batch, contract }, type }, [a, b]) => {
    const leftFree = a.shape.map((_, i) => i).filter((i) => !batch[0].includes(i) && !contract[0].includes(i));
    const rightFree = b.shape.map((_, i) => i).filter((i) => !batch[1].includes(i) && !contract[1].includes(i));
    const shape = [...batch[0].map((i) => a.shape[i]), ...leftFree.map((i) => a.shape[i]), ...rightFree.map((i) => b.shape[i])];
    const inner = contract[0].map((i) => a.shape[i]);
    const multiply = evaluatorFor('mul', a.dtype);
    return [filled(c, type.dtype, shape, (at) => {
      let sum = 0;
      for (const k of positions(inner)) {
        const left = a.shape.map((_, axis) => pickAxis(axis, batch[0], contract[0], leftFree, at, k, 0));
        const right = b.shape.map((_, axis) => pickAxis(axis, batch[1], contract[1], rightFree, at, k, leftFree.length));
        sum = accumulate(type.dtype, sum + multiply(element(a, left), element(b, right)));
      }
      return sum;
    })];
  },
  reduce: (c, { attrs }, inputs) => {
    const { monoid } = attrs, { identity, lift, merge, gives } = monoidRow(monoid);
    return inputs.map((x) => {
      // a set: positions of elements count in the operand's order, however the axes are listed
      const all = x.shape.map((_, i) => i), axes = all.filter((i) => attrs.axes.includes(i));
      const kept = all.filter((i) => !axes.includes(i)), inner = axes.map((i) => x.shape[i]);
      return filled(c, gives === 'i32' ? 'i32' : x.dtype, without(x.shape, axes), (at) => {
        let state: readonly number[] = identity.map((e) => extreme(x.dtype, e)), position = 0;
        for (const k of positions(inner)) {
          const from = x.shape.map((_, axis) => (axes.includes(axis) ? k[axes.indexOf(axis)] : at[kept.indexOf(axis)]));
          const element_ = element(x, from);
          state = monoid === 'mul' && !isFloat(x.dtype) ? [accumulate(x.dtype, Math.imul(state[0], element_))] : merge(state, lift(element_, position));
          if (gives === 'same') state = state.map((s) => accumulate(x.dtype, s));
          position++;
        }
        return gives === 'i32' ? state[1] : state[0];
      });
    });
  },
  gather: (c, { type }, [table, ids]) => {
    const rank = ids.shape.length, shape = [...ids.shape, ...table.shape.slice(1)];
    return [filled(c, type.dtype, shape, (at) => {
      if (table.shape[0] === 0) return 0;
      const row = Math.min(Math.max(element(ids, at.slice(0, rank)), 0), table.shape[0] - 1);
      return element(table, [row, ...at.slice(rank)]);
    })];
  },
  scatter: (c, { attrs: { monoid }, type }, [x, ids, updates]) => {
    const rank = ids.shape.length, merged = (old: number, update: number): number => {
      if (monoid === 'set') return update;
      return accumulate(type.dtype, monoid === 'mul' && !isFloat(type.dtype) ? Math.imul(old, update) : monoidRow(monoid).merge([old], [update])[0]);
    };
    const data = Array.from(x.data);
    for (const at of positions(updates.shape)) {
      const row = element(ids, at.slice(0, rank));
      if (row < 0 || row >= x.shape[0]) continue;
      const to = linear([row, ...at.slice(rank)], x.shape);
      data[to] = merged(data[to], element(updates, at));
    }
    return [toValue(c, type.dtype, x.shape, data)];
  },
  dynamicSlice: (c, { type }, [x, ...starts]) => {
    const shape = sizes(c, type.shape), from = clampedStarts(x.shape, shape, starts);
    return [filled(c, type.dtype, shape, (at) => element(x, at.map((i, axis) => from[axis] + i)))];
  },
  dynamicUpdateSlice: (c, { type }, [x, update, ...starts]) => {
    const from = clampedStarts(x.shape, update.shape, starts), data = Array.from(x.data);
    for (const at of positions(update.shape)) data[linear(at.map((i, axis) => from[axis] + i), x.shape)] = element(update, at);
    return [toValue(c, type.dtype, x.shape, data)];
  },
  argsort: (c, { attrs: { axis, descending } }, keys) => {
    const { shape } = keys[0], data = new Array<number>(count(shape)).fill(0);
    for (const row of positions(shape.map((d, i) => (i === axis ? 1 : d)))) {
      const along = (place: number): readonly number[] => row.map((i, a) => (a === axis ? place : i));
      const order = Array.from({ length: shape[axis] }, (_, i) => i).sort((a, b) => {
        for (const key of keys) { const by = inOrder(element(key, along(a)), element(key, along(b)), descending); if (by !== 0) return by; }
        return a - b;
      });
      order.forEach((from, place) => { data[linear(along(place), shape)] = from; });
    }
    return [toValue(c, 'i32', shape, data)];
  },
  getDimensionSize: (c, { attrs: { axis } }, [x]) => [toValue(c, 'i32', [], [x.shape[axis]])],
  get: () => refuse('get is read by the evaluator'),
  scan: (c, { attrs: { graph, carries, slices, length, reverse }, results }, inputs) => {
    let state = inputs.slice(0, carries);
    const given = inputs.slice(carries, carries + slices), shared = inputs.slice(carries + slices), stacked = results.slice(carries).map((): ArrayValue[] => []);
    for (let n = 0; n < length; n++) {
      const t = reverse ? length - 1 - n : n, row = (x: ArrayValue): ArrayValue => ({ dtype: x.dtype, shape: x.shape.slice(1), data: x.data.slice(t * count(x.shape.slice(1)), (t + 1) * count(x.shape.slice(1))) });
      const made = callGraph(c, graph, [...state, ...given.map(row), ...shared]);
      state = made.slice(0, carries);
      made.slice(carries).forEach((y, i) => { stacked[i][t] = y; });
    }
    return [...state, ...stacked.map((rows, i) => toValue(c, results[carries + i].dtype, sizes(c, results[carries + i].shape), rows.flatMap((y) => Array.from(y.data))))];
  },
  while: (c, node, inputs) => {
    const { test, body, carries } = node.attrs, others = inputs.slice(carries);
    let state: readonly ArrayValue[] = inputs.slice(0, carries), runs = 0;
    for (; callGraph(c, test, [...state, ...others])[0].data[0] !== 0; runs++) state = callGraph(c, body, [...state, ...others]);
    c.ran?.(node, runs);
    return state;
  },
  case: (c, { attrs: { branches } }, [index, ...inputs]) => callGraph(c, branches[index.data[0]] ?? branches[branches.length - 1], inputs),
  call: (c, { attrs: { graph } }, inputs) => callGraph(c, graph, inputs),
  composite: (c, { attrs: { body } }, inputs) => callGraph(c, body, inputs),
  transform: (_, { attrs: { kind } }) => refuse(`${kind} has not been expanded`),
};

/** negative where x comes before y; NaN after all numbers */
const inOrder = (x: number, y: number, descending: boolean): number => {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x === y ? 0 : x < y === descending ? 1 : -1;
};
/** where a part lies, moved so that it fits */
const clampedStarts = (shape: readonly number[], part: readonly number[], starts: readonly ArrayValue[]): readonly number[] =>
  shape.map((size, axis) => Math.max(0, Math.min(starts[axis].data[0], size - part[axis])));
/** integers wrap at every step; floats are rounded once, when the result is stored */
const accumulate = (dtype: DType, x: number): number => (isFloat(dtype) ? x : roundTo[dtype](x));
const extreme = (dtype: DType, e: number): number => {
  if (Number.isFinite(e) || isFloat(dtype)) return e;
  if (dtype === 'i32') return e < 0 ? -2147483648 : 2147483647;
  return e < 0 ? 0 : dtype === 'u32' ? 4294967295 : 1;
};
const pickAxis = (axis: number, batch: readonly number[], contract: readonly number[], free: readonly number[], at: readonly number[], k: readonly number[], skip: number): number => {
  const b = batch.indexOf(axis), c = contract.indexOf(axis);
  if (b >= 0) return at[b];
  return c >= 0 ? k[c] : at[batch.length + skip + free.indexOf(axis)];
};
