import { expandDims, f32, fn, greaterEqual, iota, matmul, mul, permute, softmax, vjp, where, type F32 } from 'fluxion';
import { fluxionLanes, functionLane, meaning, type Numbers } from '../fluxion.ts';
import { handAttention } from '../hand/attention.ts';
import { handLanes } from '../hand/lanes.ts';
import type { Results, Workload } from '../measure.ts';
import { attentionProblem, type AttentionProblem } from '../problems.ts';

/** Attention of arrays that stay in memory; `backward`: with the gradients of q, k and v. The reference computes the last head. */
export const attentionWorkload = (name: string, heads: number, length: number, width: number, options: { readonly causal?: boolean; readonly backward?: boolean } = {}): Workload & { readonly problem: AttentionProblem } => {
  const problem = attentionProblem(heads, length, width, options), inputs = inputsOf(problem, 0);
  return {
    name, problem, tolerance: 2e-5,
    sample: ({ top: _, ...results }) => Object.fromEntries(Object.entries(results).map(([of, data]) => [of, lastHead(problem, data)])),
    reference: () => attentionMeaning(problem),
    lanes: [
      ...fluxionLanes(problem.backward ? functionLane(both(problem, heads), inputs) : functionLane(forward(problem, heads), inputs)),
      ...handLanes((threads) => handAttention(problem, threads)),
    ],
  };
};

/** the last head's output, and its gradients where they are asked for */
export const attentionMeaning = (problem: AttentionProblem): Results => {
  const inputs = inputsOf(problem, problem.heads - 1);
  return problem.backward ? meaning(both(problem, 1), inputs) : meaning(forward(problem, 1), inputs);
};
export const lastHead = ({ heads, length, width }: AttentionProblem, data: ArrayLike<number>): Float32Array =>
  Float32Array.from({ length: length * width }, (_, i) => data[(heads - 1) * length * width + i]);

/** from a head on */
const inputsOf = ({ heads, length, width, backward, q, k, v, dOut }: AttentionProblem, from: number): readonly Numbers[] =>
  [q, k, v, ...(backward ? [dOut] : [])].map((data) => ({ data: data.subarray(from * length * width), shape: [heads - from, length, width] }));
type X = F32<number[]>;
const attend = ({ length, width, causal }: AttentionProblem) => (q: X, k: X, v: X): X => {
  const scores = mul(matmul(q, permute(k, [0, 2, 1])), 1 / Math.sqrt(width)), seen = greaterEqual(expandDims(iota(length), 1), iota(length));
  // SAFETY: the shape is that of q
  return matmul(softmax(causal ? where(seen, scores, -Infinity) : scores), v) as unknown as X;
};
const forward = (problem: AttentionProblem, heads: number) => {
  const s = f32([heads, problem.length, problem.width]);
  return fn([s, s, s], (q, k, v) => ({ out: attend(problem)(q, k, v) }), { name: 'attention', args: ['q', 'k', 'v'] });
};
const both = (problem: AttentionProblem, heads: number) => {
  const s = f32([heads, problem.length, problem.width]);
  return fn([s, s, s, s], (q, k, v, dOut) => {
    const [out, pull] = vjp(attend(problem))(q, k, v), [dq, dk, dv] = pull(dOut);
    return { out, dq, dk, dv };
  }, { name: 'attentionBackward', args: ['q', 'k', 'v', 'dOut'] });
};
