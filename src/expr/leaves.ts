import type { DType } from '../core/dtype.ts';
import { kindOf } from '../core/kind.ts';
import { problem } from './codes.ts';
import { show, unifyShapes } from './dims.ts';
import { define, exprOf, here, invalid, make, toIr, typed, typeOf, type Expr } from './expr.ts';
import { filled, iotaOf, reshaped } from './primitives.ts';
import { mapLeaves } from './tree.ts';
import { ofDtype } from './unavailable.ts';
import type { Filled, Leaf } from './types/operations.ts';
import type { Dim } from './types/shape.ts';
import type { Tensor } from './types/tensor.ts';

/** An input that no function has bound yet: an example for `fn`. */
export const freeInput = (dtype: DType, shape: readonly Dim[]): Expr =>
  make(here(), 'placeholder', { name: 'input', scope: { what: 'scope' } }, [], [typeOf(dtype, shape)]);
const leaf = (dtype: DType) => (shape: readonly Dim[] = []): never => typed(freeInput(dtype, shape));

/**
 * A tensor of which only the type is known: the example of a function's argument. A dimension is a size or a name.
 * @example fn([f32(['batch', 784])], (x) => relu(x))
 */
export const f32: Leaf<'f32'> = leaf('f32');
/** As `f32`, in double precision. */
export const f64: Leaf<'f64'> = leaf('f64');
/** As `f32`, stored in 16 bits: IEEE 754 binary16, about three digits, up to 65504. Computed with as f32, and rounded where it is stored. */
export const f16: Leaf<'f16'> = leaf('f16');
/** As `f32`, stored in its upper 16 bits: the range of f32, and between two and three digits. Computed with as f32, and rounded where it is stored. */
export const bf16: Leaf<'bf16'> = leaf('bf16');
/** As `f32`, of signed 32-bit integers. */
export const i32: Leaf<'i32'> = leaf('i32');
/** As `f32`, of unsigned 32-bit integers. */
export const u32: Leaf<'u32'> = leaf('u32');
/** As `f32`, of truth values. */
export const bool: Leaf<'bool'> = leaf('bool');

const splatOf = (op: string, value: number, shape: readonly Dim[], dtype: DType): never => typed(ofDtype(op, dtype, [], (at) => (typeof value === 'number' ? filled(at, value, typeOf(dtype, shape))
  : invalid(at, [], typeOf(dtype, shape), problem('value', `${op}: the value must be a number, but is ${kindOf(value)}`, { hint: 'array([…], shape) holds several, and is an operand as it is' })))));
const splat = (op: string, value: number) => (shape: readonly Dim[] = [], dtype: DType = 'f32'): never => splatOf(op, value, shape, dtype);
/** All zeros, f32 unless another dtype is named. @example zeros([10]); zeros([10], 'i32') */
export const zeros: Filled = splat('zeros', 0);
/** All ones, f32 unless another dtype is named. @example ones([10]) */
export const ones: Filled = splat('ones', 1);
/** One number for every element. @example full([2, 3], 0.5) */
export function full<const S extends Dim[]>(shape: readonly [...S], value: number): Tensor<S, 'f32'>;
export function full<const S extends Dim[], D extends DType>(shape: readonly [...S], value: number, dtype: D): Tensor<S, D>;
export function full(shape: readonly Dim[], value: number, dtype: DType = 'f32'): never {
  return splatOf('full', value, shape, dtype);
}
/** A scalar constant. @example constant(0.5); constant(3, 'i32') */
export function constant(value: number): Tensor<[], 'f32'>;
export function constant<D extends DType>(value: number, dtype: D): Tensor<[], D>;
export function constant(value: number, dtype: DType = 'f32'): never {
  return splatOf('constant', value, [], dtype);
}
/** A tree like the given one, all zeros. */
export const zerosLike = <P>(tree: P): P => mapLeaves(tree, (x) => filled(here(), 0, x.type));
/** A tree like the given one, all ones. */
export const onesLike = <P>(tree: P): P => mapLeaves(tree, (x) => filled(here(), 1, x.type));
/** `0, 1, …, n−1` as i32. @example iota(3); iota('seq') */
export const iota = <const N extends Dim>(n: N): Tensor<[N], 'i32'> => typed(iotaOf(here(), { dtype: 'i32', shape: [toIr(n)] }, 0));

/**
 * The same tensor, whose shape tsc then knows: the door from computed shapes back to checked ones.
 * Where the real shape is another one it is a diagnostic (FX1014).
 * @example assertShape(x, ['batch', 10])
 */
export function assertShape<const S extends Dim[], D extends DType>(x: Tensor<unknown, D>, shape: readonly [...S]): Tensor<S, D> {
  const e = exprOf(x);
  return typed(define([e], (at) => unifyShapes(e.shape, shape) === undefined
    ? problem('assertShape', `assertShape: ${show(shape)} is not the shape ${show(e.shape)}`, { shapes: [show(e.shape), show(shape)] })
    : reshaped(at, e, shape)));
}
