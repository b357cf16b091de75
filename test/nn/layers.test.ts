import { describe, expect, it } from 'vitest';
import { add, array, compile, f32, fn, foldIn, key, matmul, mul, normal, ones, origin, orThrow, relu, sigmoid, square, sum, tanh, treeLeaves, valueAndGrad, zeros, type Dyn, type F32, type Key, type NDArray } from 'fluxion';
import * as nn from 'fluxion/nn';
import { close, floats, run } from '../expr/run.ts';
import { unchecked } from '../messages.ts';

const { chain, dense, input, sequential } = nn;
const paths = (tree: unknown): readonly string[] => treeLeaves(tree).map((l) => l.path.join('.'));
/** a model's numbers for these parameters and rows, on the reference meaning */
const numbers = (m: { readonly input: unknown; readonly layer: unknown; readonly params: unknown; readonly state: unknown }, params: readonly (readonly number[])[], rows: number, x: readonly number[]): readonly number[] => {
  const model: nn.Model = unchecked(m), f = fn([model.params, f32([rows, ...model.input.shape.slice(1)])], (p, v) => nn.apply(model, unchecked({ params: p, state: model.state }), unchecked(v)));
  return [...run(f, [...params.map((p) => floats(...p)), floats(...x)])[0].data];
};

describe('dense', () => {
  it('is x·kernel + bias over the last axis, and its activation', () => {
    // [1, 2]·[[1, 2, 3], [4, 5, 6]] = [9, 12, 15]
    expect(numbers(sequential(input([2]), dense(3)), [[1, 2, 3, 4, 5, 6], [0.5, 0, -20]], 1, [1, 2])).toEqual([9.5, 12, -5]);
    expect(numbers(sequential(input([2]), dense(3, 'relu')), [[1, 2, 3, 4, 5, 6], [0.5, 0, -20]], 1, [1, 2])).toEqual([9.5, 12, 0]);
    expect(numbers(sequential(input([2]), dense(3, { bias: false, activation: (x) => mul(x, 2) })), [[1, 2, 3, 4, 5, 6]], 2, [1, 2, 0, 1])).toEqual([18, 24, 30, 8, 10, 12]);
  });
  it('takes more axes, or one', () => {
    expect(numbers(sequential(input([2, 2]), dense(1)), [[1, 10], [1]], 2, [1, 2, 3, 4, 5, 6, 7, 8])).toEqual([22, 44, 66, 88]);
    const row = dense(2), at = fn([row.init(key(0), unchecked(f32([2]))).params, f32([2])], (p, x) => row.apply({ params: p, state: {} }, unchecked(x), undefined).y);
    expect(run(at, [floats(1, 2, 3, 4), floats(0, 1), floats(1, 1)])[0]).toMatchObject({ shape: [2], data: floats(4, 7) });
  });
});

describe('activations', () => {
  const one = (f: unknown): ((x: F32<[1, 4]>) => F32<Dyn>) => unchecked(f);
  it('by name are the functions of that name, as layers too', () => {
    for (const [name, f] of Object.entries(nn.activations)) {
      const named: nn.ActivationName = unchecked(name), x = [-2, -0.5, 0, 3];
      const wanted = [...run(fn([f32([1, 4])], (v) => one(f)(v)), [floats(...x)])[0].data];
      expect(numbers(sequential(input([4]), nn.activation(named)), [], 1, x), name).toEqual(wanted);
      expect(numbers(sequential(input([4]), f), [], 1, x), name).toEqual(wanted);
    }
  });
  it('of the tutorial, by hand', () => {
    const at = (name: nn.ActivationName, x: readonly number[]): readonly number[] => numbers(sequential(input([x.length]), nn.activation(name)), [], 1, x);
    expect(at('step', [-1, 0, 2])).toEqual([0, 1, 1]);
    expect(close(at('sigmoid', [0, Math.log(3)]), [0.5, 0.75])).toBe(true);
    expect(close(at('tanh', [0, Math.log(2)]), [0, 0.6])).toBe(true);
    expect(at('relu', [-1, 0, 2])).toEqual([0, 0, 2]);
    expect(close(at('softmax', [0, Math.log(2), Math.log(5)]), [0.125, 0.25, 0.625])).toBe(true);
    expect(at('linear', [-1, 2])).toEqual([-1, 2]);
  });
});

describe('flatten', () => {
  it('keeps the first axis and the order of the numbers', () => {
    expect(numbers(sequential(input([2, 3]), nn.flatten()), [], 1, [1, 2, 3, 4, 5, 6])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(sequential(input([28, 28, 1]), nn.flatten()).output.shape).toEqual(['batch', 784]);
    expect(sequential(input([]), nn.flatten()).output.shape).toEqual(['batch', 1]);
  });
});

describe('composition', () => {
  const net = sequential(input([2]), dense(2, 'tanh'), relu, chain(dense(3), sigmoid), nn.residual(chain(dense(3, 'relu'))), dense(1, { bias: false }));
  it('names parameters by their places', () => expect(paths(net.params)).toEqual(['0.kernel', '0.bias', '2.0.kernel', '2.0.bias', '3.0.kernel', '3.0.bias', '4.kernel']));
  it('is the composition of the functions', () => {
    const w = [[0.3, -0.2, 0.5, 0.7], [0.1, 0.2], [1, -1, 0.5, 0.25, 2, -3], [0, 0.5, 1], [0.1, 0.2, 0.3, -0.4, 0.5, 0.6, 0.7, -0.8, 0.9], [0.1, 0, -0.1], [1, 2, 3]], x = [0.5, -1];
    const by = (v: readonly number[], k: readonly number[], b: readonly number[]): readonly number[] => b.map((c, j) => v.reduce((n, a, i) => n + a * k[i * b.length + j], c));
    const h1 = by(x, w[0], w[1]).map(Math.tanh).map((v) => Math.max(v, 0)), h2 = by(h1, w[2], w[3]).map((v) => 1 / (1 + Math.exp(-v)));
    const h3 = by(h2, w[4], w[5]).map((v, i) => Math.max(v, 0) + h2[i]), y = by(h3, w[6], [0]);
    expect(close(numbers(net, w, 1, x), y)).toBe(true);
  });
  it('of nothing is nothing', () => {
    expect(numbers(sequential(input([2])), [], 1, [1, 2])).toEqual([1, 2]);
    expect(paths(sequential(input([2]), chain()).params)).toEqual([]);
  });
  it('one layer in two places has two sets of parameters', () => {
    const d = dense(2, { bias: false });
    expect(numbers(sequential(input([2]), d, d), [[1, 0, 0, 2], [0, 1, 1, 0]], 1, [3, 5])).toEqual([10, 3]);
  });
  it('residual broadcasts its body over its input', () => expect(numbers(sequential(input([2]), nn.residual(dense(1))), [[1, 1], [0.5]], 1, [1, 2])).toEqual([4.5, 5.5]));
  it('nests to any depth in types and in run', () => {
    const deep = chain(chain(chain(dense(2)), relu), nn.residual(nn.residual(dense(2))));
    expect(paths(sequential(input([2]), deep).params)).toEqual(['0.0.0.0.kernel', '0.0.0.0.bias', '0.1.kernel', '0.1.bias']);
    // x + (x + W x) with W = 0 and b = 1, of relu(x)
    expect(numbers(sequential(input([2]), deep), [[1, 0, 0, 1], [0, 0], [0, 0, 0, 0], [1, 1]], 1, [3, -4])).toEqual([7, 1]);
  });
  it('takes any batch, by size or by name', () => {
    const model = sequential(input([2]), dense(3)), vars = nn.init(model, key(0));
    expect(nn.apply(model, vars, f32([7, 2])).shape).toEqual([7, 3]);
    expect(nn.apply(model, vars, f32(['examples', 2])).shape).toEqual(['examples', 3]);
  });
});

describe('layers of one’s own', () => {
  const scale = nn.layer('scale', f32(['batch', 2]), () => ({ by: ones([2]), shift: [zeros([]), zeros([])] as const }), (p, x) => add(mul(x, p.by), add(p.shift[0], p.shift[1])));
  it('have the parameters they make, and the meaning they give', () => {
    const model = sequential(input([2]), scale, scale);
    expect(paths(model.params)).toEqual(['0.by', '0.shift.0', '0.shift.1', '1.by', '1.shift.0', '1.shift.1']);
    expect(numbers(model, [[2, 3], [1], [0], [1, -1], [0], [0.5]], 1, [10, 20])).toEqual([21.5, -60.5]);
  });
  it('draw from their own key', () => {
    const noisy = nn.layer('noisy', f32(['b', 3]), (k) => ({ w: normal(k, [3, 2]) }), (p, x) => matmul(x, p.w));
    const [a, b] = nn.init(sequential(input([3]), noisy, dense(3), noisy), key(1)).params.flatMap((p) => ('w' in p ? [p.w] : []));
    const drawn = run(fn([], () => [a, b]));
    expect(drawn[0].data).not.toEqual(drawn[1].data);
  });
});

describe('blocks', () => {
  const gate = nn.block('gate', f32(['n', 2]), { a: dense(2, { bias: false }), b: dense(2, { bias: false }) }, (l, x) => mul(tanh(l.a(x)), l.b(x)));
  it('thread parameters by name', () => {
    const model = sequential(input([2]), gate);
    expect(paths(model.params)).toEqual(['0.a.kernel', '0.b.kernel']);
    expect(close(numbers(model, [[1, 0, 0, 1], [2, 0, 0, 3]], 1, [0.5, -1]), [Math.tanh(0.5) * 1, Math.tanh(-1) * -3])).toBe(true);
  });
  it('share the parameters of a layer that is called twice', () => {
    const twice = nn.block('twice', f32(['n', 2]), { d: dense(2) }, (l, x) => l.d(l.d(x)));
    const model = sequential(input([2]), twice);
    expect(paths(model.params)).toEqual(['0.d.kernel', '0.d.bias']);
    expect(numbers(model, [[0, 1, 2, 0], [1, 0]], 1, [3, 5])).toEqual([7, 11]);
  });
  it('nest', () => {
    const outer = nn.block('outer', f32(['n', 2]), { inner: gate, rest: chain(relu, dense(1)) }, (l, x) => l.rest(add(x, l.inner(x))));
    expect(paths(sequential(input([2]), outer).params)).toEqual(['0.inner.a.kernel', '0.inner.b.kernel', '0.rest.1.kernel', '0.rest.1.bias']);
  });
});

describe('training and inference', () => {
  /** counts what it has seen, and adds a random number where it is given a key */
  const jitter = (): nn.Layer => ({
    kind: 'layer', name: 'jitter', origin: origin(),
    init: () => ({ params: {}, state: { seen: zeros([]) } }),
    apply: ({ state }, x, k) => (k === undefined ? { y: x, state } : { y: unchecked(add(x as F32<Dyn>, normal(k, [2]))), state: { seen: add((state as { readonly seen: F32 }).seen, 1) } }),
  });
  const model: nn.Model = unchecked(nn.model(input([2]), chain(jitter(), nn.block('pair', f32(['n', 2]), { one: jitter(), two: jitter() }, (l, x) => unchecked(l.two(unchecked(l.one(unchecked(x)))))), nn.residual(jitter()))));
  it('thread state through chains, blocks and residuals, by place and name', () => {
    expect(paths(model.state)).toEqual(['0.seen', '1.one.seen', '1.two.seen', '2.seen']);
    const step = fn([model.state, f32([1, 2]), key(0)], (state, x, k) => nn.applyTrain(model, unchecked({ params: model.params, state }), unchecked(x), k)[1]);
    expect(run(step, [floats(0), floats(1), floats(2), floats(3), floats(0, 0), Uint32Array.of(0, 1)]).map((r) => r.data[0])).toEqual([1, 2, 3, 4]);
  });
  it('give every layer its own random numbers, and inference none', () => {
    const vars = nn.init(model, key(0)), zero = unchecked(zeros([1, 2]));
    expect([...run(fn([], () => nn.apply(model, unchecked(vars), zero)))[0].data]).toEqual([0, 0]);
    const k = key(3), fold = (base: Key, ...at: readonly number[]): Key => at.reduce((b, i) => foldIn(b, i), base);
    const own = [fold(k, 0), fold(k, 1, 0, 0), fold(k, 1, 1, 0)].map((at) => [...run(fn([], () => normal(at, [2])))[0].data]);
    const last = [...run(fn([], () => normal(fold(k, 2), [2])))[0].data], h = own[0].map((a, i) => a + own[1][i] + own[2][i]);
    const wanted = h.map((a, i) => a + a + last[i]);
    expect(close(run(fn([], () => nn.applyTrain(model, unchecked(vars), zero, k)[0]))[0].data, wanted, 1e-5)).toBe(true);
  });
});

describe('a network', () => {
  it('has gradients for every parameter, through the whole pipeline', () => {
    const net = sequential(input([2]), dense(4, 'tanh'), nn.residual(dense(4)), dense(1)), loss = (p: typeof net.params, x: NDArray<[8, 2], 'f32'>): F32 => sum(square(nn.apply(net, { params: p, state: net.state }, x)));
    const x = array([...Array(16).keys()].map((i) => Math.sin(i)), [8, 2]);
    const f = fn([net.params], (p) => valueAndGrad(loss)(p, x)), vars = orThrow(compile(fn([], () => nn.init(net, key(2)).params)))();
    const [value, grads] = orThrow(compile(f))(vars);
    expect(value.item()).toBeGreaterThan(0);
    expect(treeLeaves(grads).every(({ value: g }) => (g as NDArray<Dyn>).data.some((d) => d !== 0))).toBe(true);
    expect(paths(grads)).toEqual(paths(net.params));
  });
  it('is told as a table', () => {
    expect(nn.summary(sequential(input([28, 28, 1]), nn.flatten(), dense(128, 'relu'), dense(10, 'softmax')))).toBe([
      '[batch, 28, 28, 1] → [batch, 10]',
      '  params.1.kernel  f32 [784, 128]  100,352',
      '  params.1.bias    f32 [128]       128',
      '  params.2.kernel  f32 [128, 10]   1,280',
      '  params.2.bias    f32 [10]        10',
      '101,770 parameters',
    ].join('\n'));
  });
});
