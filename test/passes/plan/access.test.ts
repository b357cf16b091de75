import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ix from '../../../src/core/affine.ts';
import { isSym } from '../../../src/core/dim.ts';
import type { TypedArray } from '../../../src/core/dtype.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import type { Node } from '../../../src/ir/graph/syntax.ts';
import { flatten, isView, stridesOf, unflatten, viewAt } from '../../../src/passes/plan/access.ts';
import { nameOf } from '../../../src/passes/plan/print.ts';
import { readsOf } from '../../../src/passes/plan/seeds.ts';
import { mainOf } from '../../../src/testing/derivatives.ts';
import { programs } from '../../../src/testing/index.ts';
import { moduleOf } from './golden.ts';

const shapeOf = (node: Node): readonly number[] => node.type.shape.map((d) => (isSym(d) ? d.max : d));
const positions = (shape: readonly number[]): readonly (readonly number[])[] =>
  shape.reduce<readonly (readonly number[])[]>((all, n) => all.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])), [[]]);
const boundsOf = (shape: readonly number[]): ix.Bounds => (leaf) => (leaf.kind === 'axis' ? { lo: 0, hi: shape[Number(leaf.axis.slice(1))] - 1 } : { lo: -Infinity, hi: Infinity });

/** One element through views only, as their index arithmetic says; every index lies inside what it reads. */
const read = (node: Node, at: readonly ix.Index[], bounds: ix.Bounds, here: (leaf: ix.Leaf) => number, args: ReadonlyMap<Node, TypedArray>): number => {
  const where = at.map((index) => ix.evaluate(index, here)), shape = shapeOf(node);
  if (!where.every((i, axis) => i >= 0 && i < shape[axis])) throw new Error(`${node.op} of [${shape.join()}] read at ${where.join()}`);
  if (node.op === 'constant' && typeof node.attrs.value === 'number') return node.attrs.value;
  if (!isView(node)) return (args.get(node) ?? [])[where.reduce((sum, i, axis) => sum * shape[axis] + i, 0)];
  const { pieces, fallback } = viewAt(node, at, bounds);
  const piece = pieces.find(({ guard }) => ix.evaluateGuard(guard, here));
  if (piece !== undefined) return read(piece.x, piece.at, bounds, here, args);
  if (fallback === undefined) throw new Error(`${node.op} of [${shape.join()}] gives nothing at ${where.join()}`);
  return read(fallback, [], bounds, here, args);
};

const viewsOnly = ['broadcastInDim', 'reshape', 'transpose', 'slice', 'pad', 'reverse', 'concatenate'] as const;
const isWholly = (node: Node): boolean => node.op === 'parameter' || (node.op === 'constant' && typeof node.attrs.value === 'number') || (isView(node) && node.inputs.every(isWholly));

it('views of views are one index and one guard, for every element', () => {
  let elements = 0;
  fc.assert(fc.property(programs({ ops: viewsOnly, steps: 5 }), ({ module, args }) => {
    const { params, results } = mainOf(module), wanted = interpret(module, args);
    const given = new Map<Node, TypedArray>(params.map((p, i) => [p, args[i]]));
    for (const [k, result] of results.entries()) {
      const shape = shapeOf(result), axes = shape.map((_, i) => ix.axis(`a${i}`));
      if (!isWholly(result)) continue;
      const found = positions(shape).map((at) => read(result, axes, boundsOf(shape), (leaf) => (leaf.kind === 'axis' ? at[Number(leaf.axis.slice(1))] : NaN), given));
      elements += found.length;
      expect(found).toEqual(Array.from(wanted[k]));
    }
  }), { numRuns: 100, seed: 21 });
  expect(elements).toBeGreaterThan(1000);
});

it('unflatten is the reverse of flatten, and a named axis strides by its largest size', () => {
  for (const shape of [[3, 4, 5], [1, 7], [4], [2, 1, 3]]) for (const at of positions(shape)) {
    const linear = flatten(at.map(ix.constant), shape), n = at.reduce((sum, i, axis) => sum * shape[axis] + i, 0);
    expect(ix.constantOf(linear)).toBe(n);
    expect(unflatten(ix.constant(n), shape, boundsOf([])).map(ix.constantOf)).toEqual(at);
  }
  expect(stridesOf([{ name: 'batch', max: 8, by: 3 }, 4, 5])).toEqual([20, 5, 1]);
  expect(stridesOf([2, { name: 'batch', max: 8, by: 3 }, 5])).toEqual([120, 5, 1]);
  expect(stridesOf([2, 0, 3])).toEqual([3, 3, 1]);
  expect(stridesOf([])).toEqual([]);
});

const shown = (graph: string, stored: readonly string[] = []): readonly string[] => {
  const [root] = mainOf(moduleOf(graph)).results;
  return readsOf(root, (x) => stored.includes(nameOf(x)))
    .map(({ node, at, guarded }) => `${node.op === 'parameter' ? node.attrs.name : node.op}[${at.map(ix.showIndex).join(', ')}]${guarded ? '?' : ''}`);
};
describe('what a node reads', () => {
  it.each([
    ['its operand through functions', '(x: f32[3, 4]) { %0: f32[3, 4] = sin(x) %1: f32[3, 4] = neg(%0) return %1 }', ['x[a0, a1]']],
    ['down to what is stored', '(x: f32[3, 4], y: f32[3, 4]) { %0: f32[3, 4] = exp(x) %1: f32[3, 4] = mul(%0, y) return %1 }', ['map[a0, a1]', 'y[a0, a1]']],
    ['the same place once', '(x: f32[3]) { %0: f32[3] = sin(x) %1: f32[3] = mul(%0, x) return %1 }', ['x[a0]']],
    ['a row through a broadcast', '(x: f32[3], y: f32[3, 4]) { %0: f32[3, 4] = broadcastInDim(x) dims [0] %1: f32[3, 4] = add(%0, y) return %1 }', ['x[a0]', 'y[a0, a1]']],
    ['an axis of one element at 0', '(x: f32[1, 4]) { %0: f32[3, 4] = broadcastInDim(x) dims [0, 1] %1: f32[3, 4] = sin(%0) return %1 }', ['x[0, a1]']],
    ['the operand of a reduction at its own axes', '(x: f32[3, 4]) { %0: f32[4, 3] = transpose(x) perm [1, 0] %1: f32[4] = reduce add(%0) axes [1] return %1 }', ['x[a1, a0]']],
    ['factors at result and contracted axes', '(x: f32[2, 3, 4], y: f32[2, 5, 4]) { %0: f32[2, 3, 5] = dotGeneral(x, y) batch [0] [0] contract [2] [2] return %0 }', ['x[a0, a1, a3]', 'y[a0, a2, a3]']],
    ['factors whose contracted axes stand first', '(x: f32[4, 2, 3], y: f32[4, 3, 5]) { %0: f32[2, 5] = dotGeneral(x, y) contract [0, 2] [0, 1] return %0 }', ['x[a2, a0, a3]', 'y[a2, a3, a1]']],
    ['a padded value where it is, and the padding', '(x: f32[3], v: f32[]) { %0: f32[5] = pad(x, v) low [1] high [1] %1: f32[5] = sin(%0) return %1 }', ['x[a0 - 1]?', 'v[]?']],
    ['a pad that is the root itself', '(x: f32[3], v: f32[]) { %0: f32[5] = pad(x, v) low [1] high [1] return %0 }', ['x[a0 - 1]?', 'v[]?']],
    ['rows wherever their indices say', '(x: f32[5, 3], i: i32[2]) { %0: f32[2, 3] = gather(x, i) %1: f32[2, 3] = sin(%0) return %1 }', ['i[a0]', 'x[data(any, 0..0), a1]']],
    ['indices at their own axes', '(x: f32[5, 3], i: i32[2, 4]) { %0: f32[2, 4, 3] = gather(x, i) return %0 }', ['i[a0, a1]', 'x[data(any, 0..0), a2]']],
    ['nothing for a size', '(x: f32[n<=3]) { %0: i32[] = getDimensionSize(x) axis 0 return %0 }', []],
  ] as const)('%s', (_, graph, wanted) => expect(shown(graph, ['exp'])).toEqual(wanted));
});
