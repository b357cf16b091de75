import { expect, it } from 'vitest';
import { f32, fn, grad, matmul, mul, softmax, square, sum, tanh, transpose, type F32 } from '../../../src/index.ts';
import { expectMeaning, moduleOf, staged } from './blocks.ts';

type Heads = F32<[2, 40, 3]>;
interface Parts { readonly q: Heads; readonly k: Heads; readonly v: Heads }
const loss = ({ q, k, v }: Parts): F32<[]> => sum(square(matmul(softmax(matmul(q, transpose(k))), v)));

it('what is made of sums over the rows of each head comes after its last row', () => {
  const heads = f32([2, 40, 3]), module = moduleOf(fn([heads, heads, heads], (q, k, v) => {
    const slope = grad(loss)({ q, k, v });
    return [slope.q, tanh(slope.k), mul(tanh(slope.v), v)] as const;
  }));
  const [{ nest, roots }, ...others] = staged(module, undefined, 16 * 4 * 40).plan.groups;
  expect([others.length, nest.kind === 'blocks' && nest.rows, [...roots].map((n) => n.op)]).toEqual([0, [0, 1], ['dotGeneral', 'map', 'map']]);
  for (const scratchBytes of [1 << 16, 16 * 4 * 40, 2000]) expectMeaning(module, scratchBytes);
});
