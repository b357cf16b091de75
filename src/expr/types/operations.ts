import type { DType, Float, Integer } from '../../core/dtype.ts';
import type * as T from './shape.ts';
import type { Dim, Dyn, Shape } from './shape.ts';
import type { Check, Ok, SameD, Tensor } from './tensor.ts';

/** The types of families of operations: a shape, or a message in the words of the run-time check. */

export type Leaf<D extends DType> = { (): Tensor<[], D>; <const S extends Dim[]>(shape: readonly [...S]): Tensor<S, D> };
/** zeros and ones: f32 unless another dtype is named */
export type Filled = {
  (): Tensor<[], 'f32'>;
  <const S extends Dim[]>(shape: readonly [...S]): Tensor<S, 'f32'>;
  <const S extends Dim[], D extends DType>(shape: readonly [...S], dtype: D): Tensor<S, D>;
};

export type BinR<A extends Shape, D, B extends Shape, E, Op extends string> =
  SameD<D, E> extends true ? T.Broadcast<A, B, Op> : `${Op}: dtypes differ: ${D & string} and ${E & string}`;
/** an element-wise function of two operands; `In`: the dtypes that it takes */
export type Bin<Op extends string, In extends DType = DType> = {
  <A extends Shape, D extends In>(a: Tensor<A, D>, b: number): Tensor<A, D>;
  <A extends Shape, D extends In>(a: number, b: Tensor<A, D>): Tensor<A, D>;
  <A extends Shape, D extends In, B extends Shape, E extends DType>(a: Tensor<A, D>, b: Check<BinR<A, D, B, E, Op>, Tensor<B, E>>): Tensor<Ok<BinR<A, D, B, E, Op>>, D>;
};
export type Cmp<Op extends string> = {
  <A extends Shape>(a: Tensor<A>, b: number): Tensor<A, 'bool'>;
  <A extends Shape>(a: number, b: Tensor<A>): Tensor<A, 'bool'>;
  <A extends Shape, D extends DType, B extends Shape, E extends DType>(a: Tensor<A, D>, b: Check<BinR<A, D, B, E, Op>, Tensor<B, E>>): Tensor<Ok<BinR<A, D, B, E, Op>>, 'bool'>;
};
/** an element-wise function of floats */
export interface Unary { <A extends Shape, D extends Float>(a: Tensor<A, D>): Tensor<A, D> }
/** an element-wise test of floats */
export interface Test { <A extends Shape>(a: Tensor<A, Float>): Tensor<A, 'bool'> }
/** an element-wise function of integers */
export interface IntegerUnary { <A extends Shape, D extends Integer>(a: Tensor<A, D>): Tensor<A, D> }
/** an element-wise function of any numbers */
export interface NumberUnary { <A extends Shape, D extends DType>(a: Tensor<A, D>): Tensor<A, D> }

export type MatMulR<A extends Shape, D, B extends Shape, E> =
  SameD<D, E> extends true ? T.MatMul<A, B> : `matmul: dtypes differ: ${D & string} and ${E & string}`;
export type Shapes<L extends readonly Tensor[]> = { -readonly [K in keyof L]: L[K] extends Tensor<infer S extends Shape> ? S : Dyn };

export type AxisArg = Dim | readonly Dim[];
/** a reduction; `Out` is the dtype of its result */
export type Red<Op extends string, In extends DType = DType, Out extends DType | 'same' = 'same'> =
  <A extends Shape, D extends In, const X extends AxisArg | undefined = undefined, K extends boolean = false>(
    x: Tensor<A, D>, axis?: Check<T.Reduce<A, X, K, Op>, X>, options?: { readonly keepdims?: K }) => Tensor<Ok<T.Reduce<A, X, K, Op>>, Out extends DType ? Out : D>;
/** along one axis, the last by default; the shape stays */
export type AlongAxis<Op extends string> =
  <A extends Shape, D extends Float, X extends Dim = -1>(x: Tensor<A, D>, axis?: Check<T.Reduce<A, X, false, Op>, X>) => Tensor<A, D>;
