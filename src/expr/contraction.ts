import type { DType } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import type { DotDims } from '../ir/graph/syntax.ts';
import { problem } from './codes.ts';
import { broadcast, show, unify } from './dims.ts';
import { define, exprOf, typed, type Expr, type Problem } from './expr.ts';
import { dot, stretch, transposed } from './primitives.ts';
import type { MatMulR } from './types/operations.ts';
import type { Dim, Dyn, Shape } from './types/shape.ts';
import type { Check, Ok, Tensor } from './types/tensor.ts';

export const contractable = (op: string, a: Expr, b: Expr): Problem | undefined => {
  const shapes = [show(a.shape), show(b.shape)];
  if (a.dtype !== b.dtype) return problem('dtypes', `${op}: dtypes differ: ${a.dtype} and ${b.dtype}`, { shapes, hint: `convert(x, '${a.dtype}')` });
  return a.dtype === 'bool' ? problem('notTaken', `${op}: does not take bool`, { shapes, hint: "convert(x, 'f32')" }) : undefined;
};

/** what multiplies operands of these ranks, one of which is no matrix */
const insteadOf = (left: number, right: number): string => {
  const lead = 'abcdefgh'.slice(0, Math.max(0, Math.max(left, right) - 2));
  if (left === 0 || right === 0) return 'mul(x, y) multiplies by a number';
  if (left === 1 && right === 1) return "of vectors sum(mul(x, y)) is the inner product, einsum('i,j->ij', x, y) the outer one";
  return left === 1 ? `einsum('k,${lead}kn->${lead}n', x, y) multiplies a vector by a matrix` : `einsum('${lead}mk,k->${lead}m', x, y) multiplies a matrix by a vector`;
};
const matmulOf = (at: Origin, a: Expr, b: Expr): Expr | Problem => {
  const wrong = contractable('matmul', a, b), shapes = [show(a.shape), show(b.shape)];
  if (wrong) return wrong;
  const rank = (side: string, x: Expr): Problem => problem('rank', `matmul: the ${side} operand needs rank 2 or more, but is ${show(x.shape)}`, { shapes, hint: insteadOf(a.shape.length, b.shape.length) });
  if (a.shape.length < 2) return rank('left', a);
  if (b.shape.length < 2) return rank('right', b);
  const k = a.shape[a.shape.length - 1], other = b.shape[b.shape.length - 2];
  if (unify(k, other) === undefined) return problem('innerSizes', `matmul: inner sizes differ: ${show(a.shape)} x ${show(b.shape)}: ${k} is not ${other}`, { shapes, hint: 'the last size of the left must be the last but one of the right; transpose(x) swaps them' });
  if (b.shape.length === 2) return dot(at, a, b, { batch: [[], []], contract: [[a.shape.length - 1], [0]] });
  return batched(at, a, b);
};
const batched = (at: Origin, a: Expr, b: Expr): Expr | Problem => {
  const lead = (x: Expr): readonly Dim[] => x.shape.slice(0, -2);
  const batch = broadcast(lead(a), lead(b), 'matmul (batch dims)');
  if ('wrong' in batch) return problem('broadcast', batch.wrong, { shapes: [show(a.shape), show(b.shape)] });
  const n = batch.shape.length, axes = batch.shape.map((_, i) => i);
  const [x, y] = [a, b].map((e) => stretch(at, e, [...batch.shape, ...e.shape.slice(-2)]));
  return dot(at, x, y, { batch: [axes, axes], contract: [[n + 1], [n]] });
};

/**
 * The matrix product over the last two axes; leading axes are batches and broadcast. [..., m, k] × [..., k, n] → [..., m, n].
 * Inner sizes that differ are a diagnostic (FX1003).
 * @example matmul(x, w) // [batch, 784] x [784, 10] → [batch, 10]
 */
export function matmul<A extends Shape, D extends DType, B extends Shape, E extends DType>(a: Tensor<A, D>, b: Check<MatMulR<A, D, B, E>, Tensor<B, E>>): Tensor<Ok<MatMulR<A, D, B, E>>, D>;
export function matmul(a: Tensor, b: unknown): never {
  // SAFETY: the overload takes a tensor; a message as its type has no values
  const x = exprOf(a), y = exprOf(b as Tensor);
  return typed(define([x, y], (at) => matmulOf(at, x, y)));
}

/**
 * The contraction of the StableHLO specification: result axes are the batch axes, then the free ones of the left, then of the right.
 * @example dotGeneral(a, b, { batch: [[0], [0]], contract: [[2], [1]] })
 */
export function dotGeneral<D extends DType>(a: Tensor<Shape, D>, b: Tensor<Shape, NoInfer<D>>, dims: DotDims): Tensor<Dyn, D> {
  const x = exprOf(a), y = exprOf(b);
  return typed(define([x, y], (at) => dotProblem(x, y, dims) ?? dot(at, x, y, dims)));
}
const dotProblem = (a: Expr, b: Expr, { batch, contract }: DotDims): Problem | undefined => {
  const wrong = contractable('dotGeneral', a, b);
  if (wrong) return wrong;
  if (batch[0].length !== batch[1].length || contract[0].length !== contract[1].length) return problem('rank', 'dotGeneral: the two sides name different numbers of axes');
  const left = [...batch[0], ...contract[0]], right = [...batch[1], ...contract[1]];
  const out = left.find((i) => a.shape[i] === undefined) ?? right.find((i) => b.shape[i] === undefined);
  if (out !== undefined) return problem('axis', `dotGeneral: axis ${out} is out of range for ${show(a.shape)} and ${show(b.shape)}`);
  const clash = left.findIndex((axis, i) => unify(a.shape[axis], b.shape[right[i]]) === undefined);
  if (clash < 0) return undefined;
  return problem('innerSizes', `dotGeneral: sizes differ: ${show(a.shape)} x ${show(b.shape)}: ${a.shape[left[clash]]} is not ${b.shape[right[clash]]}`, { shapes: [show(a.shape), show(b.shape)] });
};

/** a contraction whose result axes are then brought into an order, given by names */
export const dotNamed = (at: Origin, a: Expr, an: readonly string[], b: Expr, bn: readonly string[], keep: ReadonlySet<string>): { readonly expr: Expr; readonly names: readonly string[] } => {
  const shared = an.filter((n) => bn.includes(n));
  const batch = shared.filter((n) => keep.has(n)), contract = shared.filter((n) => !keep.has(n));
  const of = (names: readonly string[], among: readonly string[]): readonly number[] => names.map((n) => among.indexOf(n));
  const expr = dot(at, a, b, { batch: [of(batch, an), of(batch, bn)], contract: [of(contract, an), of(contract, bn)] });
  return { expr, names: [...batch, ...an.filter((n) => !shared.includes(n)), ...bn.filter((n) => !shared.includes(n))] };
};
export const arranged = (at: Origin, x: Expr, names: readonly string[], order: readonly string[]): Expr => transposed(at, x, order.map((n) => names.indexOf(n)));
