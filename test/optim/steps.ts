import { f32, f64, fn, type Tensor } from 'fluxion';
import type { Optimizer } from 'fluxion/optim';
import { typedArray, type Float } from '../../src/core/dtype.ts';
import type { ArrayValue } from '../../src/ir/graph/interpret.ts';
import { run } from '../expr/run.ts';

/** One parameter of three numbers under an optimiser, its gradients given: the numbers after each step. */
export const stepped = (o: Optimizer, start: readonly number[], grads: readonly (readonly number[])[], dtype: Float = 'f64'): readonly (readonly number[])[] => {
  const leaf = (): Tensor<[3], Float> => (dtype === 'f64' ? f64([3]) : f32([3]));
  const params = { w: leaf() }, step = fn([params, o.init(params), { w: leaf() }], (p, slots, g) => o.update(g, slots, p));
  const after: (readonly number[])[] = [];
  let now: readonly ArrayValue['data'][] = [typedArray(dtype, start), Int32Array.of(0), ...Array.from({ length: o.carries }, () => typedArray(dtype, 3))];
  for (const g of grads) {
    now = run(step, [...now, typedArray(dtype, g)]).map((r) => r.data);
    after.push([...now[0]]);
  }
  return after;
};
