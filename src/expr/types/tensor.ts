import type { DType, Float, TypedArrayOf } from '../../core/dtype.ts';
import type * as T from './shape.ts';
import type { Dim, Dyn, Shape } from './shape.ts';

/** What a run-time value is: carried by every tensor and key, also across two copies of the library. */
export const tag: unique symbol = Symbol.for('fluxion.value');

/** A symbolic tensor: immutable data. Covariant, without methods, so that comparing two is comparing their arguments. */
export interface Tensor<S = Shape, D extends DType = DType> { readonly shape: S; readonly dtype: D; readonly [tag]: 'tensor' }
/** `F32<['batch', 784]>` */
export type F32<S extends Shape = []> = Tensor<S, 'f32'>;

/** A tensor whose numbers are known. It is a constant expression, so it may stand wherever a tensor may. */
export interface NDArray<S = Shape, D extends DType = DType> extends Tensor<S, D> {
  /** how many elements */
  readonly size: number;
  /** the elements in row-major order, on the host. Throws FX7004 where they are on an asynchronous device: use `read`. */
  readonly data: TypedArrayOf<D>;
  /** the elements, from wherever they are */
  read(): Promise<TypedArrayOf<D>>;
  /** as nested arrays; a scalar as a number */
  toNested(): Nested;
  /** the only element */
  item(): number;
  [Symbol.dispose](): void;
}
export type Nested = number | boolean | readonly Nested[];

/** An opaque random key: used once, then split or folded. */
export interface Key { readonly [tag]: 'key' }

/** The results of a tree of expressions: every tensor as an array. */
export type Arrays<T> = T extends Tensor<infer S, infer D> ? NDArray<S, D> : T extends Key ? Key : { readonly [K in keyof T]: Arrays<T[K]> };
/** a named dimension takes any size at run time */
type AnySize<S> = S extends Shape ? { readonly [K in keyof S]: S[K] extends string ? Dim : S[K] } : S;
/** What may be handed in for a tree of tensors whose shapes are then read from the arrays. */
export type Loose<T> = T extends Tensor<infer S, infer D> ? NDArray<AnySize<S>, D> : T extends Key ? Key : { readonly [K in keyof T]: Loose<T[K]> };
/** What may be handed in for a tree of tensors of a known signature. */
export type Host<T> = T extends Tensor<infer S, infer D> ? NDArray<AnySize<S>, D> | TypedArrayOf<D> | (S extends readonly [] ? number | boolean : readonly Nested[]) : T extends Key ? Key : { readonly [K in keyof T]: Host<T[K]> };

/** A parameter's type: itself, or the message that tsc then prints as the type it wanted. */
export type Check<R, X> = R extends string ? R : X;
export type Ok<R> = T.Ok<R>;
export type SameD<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** The dtypes of a tree's leaves. */
export type LeafDType<P> = P extends Tensor<infer _, infer D> ? D : P extends Key ? never : P extends readonly (infer E)[] ? LeafDType<E> : P extends object ? { [K in keyof P]: LeafDType<P[K]> }[keyof P] : never;
/** A leaf of a tree, of unknown rank. */
export type LeafOf<P> = Tensor<Dyn, [LeafDType<P>] extends [never] ? Float : LeafDType<P>>;
