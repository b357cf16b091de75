import { describe, expect, it } from 'vitest';
import { add, compile, compute, f32, fn, i32, key, matmul, mean, mul, normal, ones, orThrow, relu, rsqrt, sigmoid, silu, split, square, valueAndGradAux, type F32, type NDArray } from 'fluxion';
import { batches } from 'fluxion/data';
import * as nn from 'fluxion/nn';
import { sgd } from 'fluxion/optim';
import { is } from '../types/exact.ts';
import { close } from '../expr/run.ts';
import { digits } from './digits.ts';

// for one width: a function and its parameters
const rmsNorm = nn.layer('rmsNorm', f32(['b', 'seq', 64]), () => ({ scale: ones([64]) }),
  (p, x) => mul(mul(x, rsqrt(add(mean(square(x), -1, { keepdims: true }), 1e-6))), p.scale));
// a maker of layers: the width is the caller's
const glu = <const I extends number, const O extends number>(i: I, o: O) =>
  nn.layer('glu', f32(['b', i]), (k) => { const [a, b] = split(k); return { gate: normal(a, [i, o]), value: normal(b, [i, o]) }; },
    (p, x) => mul(silu(matmul(x, p.gate)), matmul(x, p.value)));

describe('layers of one’s own', () => {
  const m = nn.sequential(nn.input([20]), nn.dense(64), glu(64, 32), sigmoid, nn.dense(10));
  is<F32<['batch', 10]>>()(m.output);
  is<F32<[64, 32]>>()(m.params[1].gate);
  is<F32<[32, 10]>>()(m.params[3].kernel);
  it('stand in a sequential beside those of the library', () => {
    using run = orThrow(compile(fn([nn.init(m, key(0)), f32(['batch', 20])], (v, x) => nn.apply(m, v, x))));
    const vars = orThrow(compute(nn.init(m, key(0)))), y = run(vars, new Float32Array(2 * 20));
    expect(y.shape).toEqual([2, 10]);
    // at an input of zeros only the last sigmoid(0) = 1/2 is left
    const { kernel } = vars.params[3], wanted = Array.from({ length: 10 }, (_, j) => 0.5 * Array.from({ length: 32 }, (__, i) => kernel.data[i * 10 + j]).reduce((a, b) => a + b));
    expect(close(y.data.subarray(0, 10), wanted, 1e-5)).toBe(true);
  });
  it('compute what they say', () => {
    const net = nn.sequential(nn.input([16, 64]), rmsNorm, nn.dense(3));
    is<F32<['batch', 16, 3]>>()(net.output);
    const norm = nn.model(nn.input([16, 64]), rmsNorm);
    using run = orThrow(compile(fn([f32(['batch', 16, 64])], (x) => nn.apply(norm, nn.init(norm, key(0)), x))));
    const data = Float32Array.from({ length: 16 * 64 }, (_, i) => Math.sin(i)), y = run(data);
    const rms = (row: number): number => Math.sqrt(data.subarray(row * 64, row * 64 + 64).reduce((a, x) => a + x * x, 0) / 64 + 1e-6);
    expect(close(y.data, Array.from(data, (x, i) => x / rms(Math.floor(i / 64))), 1e-5)).toBe(true);
  });
});

describe('residual networks', () => {
  // by combinators: every parameter has its type
  const basic = <const C extends number>(c: C) => nn.chain(nn.residual(nn.chain(nn.dense(c), relu, nn.dense(c))), relu);
  const net = nn.sequential(nn.input([784]), nn.dense(32, 'relu'), basic(32), basic(32), nn.dense(10));
  is<F32<['batch', 10]>>()(net.output);
  is<F32<[32, 32]>>()(net.params[1][0][2].kernel);
  // by a body: wiring in plain code, parameters under names
  const down = nn.block('down', f32(['n', 12]), { one: nn.dense(8), two: nn.dense(8), skip: nn.dense(8) }, (l, x) => relu(add(l.two(relu(l.one(x))), l.skip(x))));
  const wired = nn.sequential(nn.input([12]), down, nn.dense(10));
  is<F32<['batch', 10]>>()(wired.output);

  it('train by hand: state in, state out', async () => {
    const { train } = await digits(), opt = sgd({ learningRate: 0.05, momentum: 0.9 }), vars = nn.init(net, key(0));
    const step = fn([vars, opt.init(vars.params), f32(['batch', 784]), i32(['batch']), key(0)], ({ params, state }, slots, x, y, k) => {
      const [loss, g, next] = valueAndGradAux((p: typeof params) => {
        const [out, s] = nn.applyTrain(net, { params: p, state }, x, k);
        return [mean(nn.sparseCategoricalCrossentropyFromLogits(out, y)), s] as const;
      })(params);
      const [newParams, newSlots] = opt.update(g, slots, params);
      return { variables: { params: newParams, state: next }, slots: newSlots, loss };
    });
    using run = orThrow(compile(step, { donate: [0, 1] }));
    let { variables, slots } = orThrow(compute({ variables: vars, slots: opt.init(vars.params) }));
    const losses: number[] = [];
    for (let epoch = 0; epoch < 4; epoch++) for (const { x, y } of batches(train, 128, { seed: epoch })) {
      const next = run(variables, slots, x.data, y.data, key(epoch));
      ({ variables, slots } = next);
      losses.push(next.loss.item());
    }
    expect(slots.step.item()).toBe(32);
    expect(losses[31]).toBeLessThan(losses[0] / 2);
  });
  it('wired in a block compute what their wiring says', () => {
    const model = nn.model(nn.input([12]), down), vars = orThrow(compute(nn.init(model, key(3)))), { one, two, skip } = vars.params;
    const x = Float32Array.from({ length: 12 }, (_, i) => Math.cos(i));
    const row = (input: readonly number[], { kernel }: { readonly kernel: NDArray<unknown> }) => Array.from({ length: 8 }, (_, j) => input.reduce((sum, v, i) => sum + v * kernel.data[i * 8 + j], 0));
    const positive = (xs: readonly number[]) => xs.map((v) => Math.max(0, v));
    const hidden = positive(row([...x], one)), straight = row([...x], skip), wanted = positive(row(hidden, two).map((v, j) => v + straight[j]));
    using run = orThrow(compile(fn([nn.init(model, key(0)), f32(['batch', 12])], (v, input) => nn.apply(model, v, input))));
    expect(close(run(vars, x).data, wanted, 1e-5)).toBe(true);
  });
});
