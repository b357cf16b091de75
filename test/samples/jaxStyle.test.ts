import { expect, it } from 'vitest';
import {
  add, compile, compute, f32, fn, i32, key, logSoftmax, matmul, mean, mul, neg, normal, oneHot, orThrow, relu, split, sub, sum, treeMap, valueAndGrad, zeros,
  type F32, type Key, type NDArray, type Tensor,
} from 'fluxion';
import { batches } from 'fluxion/data';
import { is } from '../types/exact.ts';
import { digits } from './digits.ts';

const layer = <I extends number, O extends number>(k: Key, i: I, o: O) => ({ w: mul(normal(k, [i, o]), Math.sqrt(2 / i)), b: zeros([o]) });
const init = (k: Key) => { const [a, b] = split(k); return { hidden: layer(a, 784, 32), out: layer(b, 32, 10) }; };
type Params = ReturnType<typeof init>;

const logits = (p: Params, x: F32<['batch', 784]>) => add(matmul(relu(add(matmul(x, p.hidden.w), p.hidden.b)), p.out.w), p.out.b);
const loss = (p: Params, x: F32<['batch', 784]>, y: Tensor<['batch'], 'i32'>) => neg(mean(sum(mul(logSoftmax(logits(p, x)), oneHot(y, 10)), -1)));
const step = fn([init(key(0)), f32(['batch', 784]), i32(['batch'])], (p, x, y) => {
  const [value, g] = valueAndGrad(loss)(p, x, y);
  return { params: treeMap((w, d) => sub(w, mul(d, 0.1)), p, g), loss: value };
}, { name: 'step', args: ['params', 'x', 'y'] });
is<{ params: Params; loss: F32<[]> }>()(step.result);

it('a step written out: trees of parameters, a gradient, state that is handed on', async () => {
  const { train } = await digits();
  using run = orThrow(compile(step, { donate: [0], dims: { batch: { max: 100 } } }));
  let params = orThrow(compute(init(key(1))));
  const losses: number[] = [];
  for (let epoch = 0; epoch < 4; epoch++) {
    // the last batch holds 24 examples: the same program takes it
    for (const { x, y } of batches(train, 100, { seed: epoch })) {
      const next = run(params, x.data, y.data);
      params = next.params;
      losses.push(next.loss.item());
    }
  }
  is<NDArray<[784, 32], 'f32'>>()(params.hidden.w);
  expect(params.hidden.w.shape).toEqual([784, 32]);
  expect(losses).toHaveLength(44);
  expect(Math.abs(losses[0] - Math.log(10))).toBeLessThan(1);
  expect(losses.slice(-11).reduce((a, b) => a + b) / 11).toBeLessThan(losses[0] / 3);
});
