import { sym, type TensorType } from '../../../src/core/dim.ts';
import type { Builder } from '../../../src/ir/graph/build.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import type { Module, Node } from '../../../src/ir/graph/syntax.ts';
import type { CustomScalar } from '../../../src/ir/scalars.ts';

/** x·logistic(x), a scalar function of a user's */
export const swish: CustomScalar = {
  custom: 'my swish', arity: 1, expand: (apply, x) => apply('mul', x, apply('logistic', x)), evaluate: (x) => x / (1 + Math.exp(-x)), spell: {}, domain: [-4, 4],
};
export const f32 = (...shape: TensorType['shape']): TensorType => ({ dtype: 'f32', shape });
export const i32 = (...shape: TensorType['shape']): TensorType => ({ dtype: 'i32', shape });
export const bool = (...shape: TensorType['shape']): TensorType => ({ dtype: 'bool', shape });

/** Adds a graph over parameters x0, x1, … to the builder. */
export const define = (b: Builder, name: string, types: readonly TensorType[], body: (...xs: readonly Node[]) => readonly Node[], names: readonly string[] = []): void => {
  const params = types.map((type, i) => b.parameter(name, i, names[i] ?? `x${i}`, type));
  b.addGraph({ name, params, results: body(...params) });
};
export const moduleOf = (types: readonly TensorType[], body: (b: Builder, ...xs: readonly Node[]) => readonly Node[], names: readonly string[] = []): Module => {
  const b = createBuilder();
  define(b, 'main', types, (...xs) => body(b, ...xs), names);
  return b.finish('main');
};

const batch = sym('batch', 128), open = sym('any'), merged = sym('batch', 128, 4);
const bits = (words: readonly number[]): Float32Array => new Float32Array(Uint32Array.from(words).buffer);

/** One for everything that a text must keep, by what it shows. */
export const modules: { readonly [what: string]: () => Module } = {
  'no parameters and no results': () => moduleOf([], () => []),
  'a parameter and a number as results': () => moduleOf([f32(2)], (b, x) => [x, b.like(x, 0.1), x]),
  'named and bounded dimensions': () => moduleOf([f32(batch, 4), f32(open, 3), f32()], (b, x, y, z) => [
    b.reshape(x, [merged]), b.slice(y, [0, 1], [-1, 3]), b.broadcastInDim(z, [open, batch], []), b.pad(x, b.like(z, -0), [0, 1], [0, -2], [0, 1]), b.getDimensionSize(y, 0),
  ]),
  'odd names': () => {
    const b = createBuilder();
    define(b, 'a `graph`', [f32(sym('h*w', 9))], (x) => [x]);
    define(b, 'return', [f32(sym('h*w', 9)), f32(), f32(), f32(), f32(), f32()], (x, ...rest) => [b.call('a `graph`', [x]), ...rest], ['w.0', 'inf', 'back\\slash `', '', 'x', 'x']);
    return b.finish('return');
  },
  'numbers that are special': () => moduleOf([f32(3)], (b, x) =>
    [NaN, Infinity, -Infinity, -0, 0, 5e-324, 1.7976931348623157e308, 0.1, Math.fround(0.1), 1e21, 4294967295].map((v) => b.map('add', [x, b.like(x, v)]))),
  'small constants': () => moduleOf([], (b) => [
    b.constant(f32(2, 2), Float32Array.of(0.1, -0, Infinity, 1e-45)), b.constant(i32(2), Int32Array.of(-2147483648, 7)), b.constant({ dtype: 'u32', shape: [1] }, Uint32Array.of(4294967295)),
    b.constant(bool(3), Uint8Array.of(1, 0, 1)), b.constant(f32(0), new Float32Array(0)), b.constant(f32(2), Float64Array.of(0.1, 0.2)), b.constant({ dtype: 'f64', shape: [2] }, Float64Array.of(0.1, 1 / 3)),
    b.node('constant', { type: f32(), value: Float32Array.of(2) }, []), b.constant(f32(2), bits([0x7fc00001, 0xffc00000])),
  ]),
  'large constants, one of them twice': () => {
    const b = createBuilder(), large = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i));
    define(b, 'other', [], () => [b.constant(f32(1000), large)]);
    define(b, 'main', [f32(1000)], (x) => [b.map('add', [x, b.call('other', [])]), b.constant(f32(10, 100), large), b.constant(i32(65), new Int32Array(65))]);
    return b.finish('main');
  },
  'calls, composites and transforms of several results': () => {
    const b = createBuilder(), type = f32(2, 3);
    define(b, 'body', [type, i32()], (x, n) => [b.map('exp', [x]), b.map('add', [n, n]), b.reduce('add', x, [0, 1])]);
    define(b, 'back', [type, i32(), type, i32(), f32(), type, f32()], (_, __, y, ___, ____, ct) => [b.map('mul', [y, ct])]);
    define(b, 'loss', [type, i32()], (x, n) => {
      const whole = b.node('composite', { name: 'my op', attributes: { axis: 1, 'odd key': 'a `quoted` \\ text', flag: true, off: false, sizes: [1, 2.5, -3], rate: NaN }, body: 'body', vjp: 'back' }, [x, n]);
      const plain = b.node('composite', { name: 'plain', attributes: {}, body: 'body' }, [x, n]);
      return [b.map('sub', [b.get(whole, 2), b.get(plain, 2)]), b.get(whole, 1), b.get(b.call('body', [x, n]), 0)];
    });
    define(b, 'main', [type, i32()], (x, n) => {
      const back = b.node('transform', { kind: 'vjp', graph: 'loss', wrt: [0] }, [x, n, b.constant(f32(), 1), x]);
      const each = b.node('transform', { kind: 'vmap', graph: 'body', axes: [1, null] }, [b.broadcastInDim(x, [2, 4, 3], [0, 2]), n]);
      return [...b.resultsOf(back), ...b.resultsOf(b.node('transform', { kind: 'jvp', graph: 'loss', wrt: [0, 0] }, [x, n, x, x])), ...b.resultsOf(each), n];
    });
    return b.finish('main');
  },
  'copies that must not be merged': () => moduleOf([f32(2)], (b, x) => {
    const copy = (clone: number): Node => b.node('map', { fn: 'exp', dtype: 'f32' }, [x], { clone });
    const both = b.node('reduce', { monoid: 'max', axes: [0] }, [x, copy(1)], { clone: 3 });
    return [copy(0), copy(1), copy(2), b.node('constant', { type: f32(2), value: 1 }, [], { clone: 1 }), b.get(both, 0), b.node('get', { index: 1 }, [both], { clone: 4 })];
  }),
  'a function of a user\'s': () => moduleOf([f32(2)], (b, x) => [b.map(swish, [b.map(swish, [x])])]),
  'every other operation': () => moduleOf([f32(2, 3, 4), f32(2, 4, 5), i32(3), bool(2)], (b, x, y, ids, flags) => [
    b.transpose(x, [2, 0, 1]), b.reverse(x, [0, 2]), b.slice(x, [0, 1, 0], [2, 3, 4], [1, 2, 3]), b.concatenate([x, x], 1), b.iota(i32(2, 2), 1),
    b.dotGeneral(x, y, { batch: [[0], [0]], contract: [[2], [1]] }), b.dotGeneral(x, x, { batch: [[], []], contract: [[0, 1, 2], [0, 1, 2]] }),
    b.gather(x, ids), b.scatter('max', b.constant(f32(4, 2), 0), ids, b.constant(f32(3, 2), 1)), b.reduce('argMin', x, [1]), b.reduce('or', flags, [0]),
    b.map('select', [flags, b.constant(i32(2), 1), b.constant(i32(2), 2)]), b.map('select', [b.constant(bool(3), 1), ids, b.like(ids, 2)]), b.convert(ids, 'f64'), b.convert(b.constant(i32(2), 3), 'bool'),
    b.map('lt', [b.constant(f32(2), 1), b.constant(f32(2), 2)]), b.pad(b.constant(f32(), 1), b.constant(f32(), 2), [], []),
  ]),
  'a graph that nothing names': () => {
    const b = createBuilder();
    define(b, 'left over', [f32()], (x) => [x]);
    define(b, 'main', [f32()], (x) => [b.map('neg', [x])]);
    define(b, 'later', [f32()], (x) => [b.call('left over', [x])]);
    return b.finish('main');
  },
};
