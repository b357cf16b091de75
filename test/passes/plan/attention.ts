import { div, exp, f32, fn, full, grad, greaterEqual, iota, matmul, max, mul, reshape, softmax, sub, sum, transpose, where, type F32 } from '../../../src/index.ts';

/** Attention as users write it: scores, perhaps a causal mask, a softmax in one of three spellings, the weighted sum. */
export const spellings = ['composite', 'bare', 'shifted'] as const;
export type Spelling = (typeof spellings)[number];
export interface Attention { readonly spelling: Spelling; readonly causal: boolean; readonly heads: number; readonly length: number; readonly width: number }

type Heads = F32<[number, number, number]>;
const keep = { keepdims: true } as const;

export const attend = ({ spelling, causal, length, width }: Attention) => (q: Heads, k: Heads, v: Heads): Heads => {
  const all: Heads = mul(matmul(q, transpose(k)), 1 / Math.sqrt(width));
  const mask = greaterEqual(reshape(iota(length), [length, 1]), reshape(iota(length), [1, length]));
  const scores: Heads = causal ? where(mask, all, full([], -Infinity)) : all;
  if (spelling === 'composite') return matmul(softmax(scores), v);
  const e: Heads = exp(spelling === 'bare' ? scores : sub(scores, max(scores, -1, keep)));
  return matmul(div(e, sum(e, -1, keep)), v);
};
const shape = ({ heads, length, width }: Attention) => f32([heads, length, width]);

export const forward = (a: Attention) => fn([shape(a), shape(a), shape(a)], (q, k, v) => attend(a)(q, k, v));
/** how a weight on the results weighs on queries, keys and values */
export const backward = (a: Attention) => fn([shape(a), shape(a), shape(a), shape(a)], (q, k, v, ct) =>
  grad((p: { q: Heads; k: Heads; v: Heads }) => sum(mul(attend(a)(p.q, p.k, p.v), ct)))({ q, k, v }));
