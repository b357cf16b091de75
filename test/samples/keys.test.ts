import { expect, it } from 'vitest';
import { bernoulli, compile, convert, div, f32, fn, foldIn, i32, key, mul, orThrow, type F32, type Key } from 'fluxion';
import * as nn from 'fluxion/nn';

const net = nn.sequential(nn.input([784]), nn.dense(32, 'relu'), nn.dense(10)), vars = nn.init(net, key(0));
const drop = (k: Key, x: F32<['batch', 784]>) => div(mul(x, convert(bernoulli(k, 0.9, x.shape), 'f32')), 0.9);
const infer = fn([f32(['batch', 784])], (x) => nn.apply(net, vars, x));
const train = fn([f32(['batch', 784]), key(0), i32()], (x, k, step) => nn.applyTrain(net, vars, drop(foldIn(k, step), x), foldIn(k, step))[0]);

it('random numbers come from keys: the same key gives the same numbers, another step others', () => {
  using run = orThrow(compile(train)), plain = orThrow(compile(infer));
  const x = new Float32Array(3 * 784).fill(1), at = (seed: number, step: number) => [...run(x, key(seed), step).data];
  expect(at(7, 0)).toEqual(at(7, 0));
  expect(at(7, 1)).not.toEqual(at(7, 0));
  expect(at(8, 0)).not.toEqual(at(7, 0));
  expect(at(7, 0)).not.toEqual([...plain(x).data]);
  // @ts-expect-error the key is not optional in training
  expect(() => nn.applyTrain(net, vars, f32(['batch', 784]))).not.toThrow();
});
it('what is dropped is made up for', () => {
  using run = orThrow(compile(fn([f32(['batch', 784]), key(0)], (x, k) => drop(k, x))));
  const kept = run(new Float32Array(784).fill(1), key(5)).data, values = new Set(kept);
  expect(values).toEqual(new Set([0, Math.fround(1 / 0.9)]));
  expect(Math.abs(kept.reduce((a, b) => a + b) / 784 - 1)).toBeLessThan(0.05);
});
