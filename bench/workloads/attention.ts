import { expandDims, f32, fn, greaterEqual, iota, matmul, mul, permute, softmax, vjp, where, type F32 } from '../../src/index.ts';
import { fluxionLanes, functionLane, meaning } from '../fluxion.ts';
import { handAttention } from '../hand/attention.ts';
import { handLanes } from '../hand/lanes.ts';
import type { Results, Workload } from '../measure.ts';
import { attentionProblem, type AttentionProblem } from '../problems.ts';

/** Attention of arrays that stay in memory; `backward`: with the gradients of q, k and v. The reference computes the last head. */
export const attentionWorkload = (name: string, heads: number, length: number, width: number, options: { readonly causal?: boolean; readonly backward?: boolean } = {}): Workload & { readonly problem: AttentionProblem } => {
  const problem = attentionProblem(heads, length, width, options), { q, k, v, dOut, backward } = problem;
  const inputs = (from: number) => [q, k, v, ...(backward ? [dOut] : [])].map((data) => ({ data: data.subarray(from * length * width), shape: [heads - from, length, width] }));
  const lastHead = (data: ArrayLike<number>): Float32Array => Float32Array.from({ length: length * width }, (_, i) => data[(heads - 1) * length * width + i]);
  const forward = (n: number) => { const s = f32([n, length, width]); return fn([s, s, s], (x, y, z) => ({ out: attend(problem)(x, y, z) }), { name: 'attention', args: ['q', 'k', 'v'] }); };
  const both = (n: number) => {
    const s = f32([n, length, width]);
    return fn([s, s, s, s], (x, y, z, dOut) => {
      const [out, pull] = vjp(attend(problem))(x, y, z), [dq, dk, dv] = pull(dOut);
      return { out, dq, dk, dv };
    }, { name: 'attentionBackward', args: ['q', 'k', 'v', 'dOut'] });
  };
  return {
    name, problem, tolerance: 2e-5,
    sample: (results): Results => Object.fromEntries(Object.entries(results).map(([of, data]) => [of, lastHead(data)])),
    reference: () => (backward ? meaning(both(1), inputs(heads - 1)) : meaning(forward(1), inputs(heads - 1))),
    lanes: [
      ...fluxionLanes(backward ? functionLane(both(heads), inputs(0)) : functionLane(forward(heads), inputs(0))),
      ...handLanes((threads) => handAttention(problem, threads)),
    ],
  };
};
type X = F32<number[]>;
const attend = ({ length, width, causal }: AttentionProblem) => (q: X, k: X, v: X): X => {
  const scores = mul(matmul(q, permute(k, [0, 2, 1])), 1 / Math.sqrt(width));
  const seen = greaterEqual(expandDims(iota(length), 1), iota(length));
  // SAFETY: the shape is that of q
  return matmul(softmax(causal ? where(seen, scores, -Infinity) : scores), v) as unknown as X;
};
