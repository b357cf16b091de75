import { describe, expect, it } from 'vitest';
import type { Builder } from '../../../../src/ir/graph/build.ts';
import type { Node, OpName } from '../../../../src/ir/graph/syntax.ts';
import { topological } from '../../../../src/ir/graph/walk.ts';
import { jvp } from '../../../../src/passes/graph/derivatives/jvp.ts';
import { reductions } from '../../../../src/passes/graph/derivatives/reductions.ts';
import { vjp } from '../../../../src/passes/graph/derivatives/vjp.ts';
import { checkTwice, count, differentiated, f64, i32, run, spread, type Sample } from './laws.ts';

/** a sample at generic points; integer operands are given */
const sample = (types: Sample['types'], body: Sample['body'], ints: readonly (readonly number[])[] = []): Sample => {
  const left = [...ints];
  return { types, body, at: types.map((type, i) => (type.dtype === 'f64' ? spread(count(type), 0.4, 1.6, 0.17 * i) : left.shift() ?? [])) };
};
/** the operation after a square, so that second derivatives flow through it */
const curved = (types: Sample['types'], op: (b: Builder, ...xs: readonly Node[]) => Node, ints: readonly (readonly number[])[] = []): Sample =>
  sample(types, (b, ...xs) => {
    const y = op(b, ...xs.map((x) => (x.type.dtype === 'f64' ? b.map('mul', [x, x]) : x)));
    return [b.map('mul', [y, b.map('sin', [y])])];
  }, ints);

const samples: { readonly [name: string]: Sample } = {
  'reshape': curved([f64(2, 3)], (b, x) => b.reshape(x, [3, 1, 2])),
  'transpose': curved([f64(2, 3, 4)], (b, x) => b.transpose(x, [2, 0, 1])),
  'reverse': curved([f64(2, 3)], (b, x) => b.reverse(x, [1])),
  'broadcastInDim, new axes': curved([f64(2)], (b, x) => b.broadcastInDim(x, [3, 2, 2], [1])),
  'broadcastInDim, repeated axes': curved([f64(2, 1, 3)], (b, x) => b.broadcastInDim(x, [2, 4, 3, 5], [0, 1, 2])),
  'broadcastInDim, axes of size 1 kept': curved([f64(1, 3)], (b, x) => b.broadcastInDim(x, [1, 2, 3], [0, 2])),
  'broadcastInDim, scalar': curved([f64()], (b, x) => b.broadcastInDim(x, [2, 2], [])),
  'slice': curved([f64(5, 3)], (b, x) => b.slice(x, [1, 0], [4, 2])),
  'slice, strided': curved([f64(7, 6)], (b, x) => b.slice(x, [1, 0], [6, 6], [2, 5])),
  'slice, empty': curved([f64(4)], (b, x) => b.slice(x, [2], [2])),
  'pad': curved([f64(2, 3), f64()], (b, x, v) => b.pad(x, v, [1, 0], [0, 2])),
  'pad, interior': curved([f64(2, 3), f64()], (b, x, v) => b.pad(x, v, [0, 1], [2, 0], [2, 1])),
  'pad, negative': curved([f64(4, 3), f64()], (b, x, v) => b.pad(x, v, [-1, -2], [0, 1], [1, 1])),
  'pad, of nothing': curved([f64(0), f64()], (b, x, v) => b.pad(x, v, [1], [2], [1])),
  'concatenate': curved([f64(2, 3), f64(2, 1), f64(2, 2)], (b, ...xs) => b.concatenate(xs, 1)),
  'concatenate, of one': curved([f64(2)], (b, x) => b.concatenate([x], 0)),
  'window': curved([f64(2, 6)], (b, x) => b.window(x, { axis: 1, size: 3, stride: 1, dilation: 1 })),
  'window, spaced': curved([f64(9, 2)], (b, x) => b.window(x, { axis: 0, size: 2, stride: 2, dilation: 3 })),
  'overlapAdd': curved([f64(2, 4, 3)], (b, y) => b.overlapAdd(y, { axis: 1, length: 6, stride: 1, dilation: 1 })),
  'overlapAdd, spaced': curved([f64(3, 2, 2)], (b, y) => b.overlapAdd(y, { axis: 0, length: 9, stride: 2, dilation: 3 })),
  'dotGeneral, matrices': curved([f64(2, 3), f64(3, 4)], (b, x, y) => b.dotGeneral(x, y, { batch: [[], []], contract: [[1], [0]] })),
  'dotGeneral, transposed': curved([f64(3, 2), f64(4, 3)], (b, x, y) => b.dotGeneral(x, y, { batch: [[], []], contract: [[0], [1]] })),
  'dotGeneral, batched': curved([f64(2, 5, 3), f64(3, 4, 2)], (b, x, y) => b.dotGeneral(x, y, { batch: [[0], [2]], contract: [[2], [0]] })),
  'dotGeneral, several axes crossed': curved([f64(3, 2, 4, 2), f64(4, 2, 2, 3)], (b, x, y) => b.dotGeneral(x, y, { batch: [[1], [2]], contract: [[0, 2], [3, 0]] })),
  'dotGeneral, two batches in other orders': curved([f64(2, 3, 2), f64(2, 3, 2)], (b, x, y) => b.dotGeneral(x, y, { batch: [[1, 0], [1, 2]], contract: [[2], [0]] })),
  'dotGeneral, outer product': curved([f64(2), f64(3)], (b, x, y) => b.dotGeneral(x, y, { batch: [[], []], contract: [[], []] })),
  'dotGeneral, with itself': curved([f64(3, 3)], (b, x) => b.dotGeneral(x, x, { batch: [[], []], contract: [[1], [0]] })),
  'reduce add': curved([f64(2, 3, 2)], (b, x) => b.reduce('add', x, [0, 2])),
  'reduce mul': curved([f64(3, 5)], (b, x) => b.reduce('mul', x, [1])),
  'reduce mul, two axes': curved([f64(2, 2, 3)], (b, x) => b.reduce('mul', x, [0, 2])),
  'reduce mul, no axes': curved([f64(2)], (b, x) => b.reduce('mul', x, [])),
  'reduce max': curved([f64(3, 4)], (b, x) => b.reduce('max', x, [1])),
  'reduce min, two axes': curved([f64(2, 2, 3)], (b, x) => b.reduce('min', x, [0, 2])),
  'reduce, several operands': sample([f64(2, 3), f64(2, 3)], (b, x, y) => {
    const both = b.node('reduce', { monoid: 'mul', axes: [1] }, [x, b.map('exp', [y])]);
    return [b.map('mul', [b.get(both, 0), b.get(both, 1)]), b.get(both, 1)];
  }),
  'scan': sample([f64(2), f64(4, 2), f64(2)], (b, c, xs, w) => {
    const graph = b.freshName('run'), [state, row, other] = [c, c, w].map((x, i) => b.parameter(graph, i, `p${i}`, x.type)), next = b.map('sin', [b.map('add', [b.map('mul', [state, other]), row])]);
    b.addGraph({ name: graph, params: [state, row, other] as never, results: [next, b.map('mul', [next, row])] });
    return b.resultsOf(b.node('scan', { graph, carries: 1, slices: 1, length: 4, reverse: true }, [c, xs, w]));
  }),
  'case': sample([i32(), f64(3), f64(3)], (b, i, x, y) => {
    const branches = (['mul', 'sub'] as const).map((fn) => {
      const graph = b.freshName('branch'), [p, q] = [x, y].map((v, k) => b.parameter(graph, k, `p${k}`, v.type));
      b.addGraph({ name: graph, params: [p, q] as never, results: [b.map('sin', [b.map(fn, [b.map('mul', [p, p]), q])])] });
      return graph;
    });
    return [b.node('case', { branches }, [i, x, y])];
  }, [[1]]),
  'gather': curved([f64(3, 2), i32(4)], (b, x, i) => b.gather(x, i), [[2, 0, 2, 1]]),
  'gather, clamped': curved([f64(3, 2), i32(2, 2)], (b, x, i) => b.gather(x, i), [[-5, 7, 1, 2]]),
  'gather, one index': curved([f64(3, 2), i32()], (b, x, i) => b.gather(x, i), [[1]]),
  'scatter add': curved([f64(3, 2), i32(4), f64(4, 2)], (b, x, i, u) => b.scatter('add', x, i, u), [[1, 0, 1, 1]]),
  'scatter add, dropping': curved([f64(3), i32(2, 2), f64(2, 2)], (b, x, i, u) => b.scatter('add', x, i, u), [[-1, 2, 3, 0]]),
  'scatter set': curved([f64(3, 2), i32(4), f64(4, 2)], (b, x, i, u) => b.scatter('set', x, i, u), [[1, 0, 1, 1]]),
  'scatter set, dropping': curved([f64(3), i32(2, 2), f64(2, 2)], (b, x, i, u) => b.scatter('set', x, i, u), [[-1, 2, 3, 2]]),
  'dynamicSlice': curved([f64(3, 4), i32(), i32()], (b, x, i, j) => b.dynamicSlice(x, [i, j], [2, 3]), [[1], [9]]),
  'dynamicSlice, of numbers': curved([f64()], (b, x) => b.dynamicSlice(x, [], [])),
  'dynamicUpdateSlice': curved([f64(3, 4), f64(2, 3), i32(), i32()], (b, x, u, i, j) => b.dynamicUpdateSlice(x, u, [i, j]), [[-1], [1]]),
};

describe('derivatives of operations', () => {
  it.each(Object.keys(samples))('%s: differences, transposition, second derivatives', (name) => checkTwice(samples[name]));

  it('have a row for every operation, and are tried for every one that has operands', () => {
    expect(Object.keys(jvp).sort()).toEqual(Object.keys(vjp).sort());
    const without: readonly string[] = ['parameter', 'constant', 'iota', 'getDimensionSize', 'argsort', 'get', 'map', 'while', 'call', 'composite', 'transform'] satisfies readonly OpName[];
    for (const op of Object.keys(vjp)) expect(without.includes(op) || Object.keys(samples).some((name) => name.startsWith(op)), op).toBe(true);
  });
  it('refuse what has no derivative, with the reason in the row', () => {
    const reasons = Object.keys(reductions).filter((m) => !['add', 'mul', 'max', 'min'].includes(m));
    expect(reasons).toEqual(['and', 'or', 'argMax', 'argMin', 'maxExpSum', 'welford']);
  });
});

const gradient = (of: Sample, ...seeds: readonly (readonly number[])[]): readonly (readonly number[])[] => run(differentiated(of, ['vjp']), [...of.at, ...seeds]);
const product = (xs: readonly number[]): Sample => ({ types: [f64(xs.length)], at: [xs], body: (b, x) => [b.reduce('mul', x, [0])] });
const extreme = (monoid: 'max' | 'min', shape: readonly number[], axes: readonly number[], xs: readonly number[]): Sample =>
  ({ types: [f64(...shape)], at: [xs], body: (b, x) => [b.reduce(monoid, x, axes)] });

describe('products with zeros, by hand', () => {
  it('none: the product of the others', () => expect(gradient(product([2, 3, 5]), [1])).toEqual([[15, 10, 6]]));
  it('one: only its own place has a slope', () => expect(gradient(product([2, 0, 5]), [1])).toEqual([[0, 10, 0]]));
  it('two: all slopes are zero', () => expect(gradient(product([0, 3, 0]), [1])).toEqual([[0, 0, 0]]));
  it('of one factor and of none', () => {
    expect(gradient(product([7]), [1])).toEqual([[1]]);
    expect(gradient(product([]), [1])).toEqual([[]]);
  });
  // f = xyzw; ∂²f/∂x∂z at (0, 3, 0, 5) is yw = 15, and all others with it are 0
  it('second derivatives see the two zeros', () => {
    const twice = differentiated(product([0, 3, 0, 5]), ['vjp', 'jvp']);
    expect(run(twice, [[0, 3, 0, 5], [1], [1, 0, 0, 0], [0]])[0]).toEqual([0, 0, 15, 0]);
    expect(run(differentiated(product([0, 3, 0, 5]), ['vjp', 'vjp']), [[0, 3, 0, 5], [1], [1, 0, 0, 0]])[0]).toEqual([0, 0, 15, 0]);
  });
  // ∂³(xyz)/∂x∂y∂z = 1
  it('third derivatives see three', () =>
    expect(run(differentiated(product([0, 0, 0]), ['vjp', 'jvp', 'jvp']), [[0, 0, 0], [1], [0, 1, 0], [0], [0, 0, 1], [0], [0, 0, 0], [0]])[0]).toEqual([1, 0, 0]));
});

describe('ties of extremes, by hand', () => {
  it('the first of equals gets it all', () => {
    expect(gradient(extreme('max', [4], [0], [1, 3, 3, 2]), [1])).toEqual([[0, 1, 0, 0]]);
    expect(gradient(extreme('min', [2, 3], [1], [1, 1, 2, 5, 4, 4]), [10, 20])).toEqual([[10, 0, 0, 0, 20, 0]]);
  });
  it('the first in row-major order, over two axes', () =>
    expect(gradient(extreme('max', [2, 2, 2], [0, 2], [1, 2, 9, 3, 2, 2, 9, 9]), [1, 2])).toEqual([[0, 1, 2, 0, 0, 0, 0, 0]]));
  it('an infinite cotangent stays where it belongs', () =>
    expect(gradient(extreme('max', [2], [0], [1, 2]), [Infinity])).toEqual([[0, Infinity]]));
});

describe('indices, by hand', () => {
  // the out-of-range index 9 reads the last row: its cotangent is added there
  it('gather clamps', () => {
    const of: Sample = { types: [f64(3), i32(3)], at: [[1, 2, 3], [9, -1, 2]], body: (b, x, i) => [b.gather(x, i)] };
    expect(gradient(of, [10, 20, 30])).toEqual([[20, 0, 40]]);
  });
  it('scatter drops', () => {
    const of: Sample = { types: [f64(3), i32(3), f64(3)], at: [[1, 2, 3], [9, -1, 2], [1, 1, 1]], body: (b, x, i, u) => [b.scatter('add', x, i, u)] };
    expect(gradient(of, [10, 20, 30])).toEqual([[10, 20, 30], [0, 0, 30]]);
  });

  const pickRows = (clamp: boolean): Sample => ({
    types: [f64(2, 3), i32(2)], at: [[1, 2, 3, 4, 5, 6], [2, 0]],
    body: (b, x, i) => {
      const column = clamp ? b.map('max', [b.map('min', [i, b.like(i, 2)]), b.like(i, 0)]) : i;
      const place = b.map('add', [b.map('mul', [b.iota(i.type, 0), b.like(i, 3)]), column]);
      return [b.gather(b.reshape(x, [6]), place)];
    },
  });
  it('one element of each row is put back without a scatter', () => {
    const of = pickRows(true), f = differentiated(of, ['vjp']);
    expect(run(f, [...of.at, [10, 20]])).toEqual([[0, 0, 10, 20, 0, 0]]);
    expect(opsOf(f.module)).not.toContain('scatter');
  });
  it('unless an index might leave its row', () => {
    const of = pickRows(false), f = differentiated(of, ['vjp']);
    expect(run(f, [...of.at, [10, 20]])).toEqual([[0, 0, 10, 20, 0, 0]]);
    expect(opsOf(f.module)).toContain('scatter');
  });
});
const opsOf = (module: { readonly graphs: ReadonlyMap<string, { readonly results: readonly Node[] }> }): readonly OpName[] =>
  [...module.graphs.values()].flatMap((graph) => topological(graph.results).map((node) => node.op));
