import { describe, expect, it } from 'vitest';
import { jsTarget } from '../../../src/backends/js/js.ts';
import { nameOf } from '../../../src/passes/plan/print.ts';
import { planOf } from './golden.ts';

/** what is written over which parameter, in the order of the results; then the kernels in the order in which they run */
const placed = (body: string, donated: readonly number[]): string => {
  const { inPlace, groups, results } = planOf(`(${body} }`, jsTarget, donated);
  const over = results.flatMap((n, i) => { const p = inPlace.get(n); return p === undefined ? [] : [`${i} over ${p.attrs.name}`]; });
  return `${over.join(', ')}; ${groups.map((g) => g.roots.map(nameOf).join(' + ')).join(', ')}`;
};
type Case = readonly [title: string, graph: string, donated: readonly number[], wanted: string];

describe('a result takes over donated memory', () => {
  it.each<Case>([
    ['that it reads element by element', 'p: f32[3, 4]) { %0: f32[3, 4] = exp(p) return %0', [0], '0 over p; exp'],
    ['that its kernel does not read', 'p: f32[3], x: f32[3]) { %0: f32[3] = exp(x) return %0', [0], '0 over p; exp'],
    ['its own before that of others', 'p: f32[3], q: f32[3]) { %0: f32[3] = exp(q) return %0', [0, 1], '0 over q; exp'],
    ['each its own', 'p: f32[3], q: f32[3]) { %0: f32[3] = exp(q) %1: f32[3] = sin(p) return %0, %1', [0, 1], '0 over q, 1 over p; exp, sin'],
    ['one each', 'p: f32[3], x: f32[3]) { %0: f32[3] = exp(x) %1: f32[3] = sin(x) return %0, %1', [0], '0 over p; exp + sin'],
    ['what an epilogue reads', 'x: f32[3, 5], y: f32[5, 4], p: f32[3, 4]) { %0: f32[3, 4] = dotGeneral(x, y) contract [1] [0] %1: f32[3, 4] = sub(p, %0) return %1', [2], '0 over p; sub'],
    ['what is read once a row', 'x: f32[3, 4], p: f32[3]) { %0: f32[3] = reduce add(x) axes [1] %1: f32[3] = sub(p, %0) return %1', [1], '0 over p; sub'],
    ['what is read in the sweep that stores', 'x: f32[3, 4], p: f32[3, 4]) { %0: f32[3] = reduce add(x) axes [1] %1: f32[3, 4] = broadcastInDim(%0) dims [0] %2: f32[3, 4] = mul(p, %1) return %2', [1], '0 over p; mul'],
    ['what is read after the last row', 'x: f32[3, 4], p: f32[4]) { %0: f32[3] = reduce max(x) axes [1] %1: f32[4] = reduce add(x) axes [0] %2: f32[4] = sub(p, %1) return %0, %2', [1], '1 over p; reduce max + sub'],
    ['with an axis of one element', 'x: f32[1, 4], p: f32[1, 4]) { %0: f32[1, 4] = mul(x, p) return %0', [1], '0 over p; mul'],
    ['whose one row it reads for each', 'x: f32[1, 4], p: f32[1, 4]) { %0: f32[1, 4] = broadcastInDim(p) dims [0, 1] %1: f32[1, 4] = mul(x, %0) return %1', [1], '0 over p; mul'],
    ['a number that its loops read', 'p: f32[], q: f32[], x: f32[3]) { %0: f32[] = exp(q) %1: f32[3] = broadcastInDim(%0) dims [] %2: f32[3] = broadcastInDim(p) dims [] %3: f32[3] = mul(x, %1) %4: f32[3] = mul(%3, %2) return %0, %4', [0], '0 over p; exp + mul'],
    ['after all other kernels that read it', 'p: f32[3], x: f32[4]) { %0: f32[3] = exp(p) %1: f32[3] = reverse(p) axes [0] %2: f32[3, 4] = broadcastInDim(%1) dims [0] %3: f32[3, 4] = broadcastInDim(x) dims [1] %4: f32[3, 4] = mul(%2, %3) return %0, %4', [0], '0 over p; mul, exp'],
  ])('%s', (_, graph, donated, wanted) => expect(placed(graph, donated)).toBe(wanted));
});

describe('a result does not take over', () => {
  it.each<Case>([
    ['memory that is not donated', 'p: f32[3]) { %0: f32[3] = exp(p) return %0', [], '; exp'],
    ['another dtype', 'p: i32[3], x: f32[3]) { %0: f32[3] = exp(x) return %0', [0], '; exp'],
    ['another shape', 'p: f32[4], x: f32[3]) { %0: f32[3] = exp(x) return %0', [0], '; exp'],
    ['what it reads at another element', 'p: f32[3, 3]) { %0: f32[3, 3] = transpose(p) perm [1, 0] %1: f32[3, 3] = exp(%0) return %1', [0], '; exp'],
    ['what it reads in reverse', 'p: f32[3]) { %0: f32[3] = reverse(p) axes [0] %1: f32[3] = exp(%0) return %1', [0], '; exp'],
    ['what it reads here and elsewhere', 'p: f32[3]) { %0: f32[3] = reverse(p) axes [0] %1: f32[3] = mul(p, %0) return %1', [0], '; mul'],
    ['what it reads through padding', 'p: f32[3]) { %0: f32[4] = pad(p, 0) low [0] high [1] %1: f32[3] = slice(%0) [0..3] %2: f32[3] = exp(%1) return %2', [0], '; exp'],
    ['a row that is summed in the same sweep', 'p: f32[3, 4]) { %0: f32[3] = reduce add(p) axes [1] %1: f32[3, 4] = broadcastInDim(%0) dims [0] %2: f32[3, 4] = mul(p, %1) return %2', [0], '; mul'],
    ['what another value of the kernel reads in a later sweep', 'x: f32[3, 4], p: f32[3, 4]) { %0: f32[3, 4] = mul(x, p) %1: f32[3] = reduce add(x) axes [1] %2: f32[3, 4] = broadcastInDim(%1) dims [0] %3: f32[3, 4] = mul(p, %2) return %0, %3', [1], '; mul + mul'],
    ['what another value of the kernel computes again from it in a later sweep', 'x: f32[3, 4], p: f32[3, 4]) { %0: f32[3, 4] = exp(p) %1: f32[3] = reduce add(x) axes [1] %2: f32[3, 4] = broadcastInDim(%1) dims [0] %3: f32[3, 4] = mul(%0, %2) %4: f32[3, 4] = mul(%3, x) return %0, %4', [1], '; exp + mul'],
    ['a factor of its contraction', 'x: f32[3, 3], p: f32[3, 3]) { %0: f32[3, 3] = dotGeneral(p, x) contract [1] [0] return %0', [1], '; dotGeneral'],
    ['the operand of its scatter', 'p: f32[3], i: i32[2], u: f32[2]) { %0: f32[3] = scatter add(p, i, u) return %0', [0], '; scatter add'],
    ['what a kernel after it reads', 'p: f32[3], x: f32[3]) { %0: f32[3] = exp(p) %1: f32[3] = reverse(%0) axes [0] %2: f32[3] = mul(%1, p) return %0, %2', [0], '1 over p; exp, mul'],
    ['a number that is summed into', 'p: f32[], x: f32[3]) { %0: f32[3] = broadcastInDim(p) dims [] %1: f32[3] = mul(x, %0) %2: f32[] = reduce add(%1) axes [0] return %2', [0], '; reduce add'],
  ])('%s', (_, graph, donated, wanted) => expect(placed(graph, donated)).toBe(wanted));
});

describe('kernels run', () => {
  it.each<Case>([
    ['after those that they read', 'x: f32[3, 3]) { %0: f32[3, 3] = dotGeneral(x, x) contract [1] [0] %1: f32[3, 3] = exp(%0) %2: f32[3, 3] = dotGeneral(%1, x) contract [1] [0] %3: f32[3, 3] = sin(%2) %4: f32[3, 3] = dotGeneral(%3, %1) contract [1] [0] return %4', [], '; exp, sin, dotGeneral'],
    ['otherwise as they stand in the graph', 'x: f32[3], y: f32[4], z: f32[5]) { %0: f32[5] = sin(z) %1: f32[3] = exp(x) %2: f32[4] = cos(y) return %2, %1, %0', [], '; sin, exp, cos'],
    ['those of the graph’s beginning first, also where they wait', 'x: f32[3, 3], y: f32[4]) { %0: f32[3, 3] = dotGeneral(x, x) contract [1] [0] %1: f32[3, 3] = exp(%0) %2: f32[3, 3] = dotGeneral(%1, x) contract [1] [0] %3: f32[4] = cos(y) return %3, %2', [], '; exp, dotGeneral, cos'],
  ])('%s', (_, graph, donated, wanted) => expect(placed(graph, donated)).toBe(wanted));
});
