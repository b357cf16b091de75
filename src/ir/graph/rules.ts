import * as E from 'fp-ts/lib/Either.js';
import { isSym, sameDim, sameShape, sameType, showDim, showShape, showType, type Dim, type Dims, type TensorType } from '../../core/dim.ts';
import { isFloat, isInteger, type DType } from '../../core/dtype.ts';
import { monoidRow } from '../monoids.ts';
import { scalarName, scalarRow, type ScalarOp, type ScalarRow } from '../scalars.ts';
import { windowCount, type Attrs, type Derivative, type Mapping, type OpName, type Windows } from './syntax.ts';

/** What a named graph takes and gives. */
export interface Signature { readonly params: readonly TensorType[]; readonly results: readonly TensorType[] }
export type Signatures = (name: string) => Signature | undefined;
export type Typed = E.Either<string, readonly TensorType[]>;
type TypeRule<K extends OpName> = (attrs: Attrs[K], inputs: readonly TensorType[], graphs: Signatures) => Typed;

const gives = (dtype: DType, shape: Dims): Typed => E.right([{ dtype, shape }]);
const wrong = (message: string): Typed => E.left(message);
const isPermutation = (perm: readonly number[], rank: number): boolean =>
  perm.length === rank && new Set(perm).size === rank && perm.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank);
const badAxis = (op: string, axes: readonly number[], shape: Dims): string | undefined => {
  const bad = axes.find((axis) => !Number.isInteger(axis) || axis < 0 || axis >= shape.length);
  if (bad !== undefined) return `${op}: axis ${bad} is out of range for ${showShape(shape)}`;
  return new Set(axes).size === axes.length ? undefined : `${op}: axes ${showShape(axes)} repeat`;
};
const without = (shape: Dims, axes: readonly number[]): Dims => shape.filter((_, i) => !axes.includes(i));
const isSize = (d: Dim): boolean => isSym(d) || (Number.isInteger(d) && d >= 0);

const accepted: { readonly [T in ScalarRow['takes']]: (d: DType) => boolean } = {
  float: isFloat, number: (d) => d !== 'bool', integer: isInteger, bool: (d) => d === 'bool', integerOrBool: (d) => isInteger(d) || d === 'bool', any: () => true,
};

const map: TypeRule<'map'> = ({ fn, dtype }, inputs) => {
  const name = scalarName(fn), arity = typeof fn === 'string' ? scalarRow(fn).arity : fn.arity;
  if (inputs.length !== arity) return wrong(`${name}: takes ${arity} operands, but got ${inputs.length}`);
  const operands = fn === 'select' ? inputs.slice(1) : inputs;
  const [first] = operands;
  const other = inputs.find((t) => !sameShape(t.shape, first.shape));
  if (other !== undefined) return wrong(`${name}: shapes differ: ${showShape(first.shape)} and ${showShape(other.shape)}`);
  const typed = operands.find((t) => t.dtype !== first.dtype);
  if (typed !== undefined) return wrong(`${name}: dtypes differ: ${first.dtype} and ${typed.dtype}`);
  if (fn === 'select' && inputs[0].dtype !== 'bool') return wrong(`select: the condition must be bool, but is ${inputs[0].dtype}`);
  if (!accepted[takesOf(fn)](first.dtype)) return wrong(`${name}: does not take ${first.dtype}`);
  const result = resultDtype(fn, first.dtype, dtype);
  return result === dtype ? gives(result, first.shape) : wrong(`${name}: gives ${result}, not ${dtype}`);
};
const takesOf = (fn: ScalarOp): ScalarRow['takes'] => (typeof fn === 'string' ? scalarRow(fn).takes : 'float');
/** dtype of a scalar function's result; `wanted` is convert's */
export const resultDtype = (fn: ScalarOp, operand: DType, wanted: DType): DType => {
  const rule = typeof fn === 'string' ? scalarRow(fn).gives : 'same';
  return rule === 'bool' ? 'bool' : rule === 'attribute' ? wanted : operand;
};

const broadcastInDim: TypeRule<'broadcastInDim'> = ({ shape, dims }, [x]) => {
  if (dims.length !== x.shape.length) return wrong(`broadcastInDim: ${dims.length} axes named for ${showShape(x.shape)}`);
  if (dims.some((d, i) => i > 0 && d <= dims[i - 1])) return wrong(`broadcastInDim: axes ${showShape(dims)} must increase`);
  const bad = badAxis('broadcastInDim', dims, shape);
  if (bad !== undefined) return wrong(bad);
  const clash = x.shape.findIndex((d, i) => d !== 1 && !sameDim(d, shape[dims[i]]));
  if (clash >= 0) return wrong(`broadcastInDim: cannot broadcast ${showShape(x.shape)} to ${showShape(shape)}: ${showDim(x.shape[clash])} is not ${showDim(shape[dims[clash]])}, and is not 1`);
  return gives(x.dtype, shape);
};

/** the product of the sizes, and where each symbol stands: the elements that one step of it passes over */
const extent = (shape: Dims): { readonly count: number; readonly syms: string } => {
  let count = 1;
  const syms: string[] = [];
  for (const d of [...shape].reverse()) {
    count *= isSym(d) ? d.by : d;
    if (isSym(d)) syms.push(`${d.name}@${count}`);
  }
  return { count, syms: syms.join() };
};
const reshape: TypeRule<'reshape'> = ({ shape }, [x]) => {
  if (!shape.every(isSize)) return wrong(`reshape: ${showShape(shape)} has a size that is not a natural number`);
  const from = extent(x.shape), to = extent(shape);
  if (from.count !== to.count) return wrong(`reshape: ${showShape(x.shape)} has ${showCount(x.shape)} elements, but ${showShape(shape)} has ${showCount(shape)}`);
  if (from.syms !== to.syms) return wrong(`reshape: ${showShape(x.shape)} to ${showShape(shape)}: a named dimension may only be kept, or merged with the sizes right of it`);
  return gives(x.dtype, shape);
};
const showCount = (shape: Dims): string => {
  const names = shape.flatMap((d) => (isSym(d) ? [d.name] : []));
  const count = extent(shape).count;
  return [...(count === 1 && names.length > 0 ? [] : [String(count)]), ...names].join('*');
};

const slice: TypeRule<'slice'> = ({ starts, limits, strides }, [x]) => {
  const rank = x.shape.length;
  if (starts.length !== rank || limits.length !== rank || strides.length !== rank) return wrong(`slice: needs one range for each axis of ${showShape(x.shape)}`);
  const shape: Dim[] = [];
  for (const [i, d] of x.shape.entries()) {
    if (isSym(d)) {
      if (starts[i] !== 0 || limits[i] !== -1 || strides[i] !== 1) return wrong(`slice: the named dimension ${showDim(d)} must be taken whole`);
      shape.push(d);
    } else {
      if (!(starts[i] >= 0 && starts[i] <= limits[i] && limits[i] <= d)) return wrong(`slice: ${starts[i]} to ${limits[i]} is out of range for axis ${i} of ${showShape(x.shape)}`);
      if (!(strides[i] >= 1)) return wrong(`slice: the stride must be 1 or more, but is ${strides[i]}`);
      shape.push(Math.ceil((limits[i] - starts[i]) / strides[i]));
    }
  }
  return gives(x.dtype, shape);
};

const pad: TypeRule<'pad'> = ({ low, high, interior }, [x, value]) => {
  const rank = x.shape.length;
  if (low.length !== rank || high.length !== rank || interior.length !== rank) return wrong(`pad: needs one amount for each axis of ${showShape(x.shape)}`);
  if (value.shape.length !== 0 || value.dtype !== x.dtype) return wrong(`pad: the padding value must be a scalar ${x.dtype}, but is ${showType(value)}`);
  const shape: Dim[] = [];
  for (const [i, d] of x.shape.entries()) {
    if (isSym(d)) {
      if (low[i] !== 0 || high[i] !== 0 || interior[i] !== 0) return wrong(`pad: the named dimension ${showDim(d)} cannot be padded`);
      shape.push(d);
    } else {
      const size = d + low[i] + high[i] + Math.max(0, d - 1) * interior[i];
      if (interior[i] < 0 || size < 0) return wrong(`pad: axis ${i} of ${showShape(x.shape)} would have size ${size}`);
      shape.push(size);
    }
  }
  return gives(x.dtype, shape);
};

const concatenate: TypeRule<'concatenate'> = ({ axis }, inputs) => {
  if (inputs.length === 0) return wrong('concat: needs at least one tensor');
  const [first] = inputs;
  const bad = badAxis('concat', [axis], first.shape);
  if (bad !== undefined) return wrong(bad);
  let size = 0;
  for (const t of inputs) {
    if (t.dtype !== first.dtype) return wrong(`concat: dtypes differ: ${first.dtype} and ${t.dtype}`);
    if (t.shape.length !== first.shape.length) return wrong(`concat: ranks differ: ${showShape(first.shape)} and ${showShape(t.shape)}`);
    if (!t.shape.every((d, i) => i === axis || sameDim(d, first.shape[i]))) return wrong(`concat on axis ${axis}: ${showShape(first.shape)} and ${showShape(t.shape)} must agree on every other axis`);
    const d = t.shape[axis];
    if (isSym(d)) return inputs.length === 1 ? gives(t.dtype, t.shape) : wrong(`concat: the named dimension ${showDim(d)} cannot be concatenated along`);
    size += d;
  }
  return gives(first.dtype, first.shape.map((d, i) => (i === axis ? size : d)));
};

const badWindow = (op: string, { axis, stride, dilation }: Windows, size: number, shape: Dims): string | undefined => {
  const small = Object.entries({ size, stride, dilation }).find(([, n]) => !Number.isInteger(n) || n < 1);
  return badAxis(op, [axis], shape) ?? (small === undefined ? undefined : `${op}: the ${small[0]} must be 1 or more, but is ${small[1]}`);
};
const window: TypeRule<'window'> = (attrs, [x]) => {
  const { axis, size } = attrs, bad = badWindow('window', attrs, size, x.shape);
  if (bad !== undefined) return wrong(bad);
  const length = x.shape[axis];
  if (isSym(length)) return wrong(`window: no windows run along the named dimension ${showDim(length)}`);
  return gives(x.dtype, [...x.shape.slice(0, axis), windowCount(length, size, attrs), size, ...x.shape.slice(axis + 1)]);
};
const overlapAdd: TypeRule<'overlapAdd'> = (attrs, [y]) => {
  const { axis, length } = attrs, [count, size] = y.shape.slice(axis);
  if (y.dtype === 'bool') return wrong('overlapAdd: does not take bool');
  if (isSym(count ?? 0) || isSym(size ?? 0)) return wrong(`overlapAdd: no windows lie along the named dimensions of ${showShape(y.shape)}`);
  const bad = badWindow('overlapAdd', attrs, Number(size ?? 1), y.shape) ?? badAxis('overlapAdd', [axis, axis + 1], y.shape);
  if (bad !== undefined) return wrong(bad);
  const wanted = windowCount(length, Number(size), attrs);
  if (!(length >= 0) || wanted !== count) return wrong(`overlapAdd: ${length} elements have ${wanted} windows, but ${showShape(y.shape)} has ${showDim(count)}`);
  return gives(y.dtype, [...y.shape.slice(0, axis), length, ...y.shape.slice(axis + 2)]);
};

const dotGeneral: TypeRule<'dotGeneral'> = ({ batch, contract }, [a, b]) => {
  if (a.dtype !== b.dtype) return wrong(`matmul: dtypes differ: ${a.dtype} and ${b.dtype}`);
  if (a.dtype === 'bool') return wrong('matmul: does not take bool');
  if (batch[0].length !== batch[1].length || contract[0].length !== contract[1].length) return wrong('dotGeneral: the two sides name different numbers of axes');
  const left = [...batch[0], ...contract[0]], right = [...batch[1], ...contract[1]];
  const bad = badAxis('dotGeneral', left, a.shape) ?? badAxis('dotGeneral', right, b.shape);
  if (bad !== undefined) return wrong(bad);
  const clash = left.findIndex((axis, i) => !sameDim(a.shape[axis], b.shape[right[i]]));
  if (clash >= 0) {
    const what = clash < batch[0].length ? 'batch' : 'inner';
    return wrong(`matmul: ${what} sizes differ: ${showShape(a.shape)} x ${showShape(b.shape)}: ${showDim(a.shape[left[clash]])} is not ${showDim(b.shape[right[clash]])}`);
  }
  return gives(a.dtype, [...batch[0].map((axis) => a.shape[axis]), ...without(a.shape, left), ...without(b.shape, right)]);
};

const reduce: TypeRule<'reduce'> = ({ monoid, axes }, inputs) => {
  if (inputs.length === 0) return wrong('reduce: needs an operand');
  const row = monoidRow(monoid), [first] = inputs;
  for (const t of inputs) {
    if (!sameShape(t.shape, first.shape)) return wrong(`${monoid}: shapes differ: ${showShape(first.shape)} and ${showShape(t.shape)}`);
    if (!accepted[row.takes](t.dtype)) return wrong(`${monoid}: does not take ${t.dtype}`);
  }
  const bad = badAxis(monoid, axes, first.shape);
  if (bad !== undefined) return wrong(bad);
  return E.right(inputs.map((t) => ({ dtype: row.gives === 'i32' ? 'i32' : t.dtype, shape: without(t.shape, axes) })));
};

const rowsOf = (what: string, x: TensorType, ids: TensorType): string | undefined => {
  if (x.shape.length === 0) return `${what}: the table is a scalar`;
  return isInteger(ids.dtype) ? undefined : `${what}: indices must be integers, but are ${ids.dtype}`;
};
const gather: TypeRule<'gather'> = (_, [table, ids]) => {
  const bad = rowsOf('gather', table, ids);
  return bad === undefined ? gives(table.dtype, [...ids.shape, ...table.shape.slice(1)]) : wrong(bad);
};
const scatter: TypeRule<'scatter'> = ({ monoid }, [x, ids, updates]) => {
  const bad = rowsOf('scatter', x, ids);
  if (bad !== undefined) return wrong(bad);
  if (updates.dtype !== x.dtype) return wrong(`scatter: dtypes differ: ${x.dtype} and ${updates.dtype}`);
  if (x.dtype === 'bool' && monoid !== 'set') return wrong(`scatter: ${monoid} does not take bool`);
  const want = [...ids.shape, ...x.shape.slice(1)];
  return sameShape(updates.shape, want) ? gives(x.dtype, x.shape) : wrong(`scatter: the updates must be ${showShape(want)}, but are ${showShape(updates.shape)}`);
};

/** the starts of a part of x, of the given shape */
const badPart = (op: string, x: TensorType, part: Dims, starts: readonly TensorType[]): string | undefined => {
  if (part.length !== x.shape.length || starts.length !== x.shape.length) return `${op}: needs one size and one start for each axis of ${showShape(x.shape)}`;
  const start = starts.find((t) => t.dtype !== 'i32' || t.shape.length !== 0);
  if (start !== undefined) return `${op}: the starts must be i32[], but one is ${showType(start)}`;
  const named = x.shape.find((d, i) => isSym(d) && !sameDim(d, part[i]));
  if (named !== undefined) return `${op}: the named dimension ${showDim(named)} must be taken whole`;
  const fits = x.shape.every((d, i) => { const size = part[i]; return isSym(d) || (!isSym(size) && isSize(size) && size <= d); });
  return fits ? undefined : `${op}: a part ${showShape(part)} does not fit in ${showShape(x.shape)}`;
};
const dynamicSlice: TypeRule<'dynamicSlice'> = ({ sizes }, [x, ...starts]) => {
  if (x === undefined) return wrong('dynamicSlice: needs an operand');
  const part = sizes.map((size, i) => { const d = x.shape[i]; return size === -1 && d !== undefined && isSym(d) ? d : size; }), bad = badPart('dynamicSlice', x, part, starts);
  return bad === undefined ? gives(x.dtype, part) : wrong(bad);
};
const dynamicUpdateSlice: TypeRule<'dynamicUpdateSlice'> = (_, [x, update, ...starts]) => {
  if (update === undefined) return wrong('dynamicUpdateSlice: needs two operands');
  if (update.dtype !== x.dtype) return wrong(`dynamicUpdateSlice: dtypes differ: ${x.dtype} and ${update.dtype}`);
  const bad = badPart('dynamicUpdateSlice', x, update.shape, starts);
  return bad === undefined ? gives(x.dtype, x.shape) : wrong(bad);
};

const argsort: TypeRule<'argsort'> = ({ axis }, keys) => {
  if (keys.length === 0) return wrong('argsort: needs a key');
  const [first] = keys, bad = badAxis('argsort', [axis], first.shape);
  if (bad !== undefined) return wrong(bad);
  const other = keys.find((t) => !sameShape(t.shape, first.shape)), length = first.shape[axis];
  if (other !== undefined) return wrong(`argsort: shapes differ: ${showShape(first.shape)} and ${showShape(other.shape)}`);
  if (keys.some((t) => t.dtype === 'bool')) return wrong('argsort: does not take bool');
  return isSym(length) ? wrong(`argsort: the named dimension ${showDim(length)} cannot be sorted along`) : gives('i32', first.shape);
};

// ── operations that name graphs

const applied = (name: string, inputs: readonly TensorType[], graphs: Signatures): E.Either<string, Signature> => {
  const signature = graphs(name);
  if (signature === undefined) return E.left(`no graph is called '${name}'`);
  if (signature.params.length !== inputs.length) return E.left(`'${name}' takes ${signature.params.length} arguments, but got ${inputs.length}`);
  const bad = signature.params.findIndex((t, i) => !sameType(t, inputs[i]));
  return bad < 0 ? E.right(signature) : E.left(`'${name}': argument ${bad} is ${showType(inputs[bad])}, but ${showType(signature.params[bad])} was declared`);
};
const resultsOf = (applied: E.Either<string, Signature>): Typed => (E.isLeft(applied) ? applied : E.right(applied.right.results));

const floats = (types: readonly TensorType[]): readonly TensorType[] => types.filter((t) => isFloat(t.dtype));
const transform: TypeRule<'transform'> = (attrs, inputs, graphs) => {
  switch (attrs.kind) {
    case 'vmap': return mapped(attrs, inputs, graphs);
    case 'store': return resultsOf(applied(attrs.graph, inputs, graphs));
    case 'vjp': case 'jvp': return derivative(attrs, inputs, graphs);
  }
};
const derivative = ({ kind, graph, wrt }: Derivative, inputs: readonly TensorType[], graphs: Signatures): Typed => {
  const signature = graphs(graph);
  if (signature === undefined) return wrong(`no graph is called '${graph}'`);
  const primals = applied(graph, inputs.slice(0, signature.params.length), graphs);
  if (E.isLeft(primals)) return primals;
  const { params, results } = primals.right;
  const bad = wrt.find((i) => params[i] === undefined || !isFloat(params[i].dtype));
  if (bad !== undefined) return wrong(`${kind}: argument ${bad} of '${graph}' is not a float`);
  const seeds = inputs.slice(params.length), own = wrt.map((i) => params[i]);
  const wanted = kind === 'vjp' ? floats(results) : own;
  const match = wanted.length === seeds.length && wanted.every((t, i) => sameType(t, seeds[i]));
  if (!match) return wrong(`${kind}: ${kind === 'vjp' ? 'cotangents' : 'tangents'} must be ${wanted.map(showType).join(', ')}, but are ${seeds.map(showType).join(', ')}`);
  return E.right([...results, ...(kind === 'vjp' ? own : floats(results))]);
};
const mapped = ({ graph, axes }: Mapping, inputs: readonly TensorType[], graphs: Signatures): Typed => {
  if (axes.length !== inputs.length) return wrong(`vmap: ${axes.length} axes named for ${inputs.length} arguments`);
  const bad = axes.map((axis, i) => (axis === null ? undefined : badAxis('vmap', [axis], inputs[i].shape))).find((message) => message !== undefined);
  if (bad !== undefined) return wrong(bad);
  const [size, ...more] = axes.flatMap((axis, i) => (axis === null ? [] : [inputs[i].shape[axis]]));
  if (size === undefined) return wrong('vmap: no argument is mapped over');
  const other = more.find((d) => !sameDim(d, size));
  if (other !== undefined) return wrong(`vmap: sizes differ: ${showDim(size)} and ${showDim(other)} examples`);
  const one = applied(graph, inputs.map((t, i) => withoutAxis(t, axes[i])), graphs);
  return E.isLeft(one) ? one : E.right(one.right.results.map(({ dtype, shape }) => ({ dtype, shape: [size, ...shape] })));
};
const withoutAxis = (t: TensorType, axis: number | null): TensorType => (axis === null ? t : { dtype: t.dtype, shape: without(t.shape, [axis]) });

const scan: TypeRule<'scan'> = ({ graph, carries, slices, length }, inputs, graphs) => {
  const row = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape: shape.slice(1) });
  const bad = inputs.slice(carries, carries + slices).find((t) => t.shape[0] !== length);
  if (bad !== undefined) return wrong(`scan: ${length} runs need a first axis of that size, but one operand is ${showType(bad)}`);
  const body = applied(graph, inputs.map((t, i) => (i >= carries && i < carries + slices ? row(t) : t)), graphs);
  if (E.isLeft(body)) return body;
  const { results } = body.right, changed = inputs.slice(0, carries).findIndex((t, i) => results[i] === undefined || !sameType(t, results[i]));
  if (changed >= 0) return wrong(`scan: carry ${changed} is ${showType(inputs[changed])}, but a run gives ${results[changed] === undefined ? 'none' : showType(results[changed])}`);
  return E.right(results.map((t, i) => (i < carries ? t : { dtype: t.dtype, shape: [length, ...t.shape] })));
};

const whileRule: TypeRule<'while'> = ({ test, body, carries }, inputs, graphs) => {
  const asked = applied(test, inputs, graphs), run = applied(body, inputs, graphs);
  if (E.isLeft(asked)) return asked;
  if (E.isLeft(run)) return run;
  const [flag, ...more] = asked.right.results, { results } = run.right, state = inputs.slice(0, carries);
  if (more.length > 0 || flag?.dtype !== 'bool' || flag.shape.length > 0) return wrong(`while: the test must give one bool, but gives ${asked.right.results.map(showType).join(', ')}`);
  const changed = state.findIndex((t, i) => results[i] === undefined || !sameType(t, results[i]));
  if (changed >= 0 || results.length !== carries) return wrong(`while: the carries are ${state.map(showType).join(', ')}, but a run gives ${results.map(showType).join(', ')}`);
  return E.right(results);
};
const caseRule: TypeRule<'case'> = ({ branches }, [index, ...inputs], graphs) => {
  if (index?.dtype !== 'i32' || index.shape.length > 0) return wrong(`case: the branch must be named by an i32, but is ${index === undefined ? 'nothing' : showType(index)}`);
  const all = branches.map((name) => applied(name, inputs, graphs)), [first] = all, bad = all.find(E.isLeft);
  if (bad !== undefined) return bad;
  if (first === undefined || E.isLeft(first)) return wrong('case: needs a branch');
  const other = all.findIndex((b) => E.isRight(b) && (b.right.results.length !== first.right.results.length || !b.right.results.every((t, i) => sameType(t, first.right.results[i]))));
  return other < 0 ? E.right(first.right.results) : wrong(`case: branch ${other} gives other types than branch 0`);
};

const arity: { readonly [K in OpName]?: number } = {
  broadcastInDim: 1, reshape: 1, transpose: 1, slice: 1, pad: 2, reverse: 1, window: 1, overlapAdd: 1, dotGeneral: 2, gather: 2, scatter: 3, getDimensionSize: 1, get: 1,
  parameter: 0, constant: 0, iota: 0,
};

const rules: { readonly [K in OpName]: TypeRule<K> } = {
  parameter: ({ type }) => E.right([type]),
  constant: ({ type, value }) => {
    if (typeof value === 'number') return E.right([type]);
    if (type.shape.some(isSym)) return wrong(`constant: ${showShape(type.shape)} has a named dimension`);
    const count = extent(type.shape).count;
    return value.length === count ? E.right([type]) : wrong(`constant: ${value.length} elements given for ${showShape(type.shape)}`);
  },
  iota: ({ type, axis }) => {
    if (type.dtype === 'bool') return wrong('iota: does not give bool');
    const bad = badAxis('iota', [axis], type.shape);
    return bad === undefined ? E.right([type]) : wrong(bad);
  },
  map, broadcastInDim, reshape, slice, pad, concatenate, window, overlapAdd, dotGeneral, reduce, gather, scatter, dynamicSlice, dynamicUpdateSlice, argsort, scan, while: whileRule, case: caseRule, transform,
  transpose: ({ perm }, [x]) => (isPermutation(perm, x.shape.length) ? gives(x.dtype, perm.map((axis) => x.shape[axis])) : wrong(`permute: ${showShape(perm)} must list each of the ${x.shape.length} axes of ${showShape(x.shape)} once`)),
  reverse: ({ axes }, [x]) => { const bad = badAxis('reverse', axes, x.shape); return bad === undefined ? E.right([x]) : wrong(bad); },
  getDimensionSize: ({ axis }, [x]) => { const bad = badAxis('getDimensionSize', [axis], x.shape); return bad === undefined ? gives('i32', []) : wrong(bad); },
  get: () => wrong('get: its type is that of the result it reads'),
  call: ({ graph }, inputs, graphs) => resultsOf(applied(graph, inputs, graphs)),
  composite: ({ body }, inputs, graphs) => resultsOf(applied(body, inputs, graphs)),
};

/** The types of an operation's results, or what is wrong with its operands. (`get` is typed by the builder: it reads one of its operand's results.) */
export const inferTypes = <K extends OpName>(op: K, attrs: Attrs[K], inputs: readonly TensorType[], graphs: Signatures = () => undefined): Typed => {
  const wanted = arity[op];
  if (wanted !== undefined && inputs.length !== wanted) return wrong(`${op}: takes ${wanted} operands, but got ${inputs.length}`);
  return rules[op](attrs, inputs, graphs);
};
