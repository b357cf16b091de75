import { expect, it } from 'vitest';
import { add, compile, compute, f32, fn, foldIn, key, mean, normal, onesLike, orThrow, split, valueAndGrad, zerosLike, type Key } from 'fluxion';
import { batches } from 'fluxion/data';
import * as nn from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { digits } from './digits.ts';

const G = nn.sequential(nn.input([16]), nn.dense(32, 'relu'), nn.dense(784, 'sigmoid'));
const D = nn.sequential(nn.input([784]), nn.dense(32, 'relu'), nn.dense(1));
const opt = adam({ learningRate: 2e-3, b1: 0.5 }), bce = nn.binaryCrossentropyFromLogits;
const start = (k: Key) => {
  const [a, b] = split(k), g = nn.init(G, a), d = nn.init(D, b);
  return { g, d, gOpt: opt.init(g.params), dOpt: opt.init(d.params) };
};

const dStep = fn([start(key(0)), f32(['batch', 784]), key(0)], (s, real, k) => {
  const fake = nn.apply(G, s.g, normal(k, ['batch', 16]));
  const [loss, grads] = valueAndGrad((params: typeof s.d.params) => {
    const r = nn.apply(D, { params, state: s.d.state }, real), f = nn.apply(D, { params, state: s.d.state }, fake);
    return add(mean(bce(r, onesLike(r))), mean(bce(f, zerosLike(f))));
  })(s.d.params);
  const [params, dOpt] = opt.update(grads, s.dOpt, s.d.params);
  return { state: { ...s, d: { ...s.d, params }, dOpt }, loss };
});
const gStep = fn([start(key(0)), key(0)], (s, k) => {
  const [loss, grads] = valueAndGrad((params: typeof s.g.params) => {
    const f = nn.apply(D, s.d, nn.apply(G, { params, state: s.g.state }, normal(k, ['batch', 16])));
    return mean(bce(f, onesLike(f)));
  })(s.g.params);
  const [params, gOpt] = opt.update(grads, s.gOpt, s.g.params);
  return { state: { ...s, g: { ...s.g, params }, gOpt }, loss };
});

it('two networks against each other: two programs hand one state to and fro', async () => {
  const { train } = await digits();
  using d = orThrow(compile(dStep, { donate: [0], dims: { batch: 64 } }));
  using g = orThrow(compile(gStep, { donate: [0], dims: { batch: 64 } }));
  let state = orThrow(compute(start(key(1)))), n = 0;
  const dLosses: number[] = [], gLosses: number[] = [];
  for (const { x } of batches(train, 64)) {
    const judged = d(state, x.data, foldIn(key(2), n++)), made = g(judged.state, foldIn(key(2), n++));
    state = made.state;
    dLosses.push(judged.loss.item());
    gLosses.push(made.loss.item());
  }
  expect(dLosses).toHaveLength(16);
  // at first it cannot tell them apart: 2 log 2; then it can, and the other network has more to lose
  expect(Math.abs(dLosses[0] - 2 * Math.log(2))).toBeLessThan(0.7);
  expect(dLosses[15]).toBeLessThan(dLosses[0] / 2);
  expect([...dLosses, ...gLosses].every(Number.isFinite)).toBe(true);
  expect([state.gOpt.step.item(), state.dOpt.step.item()]).toEqual([16, 16]);
});
