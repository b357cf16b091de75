import * as E from 'fp-ts/lib/Either.js';
import type { TensorType } from '../../core/dim.ts';
import { isHalf, roundTo, type TypedArray } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Origin } from '../../core/origin.ts';
import type { Builder } from './build.ts';
import { inferTypes, resultDtype, type Signature } from './rules.ts';
import type { Attrs, Graph, Node, OpName } from './syntax.ts';

/** A builder of one module: equal nodes are made once. */
export const createBuilder = (): Builder => {
  const interned = new Map<string, Node>(), graphs = new Map<string, Graph>();
  const reserved = new Set<string>();
  let next = 0;

  const signature = (name: string): Signature | undefined => {
    const graph = graphs.get(name);
    return graph && { params: graph.params.map((p) => p.type), results: graph.results.map((r) => r.type) };
  };
  const typesOf = (op: OpName, attrs: Attrs[OpName], inputs: readonly Node[]): readonly TensorType[] => {
    if (op === 'get' && 'index' in attrs) {
      const type = inputs[0].results[attrs.index];
      invariant(type !== undefined, `get: no result ${attrs.index}`);
      return [type];
    }
    for (const x of inputs) invariant(x.results.length === 1, `${op}: an operand has several results; read them with get`);
    // SAFETY: the caller's signature pairs op and attrs
    const typed = inferTypes(op, attrs as Attrs[typeof op], inputs.map((x) => x.type), signature);
    if (E.isLeft(typed)) invariant(false, typed.left);
    return typed.right;
  };
  const node: Builder['node'] = (op, attrs, inputs, extra = {}) => {
    const clone = extra.clone ?? 0;
    let operands = '';
    for (let i = 0; i < inputs.length; i++) operands += `${inputs[i].id},`;
    const key = `${op}(${operands})${clone === 0 ? '' : `~${clone}`}${'fn' in attrs && typeof attrs.fn === 'string' ? `${attrs.fn} ${attrs.dtype}` : identity(attrs)}`;
    const known = interned.get(key);
    // SAFETY: the key holds the operation's name, so that what is interned under it has that operation
    if (known !== undefined) return mergeOrigins(known, extra.origins) as Node<typeof op>;
    const results = extra.results ?? typesOf(op, attrs, inputs);
    // SAFETY: op and attrs come paired from the caller
    const made = { op, attrs, inputs, results, type: results[0] ?? { dtype: 'f32', shape: [] }, id: next++, clone, origins: extra.origins ?? [] } as unknown as Node;
    interned.set(key, made);
    return made as Node<typeof op>;
  };
  const b: Builder = {
    node,
    parameter: (graph, index, name, type) => node('parameter', { graph, index, name, type }, []),
    constant: (type, value) => node('constant', { type, value: splat(type, value) }, []),
    like: (x, value) => b.constant(x.type, value),
    iota: (type, axis) => node('iota', { type, axis }, []),
    map: (fn, inputs, dtype) => {
      const operand = inputs[fn === 'select' ? 1 : 0];
      return node('map', { fn, dtype: resultDtype(fn, operand.type.dtype, dtype ?? operand.type.dtype) }, inputs);
    },
    convert: (x, dtype) => (x.type.dtype === dtype ? x : b.map('convert', [x], dtype)),
    broadcastInDim: (x, shape, dims) => node('broadcastInDim', { shape, dims }, [x]),
    expand: (x, shape, axes) => b.broadcastInDim(x, shape, shape.flatMap((_, i) => (axes.includes(i) ? [] : [i]))),
    reshape: (x, shape) => node('reshape', { shape }, [x]),
    transpose: (x, perm) => node('transpose', { perm }, [x]),
    slice: (x, starts, limits, strides) => node('slice', { starts, limits, strides: strides ?? starts.map(() => 1) }, [x]),
    pad: (x, value, low, high, interior) => node('pad', { low, high, interior: interior ?? low.map(() => 0) }, [x, value]),
    reverse: (x, axes) => node('reverse', { axes }, [x]),
    concatenate: (xs, axis) => node('concatenate', { axis }, xs),
    window: (x, { axis, size, stride, dilation }) => node('window', { axis, size, stride, dilation }, [x]),
    overlapAdd: (y, { axis, length, stride, dilation }) => node('overlapAdd', { axis, length, stride, dilation }, [y]),
    dotGeneral: (x, y, dims) => node('dotGeneral', dims, [x, y]),
    reduce: (monoid, x, axes) => node('reduce', { monoid, axes: [...axes].sort((p, q) => p - q) }, [x]),
    gather: (table, indices) => node('gather', {}, [table, indices]),
    scatter: (monoid, x, indices, updates) => node('scatter', { monoid }, [x, indices, updates]),
    dynamicSlice: (x, starts, sizes) => node('dynamicSlice', { sizes }, [x, ...starts]),
    dynamicUpdateSlice: (x, update, starts) => node('dynamicUpdateSlice', {}, [x, update, ...starts]),
    argsort: (keys, axis, descending = false) => node('argsort', { axis, descending }, keys),
    getDimensionSize: (x, axis) => node('getDimensionSize', { axis }, [x]),
    get: (x, index) => (x.results.length === 1 && index === 0 ? x : node('get', { index }, [x])),
    resultsOf: (x) => x.results.map((_, i) => b.get(x, i)),
    call: (graph, inputs) => node('call', { graph }, inputs),
    addGraph: (graph) => { graphs.set(graph.name, graph); },
    graph: (name) => {
      const graph = graphs.get(name);
      invariant(graph !== undefined, `no graph is called '${name}'`);
      return graph;
    },
    freshName: (base) => {
      let name = base;
      for (let k = 1; graphs.has(name) || reserved.has(name); k++) name = `${base}_${k}`;
      reserved.add(name);
      return name;
    },
    finish: (main) => {
      invariant(graphs.has(main), `no graph is called '${main}'`);
      return { main, graphs: new Map(graphs) };
    },
  };
  return b;
};

/** a dense constant of equal elements is the number itself */
const splat = (type: TensorType, value: number | TypedArray): number | TypedArray => {
  const number = typeof value === 'number' ? value : value.length === 1 ? value[0] : undefined;
  if (number === undefined) return value;
  return isHalf(type.dtype) ? roundTo[type.dtype](number) : number;
};

const mergeOrigins = (node: Node, more: readonly Origin[] | undefined): Node => {
  if (more === undefined || more.length === 0 || more === node.origins) return node;
  const fresh = more.filter((o) => !node.origins.includes(o));
  // SAFETY: origins are for diagnostics only, and no key or comparison reads them
  if (fresh.length > 0 && node.origins.length < 4) (node as { origins: readonly Origin[] }).origins = [...node.origins, ...fresh];
  return node;
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Text that is equal for equal attributes, in whatever order they were written. Large data and user-defined functions go by identity. */
const identity = (() => {
  // passes hand the same attributes from builder to builder
  const texts = new WeakMap<object, string>(), numbers = new WeakMap<object, number>();
  let next = 0;
  const byIdentity = (value: object): string => {
    const known = numbers.get(value) ?? next++;
    numbers.set(value, known);
    return `#${known}`;
  };
  const small = 64;
  const show = (value: unknown): string => {
    if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
    if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
    if (ArrayBuffer.isView(value)) {
      // SAFETY: the only views in attributes are typed arrays of constants
      const data = value as TypedArray;
      return data.length <= small ? `${data.constructor.name}<${Array.from(data, show).join()}>` : byIdentity(data);
    }
    if ('custom' in value) return byIdentity(value);
    if (Array.isArray(value)) return `[${value.map(show).join()}]`;
    return `{${Object.entries(value).map(([k, v]) => `${k}:${show(v)}`).sort(byText).join()}}`;
  };
  return (attrs: Attrs[OpName]): string => {
    const known = texts.get(attrs);
    if (known !== undefined) return known;
    const text = show(attrs);
    texts.set(attrs, text);
    return text;
  };
})();
