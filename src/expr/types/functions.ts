import type { DType } from '../../core/dtype.ts';
import type * as T from './shape.ts';
import type { Dim, Dyn, Shape } from './shape.ts';
import type { Key, Ok, SameD, Tensor } from './tensor.ts';

/** A plain function of one type, from which every transformation infers, that also carries its signature as data. */
// The parameter list is a tuple that a bound of `unknown` would make contravariant; `never` would forbid calls.
export interface Fn<A extends readonly unknown[] = never, R = unknown> {
  (...args: A): R;
  readonly kind: 'fn';
  readonly name: string;
  readonly example: A;
  readonly result: R;
}

// ── named dimensions as variables
type Match1<P, X, E, N extends string> = P extends Tensor<infer S extends Shape> ? (X extends Tensor<infer V extends Shape> ? T.Match<S, V, E, N> : E) : E;
export type Solve<A extends readonly unknown[], X extends readonly unknown[], E = {}, N extends 0[] = []> =
  A extends readonly [infer P, ...infer AR] ? X extends readonly [infer V, ...infer XR]
    ? Match1<P, V, E, `argument ${N['length']}`> extends infer E2 ? E2 extends { err: infer M } ? { err: M; at: `${N['length']}` } : Solve<AR, XR, E2, [...N, 0]> : never : E : E;
/** trees must be as declared; tensors are solved for, and the guilty one's parameter becomes the message */
export type Guard<A extends readonly unknown[], X extends readonly unknown[], R> =
  { [K in keyof X]: R extends { err: infer M; at: K } ? M : K extends keyof A ? A[K] extends Tensor<infer _, infer D> ? OfDType<X[K], D, K> : A[K] : never };
type OfDType<X, D extends DType, K> = X extends Tensor<unknown, infer E> ? (SameD<D, E> extends true ? X : `argument ${K & string}: dtypes differ: ${D} and ${E}`) : Tensor<unknown, D>;
export type SubstTree<R, E> = R extends Tensor<infer S extends Shape, infer D> ? Tensor<T.Subst<S, E>, D> : R extends Key ? R : { [K in keyof R]: SubstTree<R[K], E> };

/** `unknown` for a scalar, else the message */
export type Scalar<S, Op extends string> =
  S extends readonly [] ? unknown : S extends Shape ? (T.IsDyn<S> extends true ? unknown : `${Op}: the loss must be a scalar, but is ${T.Show<S>}; reduce it with mean or sum`) : unknown;

// ── many examples at once
/** a tree of tensors with one more axis, of size N, at the place At: of keys, one for each example */
export type Lead<X, N extends Dim, At extends number = 0> =
  X extends Tensor<infer S, infer D> ? Tensor<S extends Shape ? LeadShape<S, N, At> : S, D> : X extends Key ? X : X extends object ? { [K in keyof X]: Lead<X[K], N, At> } : X;
type LeadShape<S extends Shape, N extends Dim, At extends number> = At extends 0 ? T.IsDyn<S> extends true ? Dyn : [N, ...S] : Ok<T.Insert<S, At, N, 'vmap'>>;
/** arguments of which some have that axis; where it cannot be, the message */
export type LeadEach<A extends readonly unknown[], N extends Dim, X> = { [K in keyof A]: K extends keyof X ? X[K] extends number ? X[K] extends 0 ? Lead<A[K], N> : Placed<A[K], N, X[K]> : A[K] : A[K] };
type Placed<X, N extends Dim, At extends number> = X extends Tensor<infer S extends Shape> ? T.Insert<S, At, N, 'vmap'> extends infer M extends string ? M : Lead<X, N, At> : X extends Key ? X : X extends object ? { [K in keyof X]: Placed<X[K], N, At> } : X;

/** n of one type as a tuple */
export type Tuple<N extends number, X, O extends X[] = []> = number extends N ? readonly X[] : O['length'] extends N ? O : Tuple<N, X, [...O, X]>;
