import { describe, expect, it } from 'vitest';
import { bool, convert, f32, f64, fn, i32, key, matmul, mul, origin, relu, reshape, softmax, sum, zeros } from 'fluxion';
import * as nn from 'fluxion/nn';
import { page, saidOf, unchecked } from '../messages.ts';

const { dense, input, sequential } = nn;
/** what applying a model says, and what its first variables say */
const used = (m: nn.Model): string => saidOf(fn([{ params: m.params, state: m.state }, m.input], (v, x) => nn.apply(m, unchecked(v), unchecked(x))), { dims: { batch: 2, n: 3 } });
const drawn = (m: nn.Model): string => saidOf(fn([], () => nn.init(m, key(0))));
const applied = (f: () => unknown): string => saidOf(fn([], f), { dims: { batch: 2, n: 3 } });
/** layers whose fit tsc would refuse */
const loosely = (x: nn.Input<never, never>, ...parts: readonly unknown[]): nn.Model => unchecked(sequential(x, ...parts.map(unchecked)));
const over = (x: unknown, ...parts: readonly unknown[]): nn.Model => unchecked(nn.model(unchecked({ kind: 'input', tensor: x }), nn.chain(...parts.map(unchecked))));
const of = (...shape: readonly (number | string)[]): nn.Input<never, never> => unchecked(input([...shape]));
const counts: unknown = input([4], 'i32');

/** a layer with state, as one may write it by hand */
const counting = (): nn.Layer => ({ kind: 'layer', name: 'counting', origin: origin(), init: () => ({ params: {}, state: { seen: zeros([]) } }), apply: ({ state }, x) => ({ y: x, state }) });
const x8 = () => f32(['n', 8]);

const messages = {
  'an activation without name': () => used(loosely(of(4), dense(3, unchecked('rleu')))),
  'an activation layer without name': () => used(loosely(of(4), nn.activation(unchecked('rleu')))),
  'an activation that changes the shape': () => used(loosely(of(4), dense(3, unchecked((x: never) => sum(x, -1))))),
  'a function that changes the shape': () => used(loosely(of(4), (x: never) => reshape(x, unchecked(['batch', 2, 2])))),
  'an activation of integers': () => used(loosely(unchecked(counts), nn.activation('gelu'))),
  'no count of units, twice, and an activation without name': () => used(loosely(of(4), dense(0), dense(2.5), dense(1, unchecked('rleu')))),
  'the same, asked for first variables': () => drawn(loosely(of(4), dense(-1))),
  'no shape': () => used(loosely(of(28, 0), dense(3))),
  'no shape, when the model is applied': () => {
    const m = loosely(of(-1), dense(3));
    return applied(() => nn.apply(m, nn.init(m, key(0)), unchecked(zeros([2, 4]))));
  },
  'a last axis without size': () => used(loosely(of('n'), dense(3))),
  'a declared last axis': () => used(loosely(of(4), dense(3), dense(2, { inputs: 5 }))),
  'a dense layer of a scalar': () => used(over(f32([]), dense(3))),
  'a dense layer of integers': () => used(loosely(unchecked(counts), dense(3))),
  'flattening a scalar': () => used(over(f32([]), nn.flatten())),
  'the rank of a layer of one’s own': () => used(loosely(of(4, 4), nn.layer('own', f32(['n', 4]), () => ({}), (_, v) => v))),
  'its size': () => used(loosely(of(5), nn.layer('own', f32(['n', 4]), () => ({}), (_, v) => v))),
  'its name used twice': () => used(loosely(of(4), nn.layer('own', f32(['n', 'n']), () => ({}), (_, v) => v))),
  'its dtype': () => used(loosely(of(4), nn.layer('own', bool(['n', 4]), () => ({}), (_, v) => convert(v, 'f32')))),
  'a mistake in its body': () => used(loosely(of(4), nn.layer('own', f32(['n', 4]), () => ({}), (_, v) => matmul(v, unchecked(zeros([5, 2])))))),
  'an input that is not the model’s': () => {
    const m = sequential(input([4]), dense(3));
    return ['f32[2, 5]', 'f32[2, 4, 1]', 'f64[2, 4]'].map((_, i) => applied(() => nn.apply(m, nn.init(m, key(0)), unchecked([zeros([2, 5]), zeros([2, 4, 1]), zeros([2, 4], 'f64')][i])))).join('\n');
  },
  'variables of another model': () => {
    const m = sequential(input([4]), dense(3), dense(2, { bias: false })), other = sequential(input([4]), dense(3, { bias: false }), dense(5));
    return applied(() => nn.apply(m, unchecked(nn.init(other, key(0))), zeros([2, 4])));
  },
  'variables of another dtype': () => {
    const m = sequential(input([1]), dense(1, { bias: false }));
    return applied(() => nn.apply(m, unchecked({ params: [{ kernel: zeros([1, 1], 'f64') }], state: [{}] }), zeros([2, 1])));
  },
  'an initialiser without name': () => drawn(unchecked(sequential(input([4]), dense(3, { kernelInit: unchecked('glorot') })))),
  'an initialiser of other shapes': () => drawn(unchecked(sequential(input([4]), dense(3, { biasInit: nn.initializer('odd', () => zeros([7])) })))),
  'ranges and distributions': () => drawn(unchecked(sequential(input([4]), dense(3, { kernelInit: nn.randomUniform({ low: 1, high: -1 }), biasInit: nn.randomNormal({ deviation: -1 }) })))),
  'a layer that a block never calls': () => used(loosely(of(8), nn.block('gate', x8(), { a: dense(8), b: dense(8) }, (l, v) => l.a(v)))),
  'a layer with state that a block calls twice': () => used(loosely(of(8), nn.block('pair', x8(), { a: counting() }, (l, v) => unchecked(l.a(unchecked(l.a(unchecked(v)))))))),
  'a mistake in a block’s layer': () => used(loosely(of(8), nn.block('pair', x8(), { a: dense(4), b: dense(3, { inputs: 9 }) }, (l, v) => l.b(unchecked(l.a(v)))))),
  'a block’s input': () => used(loosely(of(7), nn.block('one', x8(), { a: dense(4) }, (l, v) => l.a(v)))),
  'a mistake in a block’s body': () => used(loosely(of(8), nn.block('one', x8(), { a: dense(4) }, (l, v) => unchecked(mul(l.a(v), unchecked(zeros([3]))))))),
  'a residual whose shapes do not go together': () => used(loosely(of(8), relu, nn.residual(dense(3)))),
  'chains in chains': () => used(loosely(of(8), dense(8), nn.chain(relu, nn.residual(nn.chain(dense(8), dense(8, { inputs: 9 })))))),
  'something that is no layer': () => used(loosely(of(8), 'relu', 3)),
  'softmax where there is no axis': () => used(over(f32([]), softmax)),
  'targets of another shape': () => saidOf(fn([f32(['n', 1]), f32(['n'])], (p, t) => nn.meanSquaredError(p, unchecked(t))), { dims: { n: 3 } }),
  'labels of another shape': () => saidOf(fn([f32(['n', 10]), i32(['n', 1])], (p, t) => nn.sparseCategoricalCrossentropy(p, unchecked(t))), { dims: { n: 3 } }),
  'one-hot rows for class numbers': () => saidOf(fn([f32(['n', 10]), i32(['n', 10])], (p, t) => nn.sparseCategoricalCrossentropyFromLogits(p, unchecked(t))), { dims: { n: 3 } }),
  'classes without examples': () => saidOf(fn([f32([10]), f32([10])], (p, t) => nn.categoricalCrossentropy(p, t))),
  'labels that are no class numbers': () => saidOf(fn([f32(['n', 10]), f32(['n'])], (p, t) => nn.sparseCategoricalCrossentropy(p, unchecked(t))), { dims: { n: 3 } }),
  'targets of another dtype': () => saidOf(fn([f32([3]), f64([3])], (p, t) => nn.meanAbsoluteError(p, unchecked(t)))),
} as const satisfies Record<string, () => string>;

describe('mistakes in networks', () => {
  it('are told at lowering, each with where it was written', async () => {
    await expect(page(Object.fromEntries(Object.entries(messages).map(([title, text]) => [title, text()])))).toMatchFileSnapshot('../golden/messages/nn.txt');
  });
  it('are not made by a right network', () => expect(used(unchecked(sequential(input([4]), dense(8, 'relu'), nn.residual(dense(8)), relu, dense(2, 'softmax'))))).toBe('nothing is wrong'));
});
