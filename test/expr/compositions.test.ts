import { describe, expect, it } from 'vitest';
import { add, arrayOf, compile, div, exp, f64, fn, grad, jvp, log, logSoftmax, matmul, mul, neg, orThrow, reshape, sin, softmax, stopGradient, sum, tanh, valueAndGrad, vjp, type Tensor } from 'fluxion';
import { run } from './run.ts';

type V = Tensor<[3], 'f64'>;
type Field = (x: V) => V;
type Loss = (x: V) => Tensor<[], 'f64'>;
const dot = (a: V, b: V): Tensor<[], 'f64'> => sum(mul(a, b));
const vector = (...xs: readonly number[]): V => arrayOf('f64', Float64Array.from(xs), [3]);

/** whose derivatives of every order differ from each other's */
const losses: Readonly<Record<string, Loss>> = {
  'a product of functions': (x) => sum(mul(exp(mul(x, 0.3)), sin(mul(x, x)))),
  'cross-entropy of a layer': (x) => neg(dot(logSoftmax(tanh(reshape(matmul(reshape(x, [1, 3]), reshape(sin(mul(reshape(x, [3, 1]), reshape(x, [1, 3]))), [3, 3])), [3]))), vector(0.2, 0.5, 0.3))),
  'a quotient': (x) => div(dot(x, x), add(sum(exp(x)), 1)),
  'the logarithm of a probability': (x) => log(dot(softmax(mul(x, x)), vector(1, 2, 3))),
  'a gradient inside': (x) => dot(grad((y: V) => sum(mul(mul(y, y), sin(mul(x, y)))))(x), tanh(x)),
  'a direction inside': (x) => { const [y, dy] = jvp((z: V) => mul(z, exp(mul(z, mul(x, 0.3)))))([x], [sin(x)]); return dot(y, dy); },
  'a pullback inside': (x) => { const [y, pull] = vjp((z: V) => mul(z, sin(mul(z, x))))(x); return dot(pull(mul(y, x))[0], x); },
  'captured across three levels': (x) => dot(x, grad((y: V) => dot(y, grad((z: V) => dot(mul(z, mul(z, z)), mul(x, y)))(y)))(x)),
};

const axes = [vector(1, 0, 0), vector(0, 1, 0), vector(0, 0, 1)];
/** ways to a gradient */
const gradients: Readonly<Record<string, (f: Loss) => Field>> = {
  grad: (f) => (x) => grad(f)(x),
  valueAndGrad: (f) => (x) => valueAndGrad(f)(x)[1],
  vjp: (f) => (x) => { const [y, pull] = vjp(f)(x); return pull(add(mul(y, 0), 1))[0]; },
  jvp: (f) => (x) => axes.map((e) => mul(e, jvp(f)([x], [e])[1])).reduce((a, b) => add(a, b)),
};
const v = vector(0.4, -0.3, 0.8);
/** ways to a Hessian times v */
const second: Readonly<Record<string, (f: Loss) => Field>> = {
  'grad of grad': (f) => (x) => grad((y: V) => dot(grad(f)(y), v))(x),
  'jvp of grad': (f) => (x) => jvp((y: V) => grad(f)(y))([x], [v])[1],
  'jvp of vjp': (f) => (x) => jvp((y: V) => gradients['vjp'](f)(y))([x], [v])[1],
  'vjp of jvp': (f) => (x) => { const [y, pull] = vjp((z: V) => jvp(f)([z], [v])[1])(x); return pull(add(mul(y, 0), 1))[0]; },
  'grad of jvp': (f) => (x) => grad((y: V) => jvp(f)([y], [v])[1])(x),
  'jvp of jvp': (f) => (x) => axes.map((e) => mul(e, jvp((y: V) => jvp(f)([y], [v])[1])([x], [e])[1])).reduce((a, b) => add(a, b)),
  'vjp of grad': (f) => (x) => vjp((y: V) => grad(f)(y))(x)[1](v)[0],
};
/** ways to the third derivative, twice along v */
const third: Readonly<Record<string, (f: Loss) => Field>> = {
  'grad of grad of grad': (f) => (x) => grad((y: V) => dot(second['grad of grad'](f)(y), v))(x),
  'jvp of jvp of grad': (f) => (x) => jvp((y: V) => second['jvp of grad'](f)(y))([x], [v])[1],
  'grad of jvp of jvp': (f) => (x) => grad((y: V) => jvp((z: V) => jvp(f)([z], [v])[1])([y], [v])[1])(x),
  'vjp of jvp of grad': (f) => (x) => vjp((y: V) => second['jvp of grad'](f)(y))(x)[1](v)[0],
};

const point = [0.7, -0.4, 0.3];
const at = (f: (x: V) => Tensor<unknown>, xs: readonly number[]): readonly number[] => Array.from(run(fn([f64([3])], f), [Float64Array.from(xs)])[0].data);
/** d f/dt at x + t·w by differences of the fourth order */
const slope = (f: (x: V) => Tensor<unknown>, w: readonly number[], h = 1e-3): readonly number[] => {
  const [a, b, c, d] = [2, 1, -1, -2].map((k) => at(f, point.map((x, i) => x + k * h * w[i])));
  return a.map((_, i) => (8 * (b[i] - c[i]) - (a[i] - d[i])) / (12 * h));
};
const expectClose = (got: readonly number[], wanted: readonly number[]): void => {
  const scale = Math.max(1, ...wanted.map(Math.abs));
  expect(Math.max(...got.map((x, i) => Math.abs(x - wanted[i]))) / scale).toBeLessThan(1e-8);
};

describe.each(Object.entries(losses))('derivatives of %s', (_, f) => {
  const along = [0.4, -0.3, 0.8], unit = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  const [wanted1, wanted2, wanted3] = [unit.map((e) => slope(f, e)[0]), slope(gradients['grad'](f), along), slope(second['grad of grad'](f), along)];
  it.each(Object.entries(gradients))('%s', (__, way) => { expectClose(at(way(f), point), wanted1); });
  it.each(Object.entries(second))('%s', (__, way) => { expectClose(at(way(f), point), wanted2); });
  it.each(Object.entries(third))('%s', (__, way) => { expectClose(at(way(f), point), wanted3); });
  it('compiled', () => {
    for (const [way, wanted] of [[gradients['grad'], wanted1], [second['jvp of grad'], wanted2], [third['vjp of jvp of grad'], wanted3]] as const) {
      using step = orThrow(compile(fn([f64([3])], way(f))));
      expectClose(Array.from(step(Float64Array.from(point)).data), wanted);
    }
  });
});

describe('what is held still', () => {
  const held: Loss = (x) => dot(stopGradient(exp(x)), mul(x, x));
  it('has no derivative, of any order, in any way', () => {
    const first = point.map((x) => 2 * x * Math.exp(x)), twice = point.map((x, i) => 2 * Math.exp(x) * [0.4, -0.3, 0.8][i]);
    for (const way of Object.values(gradients)) expectClose(at(way(held), point), first);
    for (const way of Object.values(second)) expectClose(at(way(held), point), twice);
    for (const way of Object.values(third)) expectClose(at(way(held), point), [0, 0, 0]);
  });
});
