import type * as T from '../expr/types/shape.ts';
import type { Dim, Dyn, F32, Shape, Unary } from '../index.ts';

/**
 * What a layer does to shapes, as a type with an input slot: `in` is put in by intersection, and the other three follow
 * from it. `out` is a shape, or a message that says why this input does not go.
 */
export interface LayerType { readonly in: unknown; readonly out: unknown; readonly params: unknown; readonly state: unknown }
export type At<F extends LayerType, S> = F & { readonly in: S };

/** a layer, as far as types see it: the property is never there */
export interface HasType<F extends LayerType> { readonly type?: F }
export type OutOf<L, S> = L extends HasType<infer F> ? (LayerType extends F ? S : At<F, S>['out']) : S;
export type ParamsAt<L, S> = L extends HasType<infer F> ? (LayerType extends F ? {} : At<F, S>['params']) : {};
export type StateAt<L, S> = L extends HasType<infer F> ? (LayerType extends F ? {} : At<F, S>['state']) : {};

export type In<X> = X extends Shape ? X : never;
/** not `X & Shape`: an intersection spoils what is inferred from the tuple */
export type AsShape<X> = X extends Shape ? X : Dyn;
type Last<S> = S extends readonly [...Shape, infer L extends Dim] ? L : Dim;

// `this` may not stand inside an object type of an interface: these aliases take it as an argument
export type DenseP<S, I extends Dim, O extends Dim, B extends boolean = true> =
  { readonly kernel: F32<[Dim extends I ? Last<S> : I, O]> } & (B extends false ? unknown : { readonly bias: F32<[O]> });

export interface Plain extends LayerType { readonly params: {}; readonly state: {} }
export interface SameF extends Plain { readonly out: this['in'] }
export interface DenseF<O extends Dim, I extends Dim = Dim, B extends boolean = true> extends LayerType {
  readonly out: this['in'] extends readonly [] ? 'dense: the input is a scalar' : T.Dense<In<this['in']>, I, O>;
  readonly params: DenseP<this['in'], I, O, B>; readonly state: {};
}
export interface FlattenF extends Plain { readonly out: this['in'] extends readonly [infer N extends Dim, ...infer R extends Shape] ? [N, T.Count<R>] : Dyn }

// ── composition
export type Run<L extends readonly unknown[], S, N extends 0[] = []> =
  L extends readonly [infer H, ...infer R] ? OutOf<H, S> extends infer O ? O extends string ? { err: `layer ${N['length']}: ${O}`; at: `${N['length']}` } : Run<R, O, [...N, 0]> : never : S;
type Parts<K extends 'params' | 'state', L extends readonly unknown[], S, O extends unknown[] = []> =
  L extends readonly [infer H, ...infer R] ? Parts<K, R, OutOf<H, S>, [...O, K extends 'params' ? ParamsAt<H, S> : StateAt<H, S>]> : O;
export interface SeqF<L extends readonly unknown[]> extends LayerType {
  readonly out: Run<L, this['in']> extends infer R ? R extends { err: infer M } ? M : R : never;
  readonly params: Parts<'params', L, this['in']>; readonly state: Parts<'state', L, this['in']>;
}
export interface ResidualF<F extends LayerType> extends LayerType {
  readonly out: At<F, this['in']>['out'] extends infer O ? O extends string ? O : T.Broadcast<In<this['in']>, In<O>, 'residual'> : never;
  readonly params: At<F, this['in']>['params']; readonly state: At<F, this['in']>['state'];
}
/** a layer for one declared input shape, whose names are variables */
export interface OwnF<I extends Shape, O extends Shape, P, S> extends LayerType {
  readonly out: T.Match<I, In<this['in']>, {}, 'layer'> extends infer E ? E extends { err: infer M } ? M : T.Subst<O, E> : never;
  readonly params: P; readonly state: S;
}

/** per element, so that the message lands on the guilty layer's argument */
export type Mark<L extends readonly unknown[], R> = { [K in keyof L]: R extends { err: infer M; at: K } ? M : L[K] };
/** the model's declared input with its names bound by x, or the message */
export type Fits<S extends Shape, X extends Shape> = T.Match<S, X, {}, 'apply'> extends infer E ? E extends { err: infer M } ? M : X : never;

export type { Unary };
