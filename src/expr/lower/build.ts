import * as E from 'fp-ts/lib/Either.js';
import { isSym, sameShape, showDim, sym, type Dim, type Sym, type TensorType } from '../../core/dim.ts';
import { isFloat, type TypedArray } from '../../core/dtype.ts';
import type { Builder } from '../../ir/graph/build.ts';
import { inferTypes } from '../../ir/graph/rules.ts';
import type { Attrs, Node, OpName } from '../../ir/graph/syntax.ts';
import { problem } from '../codes.ts';
import { isProblem, make, type Expr, type ExprOp, type Problem, type Scope, type Source, type Traced } from '../expr.ts';
import type { BadDim } from '../dimArithmetic.ts';
import { capturedBy, needsOf } from './captures.ts';

/** A lowering under way. `report` is told what is wrong; what is built on it is then left out, silently. */
export interface Context {
  readonly b: Builder;
  /** sizes are still to come: what they may allow is taken to be right */
  readonly later: boolean;
  readonly bindType: (t: TensorType) => TensorType | BadDim;
  readonly capturesOf: (fn: Traced) => readonly Expr[];
  readonly report: (p: Problem, e: Expr) => void;
  /** the graphs made so far, by function and role, and of the library's own composites by what makes them equal */
  readonly graphs: Map<Traced, string>;
  readonly shared: Map<string, string>;
  /** numbers read from devices */
  readonly data: Map<Source, TypedArray>;
}
/** the results of an expression; undefined where something it needs is wrong */
type Made = readonly Node[] | undefined;
/** an expression's operands, and what the functions that it holds take from outside */
interface Operands { readonly inputs: readonly Node[]; readonly captured: readonly Node[] }

/** How an expression is written as a node; a problem where it cannot be. */
type Row<K extends ExprOp> = (e: Expr<K>, x: Operands, c: Context, type: TensorType) => Node | readonly Node[] | Problem;

const rows: { readonly [K in ExprOp]: Row<K> } = {
  placeholder: (e) => problem('unbound', `an input that no function takes: ${e.dtype}[${e.shape.join(', ')}]`),
  invalid: () => problem('value', 'an expression with a mistake'),
  constant: (e, _, c, type) => {
    const { value } = e.attrs;
    if (typeof value !== 'object' || ArrayBuffer.isView(value)) return c.b.constant(type, value);
    const data = dataOf(c, value);
    return data ? c.b.constant(type, data) : problem('value', 'the numbers of this array are on an asynchronous device', { hint: 'await array.read(), or pass the array as an argument' });
  },
  iota: (e, _, c, type) => plain(c, e, 'iota', { type, axis: e.attrs.axis }, []),
  map: (e, x, c) => plain(c, e, 'map', e.attrs, x.inputs),
  broadcastInDim: (e, x, c, type) => (sameShape(x.inputs[0].type.shape, type.shape) ? x.inputs[0] : plain(c, e, 'broadcastInDim', { shape: type.shape, dims: e.attrs.dims }, x.inputs)),
  reshape: (e, x, c, type) => (sameShape(x.inputs[0].type.shape, type.shape) ? x.inputs[0] : plain(c, e, 'reshape', { shape: type.shape }, x.inputs)),
  transpose: (e, x, c) => plain(c, e, 'transpose', e.attrs, x.inputs),
  slice: (e, x, c) => plain(c, e, 'slice', sliceOf(e.attrs, x.inputs[0].type.shape), x.inputs),
  pad: (e, x, c) => plain(c, e, 'pad', e.attrs, x.inputs),
  reverse: (e, x, c) => plain(c, e, 'reverse', e.attrs, x.inputs),
  concatenate: (e, x, c) => plain(c, e, 'concatenate', e.attrs, x.inputs),
  window: (e, x, c) => plain(c, e, 'window', e.attrs, x.inputs),
  overlapAdd: (e, x, c) => plain(c, e, 'overlapAdd', e.attrs, x.inputs),
  dotGeneral: (e, x, c) => plain(c, e, 'dotGeneral', e.attrs, x.inputs),
  reduce: (e, x, c) => plain(c, e, 'reduce', e.attrs, x.inputs),
  gather: (e, x, c) => plain(c, e, 'gather', e.attrs, x.inputs),
  scatter: (e, x, c) => plain(c, e, 'scatter', e.attrs, x.inputs),
  dynamicSlice: (e, x, c) => plain(c, e, 'dynamicSlice', { sizes: e.attrs.sizes.map((size, i) => wholeSize(size, x.inputs[0].type.shape[i])) }, x.inputs),
  dynamicUpdateSlice: (e, x, c) => plain(c, e, 'dynamicUpdateSlice', e.attrs, x.inputs),
  argsort: (e, x, c) => plain(c, e, 'argsort', e.attrs, x.inputs),
  getDimensionSize: (e, x, c) => {
    const d = x.inputs[0].type.shape[e.attrs.axis];
    return isSym(d) ? plain(c, e, 'getDimensionSize', e.attrs, x.inputs) : c.b.constant({ dtype: 'i32', shape: [] }, d);
  },
  get: (e, x) => x.inputs[e.attrs.index],
  scan: (e, x, c) => {
    const { fn, ...runs } = e.attrs, graph = graphOf(c, fn, c.capturesOf(fn)), length = typeof runs.length === 'number' ? runs.length : x.inputs[runs.carries].type.shape[0];
    if (graph === undefined) return silent;
    if (isSym(length) && !isLater(c, length)) return unsized('scan', length);
    return plain(c, e, 'scan', { graph, ...runs, length: isSym(length) ? 0 : length }, [...x.inputs, ...x.captured]);
  },
  while: (e, x, c) => {
    const { test, body, carries } = e.attrs, captured = capturedBy([test, body], c.capturesOf), asked = graphOf(c, test, captured), run = graphOf(c, body, captured);
    return asked === undefined || run === undefined ? silent : plain(c, e, 'while', { test: asked, body: run, carries }, [...x.inputs, ...x.captured]);
  },
  case: (e, x, c) => {
    const captured = capturedBy(e.attrs.branches, c.capturesOf), branches = e.attrs.branches.map((fn) => graphOf(c, fn, captured)), good = branches.filter((name) => name !== undefined);
    return good.length < branches.length ? silent : plain(c, e, 'case', { branches: good }, [...x.inputs, ...x.captured]);
  },
  call: (e, x, c) => {
    const graph = graphOf(c, e.attrs.fn, c.capturesOf(e.attrs.fn));
    return graph === undefined ? silent : plain(c, e, 'call', { graph }, [...x.inputs, ...x.captured]);
  },
  composite: (e, x, c) => {
    const { name, attributes, body, vjp, jvp } = e.attrs, captured = capturedBy([body, ...(vjp ? [vjp] : []), ...(jvp ? [jvp] : [])], c.capturesOf);
    const bodyName = e.attrs.shared ? sharedGraph(c, e, x.inputs) : graphOf(c, body, captured);
    const vjpName = vjp && graphOf(c, vjp, captured, body.params.length);
    const jvpName = jvp && graphOf(c, jvp, captured, body.params.length, 'jvp');
    if (bodyName === undefined || (vjp && vjpName === undefined) || (jvp && jvpName === undefined)) return silent;
    return plain(c, e, 'composite', { name, attributes, body: bodyName, ...(vjpName !== undefined && { vjp: vjpName }), ...(jvpName !== undefined && { jvp: jvpName }) }, [...x.inputs, ...x.captured]);
  },
  transform: (e, x, c) => {
    const { fn, ...attrs } = e.attrs, graph = graphOf(c, fn, c.capturesOf(fn)), n = fn.params.length;
    if (graph === undefined) return silent;
    // what is captured is the same for all examples
    const own: Attrs['transform'] = attrs.kind === 'vmap' ? { ...attrs, graph, axes: [...attrs.axes, ...x.captured.map(() => null)] } : { ...attrs, graph };
    return plain(c, e, 'transform', own, [...x.inputs.slice(0, n), ...x.captured, ...x.inputs.slice(n)]);
  },
  sized: (e, x, c, type) => {
    const named = e.attrs.axes.map((axis) => x.inputs[0].type.shape[axis]).find(isSym);
    if (named !== undefined) return isLater(c, named) ? c.b.constant(type, 0) : unsized(e.attrs.op, named);
    const scope: Scope = { what: 'scope' }, params = x.inputs.map((n, i) => make(e.origin, 'placeholder', { name: `x${i}`, scope }, [], [n.type]));
    const built = e.attrs.build(e.origin, params);
    if (isProblem(built)) return built;
    const made = new Map<Expr, Made>(params.map((p, i) => [p, [x.inputs[i]]]));
    writeInto(c, made, built);
    return made.get(built)?.[0] ?? silent;
  },
};
/** whether a size is still to come, from arguments */
const isLater = (c: Context, d: Dim): boolean => c.later && isSym(d) && d.max === Infinity;
const unsized = (op: string, d: Sym): Problem => problem('bounded', `${op}: runs along '${showDim(sym(d.name, Infinity, d.by))}', whose size must be known`, { hint: `dims: { ${d.name}: ${d.max === Infinity ? 32 : d.max} } gives it one, a maximum does not; left out, it is that of the arguments` });
/** a problem that was told already, inside */
const silent: Problem = { code: 'FX1017', message: '' };

const plain = <K extends OpName>(c: Context, e: Expr, op: K, attrs: Attrs[K], inputs: readonly Node[]): Node | Problem => {
  const typed = inferTypes(op, attrs, inputs.map((x) => x.type), signatures(c));
  if (E.isLeft(typed) && [...inputs.flatMap((x) => x.type.shape), ...e.results.flatMap((t) => t.shape)].some((d) => isSym(d) && isLater(c, d))) {
    const results = e.results.map(c.bindType).filter(isType), node: Node = c.b.node<OpName>(op, attrs, inputs, { origins: [e.origin], results });
    return node;
  }
  if (E.isLeft(typed)) return problem('bounded', typed.left, { hint: 'the sizes that the names stand for do not fit here' });
  const node: Node = c.b.node<OpName>(op, attrs, inputs, { origins: [e.origin], results: typed.right });
  return node;
};
const signatures = (c: Context) => (name: string): { readonly params: readonly TensorType[]; readonly results: readonly TensorType[] } => {
  const graph = c.b.graph(name);
  return { params: graph.params.map((p) => p.type), results: graph.results.map((r) => r.type) };
};
const dataOf = (c: Context, source: Source): TypedArray | undefined => {
  const data = c.data.get(source) ?? source.sync?.();
  if (data) c.data.set(source, data);
  return data;
};
const sliceOf = ({ starts, limits, strides }: Attrs['slice'], shape: readonly Dim[]): Attrs['slice'] => {
  const fromEnd = (n: number, d: Dim): number => (isSym(d) ? (n === Infinity ? -1 : n) : n === Infinity ? d : n < 0 ? n + d : n);
  return { starts: starts.map((n, i) => fromEnd(n, shape[i])), limits: limits.map((n, i) => fromEnd(n, shape[i])), strides };
};

/** Infinity is all of an axis */
const wholeSize = (size: number, d: Dim): number => (size !== Infinity ? size : isSym(d) ? -1 : d);

/** The graph of a function: its own parameters, then what it captures after `at` of them. */
const graphOf = (c: Context, fn: Traced, captured: readonly Expr[], at = fn.params.length, rule: Rule = 'vjp'): string | undefined => {
  const name = c.graphs.get(fn) ?? writeGraph(c, fn, captured, at, rule);
  if (name !== undefined) c.graphs.set(fn, name);
  return name;
};
const sharedGraph = (c: Context, e: Expr<'composite'>, inputs: readonly Node[]): string | undefined => {
  const text = JSON.stringify([e.attrs.name, e.attrs.attributes, inputs.map((x) => [x.type.dtype, x.type.shape])]);
  const known = c.shared.get(text) ?? writeGraph(c, e.attrs.body, [], e.attrs.body.params.length);
  if (known !== undefined) c.shared.set(text, known);
  return known;
};

type Rule = 'vjp' | 'jvp';
/**
 * Writes a function as a graph of the module. A rule for derivatives (which has parameters after `at`) gives zeros for what is
 * captured, or, forward, takes its tangents and leaves them.
 */
export const writeGraph = (c: Context, fn: Traced, captured: readonly Expr[], at: number, rule: Rule = 'vjp'): string | undefined => {
  const params: readonly Expr[] = [...fn.params.slice(0, at), ...captured, ...fn.params.slice(at)];
  const types = params.map((p) => c.bindType(p.type)), good = types.filter(isType);
  if (good.length < types.length) return undefined;
  const name = c.b.freshName(fn.name.replace(/[^\p{L}\p{N}_]/gu, '_'));
  const isRule = at < fn.params.length, left = isRule && rule === 'jvp' ? captured.flatMap((p, i) => (isFloat(p.dtype) ? [good[at + i]] : [])) : [];
  const nodes = params.map((p, i) => c.b.parameter(name, i, p.op === 'placeholder' ? p.attrs.name : `captured${i}`, good[i]));
  const made = new Map<Expr, Made>(params.map((p, i) => [p, [nodes[i]]]));
  for (const result of fn.results) writeInto(c, made, result);
  const valueOf = (e: Expr): readonly Node[] => made.get(e)?.slice(0, 1) ?? [];
  const results = fn.results.flatMap(valueOf);
  if (results.length < fn.results.length) return undefined;
  const zeros = isRule && rule === 'vjp' ? captured.flatMap(valueOf).filter((n) => isFloat(n.type.dtype)).map((n) => c.b.like(n, 0)) : [];
  const unread = left.map((type, i) => c.b.parameter(name, nodes.length + i, `left${i}`, type));
  c.b.addGraph({ name, params: [...nodes, ...unread], results: [...results, ...zeros] });
  return name;
};
const isType = (t: TensorType | BadDim): t is TensorType => !('wrong' in t);

const writeInto = (c: Context, made: Map<Expr, Made>, result: Expr): void => {
  const stack: { readonly expr: Expr; readonly needs: readonly Expr[]; next: number }[] = [];
  const push = (expr: Expr): void => { if (!made.has(expr)) stack.push({ expr, needs: needsOf(expr, c.capturesOf), next: 0 }); };
  push(result);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    if (top.next < top.needs.length) { push(top.needs[top.next++]); continue; }
    stack.pop();
    if (!made.has(top.expr)) made.set(top.expr, write(c, made, top.expr, top.needs));
  }
};
const write = (c: Context, made: ReadonlyMap<Expr, Made>, e: Expr, needs: readonly Expr[]): Made => {
  const values = needs.map((x) => made.get(x)).filter((x) => x !== undefined);
  if (values.length < needs.length) return undefined;
  const type = c.bindType(e.type);
  if ('wrong' in type) { c.report(type.unbound === undefined ? problem('binding', type.wrong, { hint: 'give its names one size each, rather than a maximum; left out of dims, they have those of the arguments' }) : problem('symbol', type.wrong), e); return undefined; }
  const n = e.inputs.length, firsts = values.map((v) => v[0]);
  const inputs = e.op === 'get' ? values[0] : firsts.slice(0, n);
  const got = row(e, { inputs, captured: firsts.slice(n) }, c, type);
  if ('length' in got) return got;
  if (!('message' in got)) return c.b.resultsOf(got);
  if (got !== silent) c.report(got, e);
  return undefined;
};
const row = <K extends ExprOp>(e: Expr<K>, x: Operands, c: Context, type: TensorType): Node | readonly Node[] | Problem => rows[e.op](e, x, c, type);
