import { add, div, einsum, exp, f32, fn, full, grad, greaterEqual, iota, less, matmul, max, mul, reshape, softmax, square, sub, sum, transpose, valueAndGrad, where, type F32 } from '../../../src/index.ts';

/** Attention as users write it: scores, perhaps a causal mask, a softmax in one of three spellings, the weighted sum. */
export const spellings = ['composite', 'bare', 'shifted'] as const;
export type Spelling = (typeof spellings)[number];
export interface Attention { readonly spelling: Spelling; readonly causal: boolean; readonly heads: number; readonly length: number; readonly width: number }

type Heads = F32<[number, number, number]>;
const keep = { keepdims: true } as const;

const attend = ({ spelling, causal, length, width }: Attention) => (q: Heads, k: Heads, v: Heads): Heads => {
  const all: Heads = mul(matmul(q, transpose(k)), 1 / Math.sqrt(width));
  const mask = greaterEqual(reshape(iota(length), [length, 1]), reshape(iota(length), [1, length]));
  const scores: Heads = causal ? where(mask, all, full([], -Infinity)) : all;
  if (spelling === 'composite') return matmul(softmax(scores), v);
  const e: Heads = exp(spelling === 'bare' ? scores : sub(scores, max(scores, -1, keep)));
  return matmul(div(e, sum(e, -1, keep)), v);
};
const shape = ({ heads, length, width }: Attention) => f32([heads, length, width]);

export const forward = (a: Attention) => fn([shape(a), shape(a), shape(a)], (q, k, v) => attend(a)(q, k, v));
/** a query sees what comes after it: the last sees nothing, and the first columns are nothing for most */
export const backToFront = (a: Attention) => fn([shape(a), shape(a), shape(a)], (q, k, v) =>
  matmul(softmax(where(less(reshape(iota(a.length), [a.length, 1]), reshape(iota(a.length), [1, a.length])), matmul(q, transpose(k)), full([], -Infinity))), v));
/** weights of which a part is added again, or taken away, element by element */
export const weighted = (how: 'add' | 'sub') => (a: Omit<Attention, 'spelling' | 'causal'>) => fn([f32([a.heads, a.length, a.width]), f32([a.heads, a.length, a.width]), f32([a.heads, a.length, a.width]), f32([a.heads, a.length, a.length])], (q, k, v, w) => {
  const scores: Heads = matmul(q, transpose(k)), e: Heads = exp(sub(scores, max(scores, -1, keep)));
  return matmul((how === 'add' ? add : sub)(e, mul(e, w)), v);
});
/** how a weight on the results weighs on queries, keys and values */
export const backward = (a: Attention) => fn([shape(a), shape(a), shape(a), shape(a)], (q, k, v, ct) =>
  grad((p: { q: Heads; k: Heads; v: Heads }) => sum(mul(attend(a)(p.q, p.k, p.v), ct)))({ q, k, v }));

/** Attention of several heads between projections, with the slope of a loss in all of them: what comes back depends on what went out. */
export const layer = ({ causal, heads, length, width }: Omit<Attention, 'spelling'>) => {
  const inner = heads * width, weight = f32([inner, inner]), rows = f32([2, length, inner]);
  type Weight = F32<[number, number]>;
  type Weights = { readonly q: Weight; readonly k: Weight; readonly v: Weight; readonly o: Weight };
  const mask = greaterEqual(reshape(iota(length), [length, 1]), reshape(iota(length), [1, length]));
  const loss = (p: Weights, x: Heads, wanted: Heads) => {
    const [q, k, v] = [p.q, p.k, p.v].map((w) => reshape(matmul(x, w), [2, length, heads, width]));
    const all = div(einsum('bqhd,bkhd->bhqk', q, k), Math.sqrt(width)), scores = causal ? where(mask, all, -1e30) : all;
    const out = reshape(einsum('bhqk,bkhd->bqhd', softmax(scores), v), [2, length, inner]);
    return sum(square(sub(matmul(out, p.o), wanted)));
  };
  return fn([{ q: weight, k: weight, v: weight, o: weight }, rows, rows], (p, x, wanted) => valueAndGrad((w: Weights) => loss(w, x, wanted))(p));
};
