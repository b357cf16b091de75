import { describe, expect, it } from 'vitest';
import { typedArray } from '../../../src/core/dtype.ts';
import { orThrow } from '../../../src/core/render.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import { parseModule } from '../../../src/ir/graph/parse.ts';
import { printModule } from '../../../src/ir/graph/print.ts';
import type { Module, Node, OpName } from '../../../src/ir/graph/syntax.ts';
import { topological } from '../../../src/ir/graph/walk.ts';
import { verify } from '../../../src/ir/graph/verify.ts';
import { expandTransforms, transformRefusals } from '../../../src/passes/graph/expandTransforms.ts';

/** A graph of one example, mapped: what all examples' inputs are, along which axes, and what comes out. */
interface Vector {
  readonly of: string;
  /** the parameters of `of`, and of the whole */
  readonly one: string;
  readonly all: string;
  readonly axes: string;
  readonly args: readonly (readonly number[])[];
  readonly gives: readonly (readonly number[])[];
  readonly results?: number;
  readonly graphs?: string;
  readonly bindings?: { readonly [name: string]: number };
}
const v = (one: string, of: string, all: string, axes: string, args: Vector['args'], gives: Vector['gives'], more: Partial<Vector> = {}): Vector => ({ one, of, all, axes, args, gives, ...more });

const names = (params: string): string => [...params.matchAll(/(\w+): \w+\[/g)].map(([, name]) => name).join(', ');
const moduleFor = ({ of, one, all, axes, graphs = '', gives }: Vector): Module => orThrow(parseModule(
  `module main ${graphs} graph f(${one}) { ${of} } graph main(${all}) { %0 = transform vmap f(${names(all)}) axes [${axes}] return ${gives.map((_, i) => (gives.length === 1 ? '%0' : `%0[${i}]`)).join(', ')} }`));
const expanded = (module: Module): Module => expandTransforms.run(module, () => undefined);
const run = (vector: Vector): readonly (readonly number[])[] => {
  const module = moduleFor(vector), whole = expanded(module), { params } = module.graphs.get('main') ?? { params: [] };
  expect(verify(whole)).toEqual([]);
  return interpret(whole, vector.args.map((a, i) => typedArray(params[i].type.dtype, a)), { bindings: vector.bindings ?? {} }).map((r) => Array.from(r));
};
const mainNodes = (module: Module): readonly Node[] => topological(module.graphs.get('main')?.results ?? []);

const six = [1, 2, 3, 4, 5, 6];
const square = 'graph square(x: f64[]) { %0 = mul(x, x) return %0 }';
const running = 'graph running(c: f64[], x: f64[]) { %0 = add(c, x) return %0, c }';
const doubling = 'graph below(x: f64[], top: f64[]) { %0: bool[] = lt(x, top) return %0 } graph doubled(x: f64[], top: f64[]) { %0 = add(x, x) return %0 }';
const branches = 'graph plus(x: f64[]) { %0 = add(x, 2) return %0 } graph times(x: f64[]) { %0 = mul(x, 2) return %0 }';
/** At least one for each operation, computed by hand; `tsc` names an operation without a row. */
const vectors: { readonly [K in OpName]: readonly [Vector, ...Vector[]] } = {
  parameter: [v('x: f64[2]', 'return x', 'x: f64[2, 3]', '1', [six], [[1, 4, 2, 5, 3, 6]])],
  constant: [v('x: f64[]', '%0: f64[2] = constant [7, 8] return %0', 'x: f64[2]', '0', [[1, 2]], [[7, 8, 7, 8]])],
  iota: [v('x: i32[3]', '%0: i32[3] = iota axis 0 %1 = add(x, %0) return %1, %0', 'x: i32[2, 3]', '0', [[10, 10, 10, 20, 20, 20]], [[10, 11, 12, 20, 21, 22], [0, 1, 2, 0, 1, 2]])],
  map: [
    v('x: f64[2], y: f64[2]', '%0 = mul(x, y) return %0', 'x: f64[2, 2], y: f64[2]', '0, none', [[1, 2, 3, 4], [10, 100]], [[10, 200, 30, 400]]),
    v('c: bool[], x: f64[]', '%0 = select(c, x, 9) return %0', 'c: bool[3], x: f64[]', '0, none', [[1, 0, 1], [5]], [[5, 9, 5]]),
  ],
  broadcastInDim: [
    v('x: f64[2]', '%0: f64[2, 2] = broadcastInDim(x) dims [1] return %0', 'x: f64[2, 2]', '0', [[1, 2, 3, 4]], [[1, 2, 1, 2, 3, 4, 3, 4]]),
    v('x: f64[1]', '%0: f64[2] = broadcastInDim(x) dims [0] return %0', 'x: f64[1, 3]', '1', [[1, 2, 3]], [[1, 1, 2, 2, 3, 3]]),
  ],
  reshape: [v('x: f64[2, 3]', '%0: f64[3, 2] = reshape(x) return %0', 'x: f64[2, 3, 2]', '2', [[1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60]], [[1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]])],
  transpose: [v('x: f64[1, 2]', '%0 = transpose(x) perm [1, 0] return %0', 'x: f64[3, 1, 2]', '0', [six], [six]), v('x: f64[2, 2]', '%0 = transpose(x) perm [1, 0] return %0', 'x: f64[2, 2, 2]', '0', [[1, 2, 3, 4, 5, 6, 7, 8]], [[1, 3, 2, 4, 5, 7, 6, 8]])],
  slice: [v('x: f64[3]', '%0 = slice(x) [0..3 by 2] return %0', 'x: f64[2, 3]', '0', [six], [[1, 3, 4, 6]]), v('x: f64[3]', '%0 = slice(x) [1..2] return %0', 'x: f64[n<=4, 3]', '0', [six], [[2, 5]], { bindings: { n: 2 } })],
  pad: [
    v('x: f64[2]', '%0 = pad(x, 9) low [1] high [0] interior [1] return %0', 'x: f64[2, 2]', '0', [[1, 2, 3, 4]], [[9, 1, 9, 2, 9, 3, 9, 4]]),
    v('x: f64[2], p: f64[]', '%0 = pad(x, p) low [1] high [1] return %0', 'x: f64[2, 2], p: f64[2]', '0, 0', [[1, 2, 3, 4], [8, 9]], [[8, 1, 2, 8, 9, 3, 4, 9]]),
    v('x: f64[2], p: f64[]', '%0 = pad(x, p) low [-1] high [1] return %0', 'x: f64[2], p: f64[2]', 'none, 0', [[1, 2], [8, 9]], [[2, 8, 2, 9]]),
    v('x: bool[1], p: bool[]', '%0 = pad(x, p) low [1] high [0] return %0', 'x: bool[2, 1], p: bool[2]', '0, 0', [[1, 0], [0, 1]], [[0, 1, 1, 0]]),
  ],
  reverse: [v('x: f64[3]', '%0 = reverse(x) axes [0] return %0', 'x: f64[2, 3]', '0', [six], [[3, 2, 1, 6, 5, 4]])],
  concatenate: [v('x: f64[2], y: f64[1]', '%0 = concatenate(x, y) axis 0 return %0', 'x: f64[2, 2], y: f64[1]', '0, none', [[1, 2, 3, 4], [9]], [[1, 2, 9, 3, 4, 9]])],
  window: [v('x: f64[3]', '%0 = window(x) axis 0 size 2 return %0', 'x: f64[2, 3]', '0', [six], [[1, 2, 2, 3, 4, 5, 5, 6]])],
  overlapAdd: [v('x: f64[2, 2]', '%0 = overlapAdd(x) axis 0 length 3 return %0', 'x: f64[2, 2, 2]', '0', [[1, 2, 3, 4, 5, 6, 7, 8]], [[1, 5, 4, 5, 13, 8]])],
  dynamicSlice: [
    v('x: f64[3], i: i32[]', '%0 = dynamicSlice(x, i) sizes [2] return %0', 'x: f64[2, 3], i: i32[]', '0, none', [six, [1]], [[2, 3, 5, 6]]),
    v('x: f64[3], i: i32[]', '%0 = dynamicSlice(x, i) sizes [2] return %0', 'x: f64[2, 3], i: i32[2]', '0, 0', [six, [0, 9]], [[1, 2, 5, 6]]),
    v('x: f64[3], i: i32[]', '%0 = dynamicSlice(x, i) sizes [2] return %0', 'x: f64[3], i: i32[2]', 'none, 0', [[1, 2, 3], [1, -4]], [[2, 3, 1, 2]]),
  ],
  dynamicUpdateSlice: [
    v('x: f64[3], u: f64[1], i: i32[]', '%0 = dynamicUpdateSlice(x, u, i) return %0', 'x: f64[3], u: f64[2, 1], i: i32[]', 'none, 0, none', [[1, 2, 3], [8, 9], [1]], [[1, 8, 3, 1, 9, 3]]),
    v('x: f64[3], u: f64[1], i: i32[]', '%0 = dynamicUpdateSlice(x, u, i) return %0', 'x: f64[2, 3], u: f64[1], i: i32[2]', '0, none, 0', [six, [9], [0, 7]], [[9, 2, 3, 4, 5, 9]]),
  ],
  argsort: [v('x: f64[3]', '%0: i32[3] = argsort(x) axis 0 return %0', 'x: f64[2, 3]', '0', [[3, 1, 2, 5, 6, 4]], [[1, 2, 0, 2, 0, 1]])],
  scan: [
    v('c: f64[], x: f64[2]', '%0: (f64[], f64[2]) = scan running(c, x) carries 1 slices 1 length 2 return %0[0], %0[1]', 'c: f64[2], x: f64[2, 2]', '0, 0', [[10, 20], [1, 2, 3, 4]], [[13, 27], [10, 11, 20, 23]], { graphs: running }),
    v('c: f64[], x: f64[2]', '%0: (f64[], f64[2]) = scan running(c, x) carries 1 slices 1 length 2 reverse return %0[0], %0[1]', 'c: f64[2], x: f64[2]', '0, none', [[10, 20], [1, 2]], [[13, 23], [12, 10, 22, 20]], { graphs: running }),
    v('c: f64[], x: f64[2]', '%0: (f64[], f64[2]) = scan running(c, x) carries 1 slices 1 length 2 return %0[0], %0[1]', 'c: f64[], x: f64[2, 2]', 'none, 0', [[10], [1, 2, 3, 4]], [[13, 17], [10, 11, 10, 13]], { graphs: running }),
  ],
  while: [v('x: f64[], top: f64[]', '%0 = while below doubled(x, top) carries 1 return %0', 'x: f64[3], top: f64[]', '0, none', [[3, 30, 19], [20]], [[24, 30, 38]], { graphs: doubling })],
  case: [
    v('i: i32[], x: f64[]', '%0 = case(i, x) branches [plus, times] return %0', 'i: i32[3], x: f64[3]', '0, 0', [[0, 1, 9], [5, 6, 7]], [[7, 12, 14]], { graphs: branches }),
    v('i: i32[], x: f64[]', '%0 = case(i, x) branches [plus, times] return %0', 'i: i32[], x: f64[2]', 'none, 0', [[0], [5, 6]], [[7, 8]], { graphs: branches }),
    v('i: i32[], x: f64[]', '%0 = case(i, x) branches [plus, times] return %0', 'i: i32[2], x: f64[]', '0, none', [[0, 1], [5]], [[7, 10]], { graphs: branches }),
  ],
  dotGeneral: [
    v('x: f64[2], y: f64[2]', '%0 = dotGeneral(x, y) contract [0] [0] return %0', 'x: f64[2, 2], y: f64[2, 2]', '0, 0', [[1, 2, 3, 4], [5, 6, 7, 8]], [[17, 53]]),
    v('x: f64[2], y: f64[2, 2]', '%0 = dotGeneral(x, y) contract [0] [0] return %0', 'x: f64[2, 2], y: f64[2, 2]', '0, none', [[1, 0, 0, 1], [1, 2, 3, 4]], [[1, 2, 3, 4]]),
    // the matrix is the same for all: [[1, 2], [3, 4]] times each of (1, 0), (1, 1), (0, 2)
    v('x: f64[2, 2], y: f64[2]', '%0 = dotGeneral(x, y) contract [1] [0] return %0', 'x: f64[2, 2], y: f64[3, 2]', 'none, 0', [[1, 2, 3, 4], [1, 0, 1, 1, 0, 2]], [[1, 3, 3, 7, 4, 8]]),
    v('x: f64[2], y: f64[2]', '%0 = dotGeneral(x, y) contract [] [] return %0', 'x: f64[2], y: f64[2, 2]', 'none, 0', [[1, 2], [1, 10, 3, 30]], [[1, 10, 2, 20, 3, 30, 6, 60]]),
    v('x: f64[2, 1], y: f64[2]', '%0 = dotGeneral(x, y) batch [0] [0] contract [] [] return %0', 'x: f64[2, 1], y: f64[2, 2]', 'none, 0', [[1, 10], [1, 2, 3, 4]], [[1, 20, 3, 40]]),
    v('x: f64[2, 1], y: f64[2, 1]', '%0 = dotGeneral(x, y) batch [0] [0] contract [1] [1] return %0', 'x: f64[2, 1, 3], y: f64[2, 1]', '2, none', [six, [1, 10]], [[1, 40, 2, 50, 3, 60]]),
  ],
  reduce: [
    v('x: f64[3]', '%0 = reduce add(x) axes [0] return %0', 'x: f64[2, 3]', '0', [six], [[6, 15]]),
    v('x: f64[2, 2]', '%0 = reduce argMax(x) axes [0, 1] return %0', 'x: f64[2, 2, 2]', '0', [[1, 9, 2, 3, 4, 5, 8, 6]], [[1, 2]]),
    v('x: f64[2], y: f64[2]', '%0 = reduce max(x, y) axes [0] return %0[0], %0[1]', 'x: f64[2, 2], y: f64[2]', '0, none', [[1, 2, 4, 3], [7, 5]], [[2, 4], [7, 7]]),
  ],
  gather: [
    v('t: f64[3], i: i32[]', '%0 = gather(t, i) return %0', 't: f64[3], i: i32[4]', 'none, 0', [[10, 20, 30], [2, 0, -5, 9]], [[30, 10, 10, 30]]),
    v('t: f64[3], i: i32[2]', '%0 = gather(t, i) return %0', 't: f64[2, 3], i: i32[2]', '0, none', [six, [2, 9]], [[3, 3, 6, 6]]),
    v('t: f64[2, 1], i: i32[]', '%0 = gather(t, i) return %0', 't: f64[2, 1, 2], i: i32[]', '2, none', [[1, 10, 2, 20], [1]], [[2, 20]]),
    // out of range stays within the example's own table
    v('t: f64[3], i: i32[2]', '%0 = gather(t, i) return %0', 't: f64[2, 3], i: i32[2, 2]', '0, 0', [six, [5, 1, -1, 2]], [[3, 2, 4, 6]]),
    v('t: f64[3], i: u32[]', '%0 = gather(t, i) return %0', 't: f64[n<=4, 3], i: u32[n<=4]', '0, 0', [six, [4294967295, 1]], [[3, 5]], { bindings: { n: 2 } }),
  ],
  scatter: [
    v('x: f64[2], i: i32[2], u: f64[2]', '%0 = scatter add(x, i, u) return %0', 'x: f64[2, 2], i: i32[2], u: f64[2]', '0, none, none', [[1, 2, 3, 4], [1, 1], [10, 20]], [[1, 32, 3, 34]]),
    v('x: f64[2], i: i32[], u: f64[]', '%0 = scatter mul(x, i, u) return %0', 'x: f64[2], i: i32[], u: f64[3]', 'none, none, 0', [[5, 7], [0], [1, 2, 3]], [[5, 7, 10, 7, 15, 7]]),
    // out of range is dropped, also where the next example's rows follow
    v('x: f64[2], i: i32[2], u: f64[2]', '%0 = scatter add(x, i, u) return %0', 'x: f64[2], i: i32[2, 2], u: f64[2]', 'none, 0, none', [[0, 0], [2, 1, -1, 0], [10, 20]], [[0, 20, 20, 0]]),
    v('x: f64[2, 1], i: u32[1], u: f64[1, 1]', '%0 = scatter max(x, i, u) return %0', 'x: f64[2, 2, 1], i: u32[2, 1], u: f64[1, 1, 2]', '1, 0, 2', [[1, 3, 2, 4], [1, 7], [9, 8]], [[1, 9, 3, 4]]),
    v('x: f64[2], i: u32[], u: f64[]', '%0 = scatter add(x, i, u) return %0', 'x: f64[n<=4, 2], i: u32[n<=4], u: f64[n<=4]', '0, 0, 0', [[1, 2, 3, 4], [2, 1], [10, 20]], [[1, 2, 3, 24]], { bindings: { n: 2 } }),
    v('x: f64[2], i: u32[], u: f64[]', '%0 = scatter add(x, i, u) return %0', 'x: f64[3, 2], i: u32[3], u: f64[]', '0, 0, none', [six, [4294967295, 2, 1], [10]], [[1, 2, 3, 4, 5, 16]]),
  ],
  getDimensionSize: [v('x: f64[n<=4]', '%0 = getDimensionSize(x) axis 0 return %0', 'x: f64[2, n<=4]', '0', [six], [[3, 3]], { bindings: { n: 3 } })],
  get: [v('x: f64[2]', '%0 = reduce min(x, x) axes [0] %1 = add(%0[0], %0[1]) return %1', 'x: f64[2, 2]', '0', [[1, 2, 4, 3]], [[2, 6]])],
  call: [
    v('x: f64[]', '%0 = call square(x) %1 = call square(%0) return %1', 'x: f64[3]', '0', [[1, 2, 3]], [[1, 16, 81]], { graphs: square }),
    v('x: f64[], y: f64[]', '%0 = call both(x, y) %1 = add(%0[0], %0[1]) return %1, %0[1]', 'x: f64[2], y: f64[]', '0, none', [[1, 2], [10]], [[101, 102], [100, 100]], { graphs: 'graph both(x: f64[], y: f64[]) { %0 = mul(y, y) return x, %0 }' }),
  ],
  composite: [v('x: f64[]', '%0 = composite sq(x) body square return %0', 'x: f64[3]', '0', [[1, 2, 3]], [[1, 4, 9]], { graphs: square })],
  transform: [
    v('x: f64[]', '%0: f64[] = constant 1 %1 = transform vjp square(x, %0) wrt [0] return %1[1]', 'x: f64[3]', '0', [[1, 2, 3]], [[2, 4, 6]], { graphs: square }),
    v('x: f64[2]', '%0 = transform vmap square(x) axes [0] return %0', 'x: f64[2, 2]', '1', [[1, 2, 3, 4]], [[1, 9, 4, 16]], { graphs: square }),
  ],
};
// SAFETY: the keys of the table are the names
const operations = Object.keys(vectors) as readonly OpName[];
describe.each(operations)('vmap of %s', (op) => {
  it.each(vectors[op].map((x) => [`${x.of} of ${x.all}, axes ${x.axes}`, x] as const))('%s', (_, vector) => expect(run(vector)).toEqual(vector.gives));
});

const text = (source: string): Module => expanded(orThrow(parseModule(source)));
describe('what is mapped', () => {
  it('computes once what the examples share, and repeats no operand of a contraction', () => {
    const module = text('module main graph f(x: f32[4], w: f32[4, 2]) { %0 = exp(w) %1 = dotGeneral(x, %0) contract [0] [0] return %1 } graph main(x: f32[8, 4], w: f32[4, 2]) { %0 = transform vmap f(x, w) axes [0, none] return %0 }');
    expect(printModule(module)).toBe(`module main

graph main(x: f32[8, 4], w: f32[4, 2]) {
  %0: f32[4, 2] = exp(w)
  %1: f32[8, 2] = dotGeneral(x, %0) contract [1] [0]
  return %1
}
`);
  });
  it('writes a graph once for each way in which it is called', () => {
    const module = text('module main graph g(x: f32[]) { %0 = exp(x) return %0 } graph f(x: f32[], y: f32[]) { %0 = call g(x) %1 = call g(%0) %2 = call g(y) %3 = add(%1, %2) return %3 } graph main(x: f32[8], y: f32[]) { %0 = transform vmap f(x, y) axes [0, none] return %0 }');
    expect(mainNodes(module).flatMap((n) => (n.op === 'call' ? [n.attrs.graph] : []))).toEqual(['g_mapped', 'g_mapped', 'g']);
  });
  it('takes no name of a graph that is still to come', () => {
    const module = text('module main graph g(x: f32[]) { %0 = exp(x) return %0 } graph f(x: f32[]) { %0 = call g(x) return %0 } graph a(x: f32[8]) { %0 = transform vmap f(x) axes [0] return %0 } graph g_mapped(x: f32[8]) { %0 = neg(x) return %0 } graph main(x: f32[8]) { %0 = call a(x) %1 = call g_mapped(%0) return %1 }');
    expect(verify(module)).toEqual([]);
    expect(interpret(module, [new Float32Array(8)]).map((r) => Array.from(r))).toEqual([Array.from({ length: 8 }, () => -1)]);
  });
  it('counts the axes of a composite one further, and keeps it whole', () => {
    const module = text('module main graph b(x: f32[2, 3]) { %0 = reduce add(x) axes [1] return %0 } graph f(x: f32[2, 3]) { %0 = composite total(x) { axis: 1, axes: [0, 1], rate: 2 } body b return %0 } graph main(x: f32[8, 2, 3]) { %0 = transform vmap f(x) axes [0] return %0 }');
    expect(mainNodes(module).map((n) => n.op)).toEqual(['parameter', 'composite']);
    expect(mainNodes(module)[1].attrs).toEqual({ name: 'total', attributes: { axis: 2, axes: [1, 2], rate: 2 }, body: 'b_mapped' });
  });
  it('keeps derivatives of one’s own: of what the examples share, the cotangents of all', () => {
    // y = x·w, whose rule says that dx = 100·ct and dw = 10·x·ct
    const rule = 'graph b(x: f64[], w: f64[]) { %0 = mul(x, w) return %0 } graph r(x: f64[], w: f64[], y: f64[], ct: f64[]) { %0 = mul(ct, 100) %1 = mul(x, ct) %2 = mul(%1, 10) return %0, %2 }';
    const forward = 'graph j(x: f64[], w: f64[], dx: f64[], dw: f64[]) { %0 = mul(x, w) %1 = mul(dx, 7) return %0, %1 }';
    const f = 'graph f(x: f64[], w: f64[]) { %0 = composite own(x, w) body b vjp r jvp j return %0 } graph all(x: f64[3], w: f64[]) { %0 = transform vmap f(x, w) axes [0, none] return %0 }';
    const back = text(`module main ${rule} ${forward} ${f} graph main(x: f64[3], w: f64[], ct: f64[3]) { %0 = transform vjp all(x, w, ct) wrt [0, 1] return %0[1], %0[2] }`);
    expect(interpret(back, [[1, 2, 3], [5], [1, 1, 2]].map((a) => Float64Array.from(a))).map((r) => Array.from(r))).toEqual([[100, 100, 200], [90]]);
    const along = text(`module main ${rule} ${forward} ${f} graph main(x: f64[3], w: f64[], dx: f64[3]) { %0 = transform jvp all(x, w, dx) wrt [0] return %0[1] }`);
    expect(interpret(along, [[1, 2, 3], [5], [1, 2, 3]].map((a) => Float64Array.from(a))).map((r) => Array.from(r))).toEqual([[7, 14, 21]]);
  });
  it('adds up the cotangents of a rule that looks at no example', () => {
    const source = 'graph b(x: f64[], w: f64[]) { %0 = add(x, w) return %0 } graph r(x: f64[], w: f64[], y: f64[], ct: f64[]) { %0: f64[] = constant 0 %1 = mul(w, 2) return %0, %1 } graph f(x: f64[], w: f64[]) { %0 = composite own(x, w) body b vjp r return %0 } graph all(x: f64[3], w: f64[]) { %0 = transform vmap f(x, w) axes [0, none] return %0 }';
    const back = text(`module main ${source} graph main(x: f64[3], w: f64[], ct: f64[3]) { %0 = transform vjp all(x, w, ct) wrt [0, 1] return %0[1], %0[2] }`);
    expect(interpret(back, [[1, 2, 3], [5], [1, 1, 1]].map((a) => Float64Array.from(a))).map((r) => Array.from(r))).toEqual([[0, 0, 0], [30]]);
  });
  it('refuses rows counted by a named dimension where the examples are too and the indices differ, and says so of each', () => {
    const refused = transformRefusals(orThrow(parseModule('module main graph f(t: f32[n<=4], i: i32[]) { %0 = gather(t, i) %1 = scatter add(t, i, %0) return %1 } graph main(t: f32[m<=2, n<=4], i: i32[m<=2]) { %0 = transform vmap f(t, i) axes [0, 0] return %0 }')));
    const why = 'cannot be mapped over examples: each example reads or writes other places, and their number is a named dimension; give it one size';
    expect(refused.map((r) => `${r.code} ${r.message}`)).toEqual([`FX4003 gather ${why}`, `FX4003 scatter add ${why}`]);
  });
});
