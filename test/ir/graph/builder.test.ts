import { describe, expect, it } from 'vitest';
import { sym } from '../../../src/core/dim.ts';
import { InternalError } from '../../../src/core/invariant.ts';
import type { Builder } from '../../../src/ir/graph/build.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import type { Node } from '../../../src/ir/graph/syntax.ts';
import { define, f32, i32, swish } from './modules.ts';

const start = (): { readonly b: Builder; readonly x: Node; readonly y: Node } => {
  const b = createBuilder();
  return { b, x: b.parameter('main', 0, 'x', f32(2, 3)), y: b.parameter('main', 1, 'y', f32(2, 3)) };
};
const dims = { batch: [[], []], contract: [[1], [1]] } as const;

/** pairs that mean the same, and pairs that do not */
const same: { readonly [what: string]: (b: Builder, x: Node, y: Node) => readonly [Node, Node] } = {
  'the same function of the same operands': (b, x, y) => [b.map('add', [x, y]), b.map('add', [x, y])],
  'attributes in another order': (b, x, y) => [b.dotGeneral(x, y, dims), b.dotGeneral(x, y, { contract: dims.contract, batch: dims.batch })],
  'axes of a reduction in another order': (b, x) => [b.reduce('add', x, [1, 0]), b.reduce('add', x, [0, 1])],
  'small arrays of the same elements': (b) => [b.constant(f32(2), Float32Array.of(1, -0)), b.constant(f32(2), Float32Array.of(1, -0))],
  'an array of one element and its number': (b) => [b.constant(f32(), Float32Array.of(2)), b.constant(f32(), 2)],
  'large arrays that are one': (b) => { const data = new Float32Array(100); return [b.constant(f32(100), data), b.constant(f32(100), data)]; },
  'equal dimensions made twice': (b) => [b.constant(f32(sym('n', 4)), 1), b.constant(f32(sym('n', 4)), 1)],
  'a function of a user\'s': (b, x) => [b.map(swish, [x]), b.map(swish, [x])],
  'convert to its own dtype and the operand': (b, x) => [b.convert(x, 'f32'), x],
  'the only result and the node': (b, x) => { const y = b.map('neg', [x]); return [b.get(y, 0), y]; },
};
const different: typeof same = {
  'operands in another order': (b, x, y) => [b.map('add', [x, y]), b.map('add', [y, x])],
  'another function': (b, x, y) => [b.map('add', [x, y]), b.map('sub', [x, y])],
  '0 and -0': (b, x) => [b.like(x, 0), b.like(x, -0)],
  '0 and -0 in arrays': (b) => [b.constant(f32(2), Float32Array.of(0, 0)), b.constant(f32(2), Float32Array.of(0, -0))],
  'another dtype': (b) => [b.constant(f32(), 1), b.constant(i32(), 1)],
  'arrays of another kind': (b) => [b.constant(f32(2), Float32Array.of(1, 2)), b.constant(f32(2), Float64Array.of(1, 2))],
  'large arrays made twice': (b) => [b.constant(f32(100), new Float32Array(100)), b.constant(f32(100), new Float32Array(100))],
  'another bound of a dimension': (b) => [b.constant(f32(sym('n', 4)), 1), b.constant(f32(sym('n', 5)), 1)],
  'a copy that rematerialisation marked': (b, x) => [b.map('exp', [x]), b.node('map', { fn: 'exp', dtype: 'f32' }, [x], { clone: 1 })],
  'another of a user\'s functions of that name': (b, x) => [b.map(swish, [x]), b.map({ ...swish }, [x])],
  'another axis': (b, x) => [b.reduce('add', x, [0]), b.reduce('add', x, [1])],
};

describe('the builder', () => {
  it.each(Object.entries(same))('makes once: %s', (_, make) => { const { b, x, y } = start(), [p, q] = make(b, x, y); expect(p).toBe(q); });
  it.each(Object.entries(different))('tells apart: %s', (_, make) => { const { b, x, y } = start(), [p, q] = make(b, x, y); expect(p).not.toBe(q); });

  it('numbers nodes so that operands come first', () => {
    const { b, x, y } = start(), z = b.map('exp', [b.map('add', [x, y])]);
    expect(z.id).toBeGreaterThan(z.inputs[0].id);
    expect(z.inputs[0].id).toBeGreaterThan(y.id);
  });
  it('gathers where equal nodes were written, each place once and a few at most', () => {
    const { b, x } = start(), at = (stack: string) => ({ trace: { stack } });
    const places = ['a', 'b', 'c', 'd', 'e', 'f'].map(at), write = (origin: (typeof places)[number]) => b.node('map', { fn: 'exp', dtype: 'f32' }, [x], { origins: [origin] });
    for (const origin of [places[0], ...places]) write(origin);
    expect(write(places[0]).origins).toEqual(places.slice(0, 4));
  });
  it('names graphs that are not there yet', () => {
    const { b } = start();
    define(b, 'f', [f32()], (x) => [x]);
    expect([b.freshName('f'), b.freshName('f'), b.freshName('g'), b.freshName('g')]).toEqual(['f_1', 'f_2', 'g', 'g_1']);
  });
  it('gives each result of several, and the types of a call', () => {
    const { b, x } = start();
    define(b, 'two', [f32(2, 3)], (p) => [b.reduce('add', p, [0]), b.reduce('argMax', p, [1])]);
    expect(b.resultsOf(b.call('two', [x])).map((node) => node.type)).toEqual([f32(3), i32(2)]);
    expect(b.resultsOf(x)).toEqual([x]);
  });
  it.each<readonly [string, (b: Builder, x: Node) => unknown, string]>([
    ['operands of another shape', (b, x) => b.map('add', [x, b.constant(f32(), 1)]), 'add: shapes differ: [2, 3] and []'],
    ['a graph that is not there', (b, x) => b.call('nowhere', [x]), "no graph is called 'nowhere'"],
    ['a result that is not there', (b, x) => b.get(x, 1), 'get: no result 1'],
    ['a node of several results as an operand', (b, x) => b.map('exp', [b.node('reduce', { monoid: 'max', axes: [0] }, [x, x])]), 'map: an operand has several results; read them with get'],
    ['a main that is not there', (b) => b.finish('main'), "no graph is called 'main'"],
    ['a graph asked for that is not there', (b) => b.graph('main'), "no graph is called 'main'"],
  ])('calls a bug: %s', (_, make, message) => {
    const { b, x } = start();
    expect(() => make(b, x)).toThrow(InternalError);
    expect(() => make(b, x)).toThrow(message);
  });
});
