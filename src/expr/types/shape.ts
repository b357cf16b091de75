// Shapes as tuples of dims; every operation is a type `Op<...>` that yields either a shape or an error STRING.
import type { Mul, Add, Sub, Div, DivExact, Lte } from './num.ts';

/** literal = fixed size; named string = symbolic size; `number` (wide) = unknown until run time */
export type Dim = number | string;
export type Shape = readonly Dim[];
/** unknown rank */
export type Dyn = Dim[];

export type IsDyn<S extends Shape> = number extends S['length'] ? true : false;
/** unknown size? */
export type Wide<D> = number extends D ? true : string extends D ? true : false;
/** computed from a name, e.g. 'seq+1' : only compared at run time */
/** boxed comparison: `[A] extends [B]` is deferred as soon as A is a type parameter, `Is<A> extends Is<B>` is not */
interface Is<X> { readonly is: X }
type Compound = `${string}${'+' | '-' | '*' | '/'}${string}`;
export type ShowDim<D> = number extends D ? '?' : string extends D ? '?' : D extends Dim ? `${D}` : '?';
export type Show<S extends Shape> = number extends S['length'] ? '[...?]' : S extends readonly [infer H, ...infer T extends Shape] ? `[${ShowDim<H>}${ShowT<T>}` : '[]';
type ShowT<S extends Shape> = S extends readonly [infer H, ...infer T extends Shape] ? `, ${ShowDim<H>}${ShowT<T>}` : ']';

/** result -> shape for the return type: an erroneous op gives unknown rank, so one mistake is reported once */
/** tests the error side: `R extends Shape` would be deferred in generic code */
export type Ok<R> = R extends string ? Dyn : R;

// ---------------------------------------------------------------- dims
/** do two dims have to be equal? gives the more precise one, or never */
export type Unify<A extends Dim, B extends Dim> =
  Is<A> extends Is<B> ? (Is<B> extends Is<A> ? A : Wide<B> extends true ? A : never)
  : Wide<A> extends true ? B : Wide<B> extends true ? A
  : A extends Compound ? B : B extends Compound ? A : never;
/** NumPy broadcasting of one dim */
export type BDim<A extends Dim, B extends Dim> =
  Is<A> extends Is<B> ? (Is<B> extends Is<A> ? A : A extends 1 ? B : Wide<B> extends true ? A : never)
  : A extends 1 ? B : B extends 1 ? A
  : Wide<A> extends true ? B : Wide<B> extends true ? A
  : A extends Compound ? B : B extends Compound ? A : never;

/** yes/no forms: a concrete true/false resolves inside generic code, where a test against never would be deferred */
type UOk<A extends Dim, B extends Dim> =
  Is<A> extends Is<B> ? (Is<B> extends Is<A> ? true : Wide<B>)
  : Wide<A> extends true ? true : Wide<B> extends true ? true : A extends Compound ? true : B extends Compound ? true : false;
type BOk<A extends Dim, B extends Dim> =
  Is<A> extends Is<B> ? (Is<B> extends Is<A> ? true : A extends 1 ? true : Wide<B>)
  : A extends 1 ? true : B extends 1 ? true : Wide<A> extends true ? true : Wide<B> extends true ? true : A extends Compound ? true : B extends Compound ? true : false;

export type AddDim<A extends Dim, B extends Dim> =
  Wide<A> extends true ? number : Wide<B> extends true ? number
  : A extends number ? (B extends number ? Add<A, B> : A extends 0 ? B : `${A}+${B}`) : B extends 0 ? A : `${A}+${B}`;

// ---------------------------------------------------------------- broadcasting
type BTail<A extends Shape, B extends Shape, O extends Shape = []> =
  A extends readonly [...infer AR extends Shape, infer a extends Dim]
    ? B extends readonly [...infer BR extends Shape, infer b extends Dim]
      ? BOk<a, b> extends false ? [a, b] & { bad: 1 } : BTail<AR, BR, [BDim<a, b>, ...O]>
      : [...A, ...O]
    : [...B, ...O];
export type Broadcast<A extends Shape, B extends Shape, Op extends string> =
  IsDyn<A> extends true ? Dyn : IsDyn<B> extends true ? Dyn
  : Is<A> extends Is<B> ? A
  : BTail<A, B> extends infer R
    ? R extends { bad: 1; 0: infer a; 1: infer b }
      ? `${Op}: cannot broadcast ${Show<A>} with ${Show<B>}: ${ShowDim<a>} is not ${ShowDim<b>}, and neither is 1`
      : R : never;

// ---------------------------------------------------------------- matmul
export type MatMul<A extends Shape, B extends Shape> =
  IsDyn<A> extends true ? Dyn : IsDyn<B> extends true ? Dyn
  : A extends readonly [...infer AB extends Shape, infer m extends Dim, infer k extends Dim]
    ? B extends readonly [...infer BB extends Shape, infer k2 extends Dim, infer n extends Dim]
      ? UOk<k, k2> extends false
        ? `matmul: inner sizes differ: ${Show<A>} x ${Show<B>}: ${ShowDim<k>} is not ${ShowDim<k2>}`
        : BB extends readonly [] ? [...AB, m, n]
        : Broadcast<AB, BB, 'matmul (batch dims)'> extends infer R ? R extends Shape ? [...R, m, n] : R : never
      : `matmul: the right operand needs rank 2 or more, but is ${Show<B>}`
    : `matmul: the left operand needs rank 2 or more, but is ${Show<A>}`;

// ---------------------------------------------------------------- axes
/** rank -> axis -> index; ranks above 8 have no static axes */
interface AxisTable {
  1: { 0: '0'; '-1': '0' };
  2: { 0: '0'; 1: '1'; '-1': '1'; '-2': '0' };
  3: { 0: '0'; 1: '1'; 2: '2'; '-1': '2'; '-2': '1'; '-3': '0' };
  4: { 0: '0'; 1: '1'; 2: '2'; 3: '3'; '-1': '3'; '-2': '2'; '-3': '1'; '-4': '0' };
  5: { 0: '0'; 1: '1'; 2: '2'; 3: '3'; 4: '4'; '-1': '4'; '-2': '3'; '-3': '2'; '-4': '1'; '-5': '0' };
  6: { 0: '0'; 1: '1'; 2: '2'; 3: '3'; 4: '4'; 5: '5'; '-1': '5'; '-2': '4'; '-3': '3'; '-4': '2'; '-5': '1'; '-6': '0' };
  7: { 0: '0'; 1: '1'; 2: '2'; 3: '3'; 4: '4'; 5: '5'; 6: '6'; '-1': '6'; '-2': '5'; '-3': '4'; '-4': '3'; '-5': '2'; '-6': '1'; '-7': '0' };
  8: { 0: '0'; 1: '1'; 2: '2'; 3: '3'; 4: '4'; 5: '5'; 6: '6'; 7: '7'; '-1': '7'; '-2': '6'; '-3': '5'; '-4': '4'; '-5': '3'; '-6': '2'; '-7': '1'; '-8': '0' };
}
/** axis of a shape, as index string ('0', '1', ...); never when out of range. An axis may also be named. */
export type Axis<S extends Shape, X extends Dim> =
  X extends string ? AxisByName<S, X>
  : S['length'] extends keyof AxisTable
    ? X extends keyof AxisTable[S['length']] ? AxisTable[S['length']][X] & string
    : `${X}` extends keyof AxisTable[S['length']] ? AxisTable[S['length']][`${X}`] & string : never
    : never;
// (a mapped type indexed by [number] would not do: TS substitutes K := number before S is known)
type AxisByName<S extends Shape, X extends string, N extends 0[] = []> =
  S extends readonly [infer H, ...infer T extends Shape] ? ([X] extends [H] ? ([H] extends [X] ? `${N['length']}` : AxisByName<T, X, [...N, 0]>) : AxisByName<T, X, [...N, 0]>) : never;
type BadAxis<Op extends string, S extends Shape, X extends Dim> = `${Op}: axis ${X} is out of range for ${Show<S>}`;
type Axes<S extends Shape, X extends readonly Dim[]> = { [K in keyof X]: Axis<S, X[K]> };

// ---------------------------------------------------------------- reductions
type DropAt<S extends Shape, I extends string, Keep extends boolean, N extends 0[] = [], O extends Shape = []> =
  S extends readonly [infer H extends Dim, ...infer T extends Shape]
    ? DropAt<T, I, Keep, [...N, 0], `${N['length']}` extends I ? (Keep extends true ? [...O, 1] : O) : [...O, H]>
    : O;
export type Reduce<S extends Shape, X extends Dim | readonly Dim[] | undefined, Keep extends boolean, Op extends string> =
  [X] extends [undefined] ? (Keep extends true ? IsDyn<S> extends true ? Dyn : { -readonly [K in keyof S]: 1 } : [])
  : IsDyn<S> extends true ? Dyn
  : X extends Dim
    ? Wide<X> extends true ? Dyn
      : [Axis<S, X>] extends [never] ? BadAxis<Op, S, X> : DropAt<S, Axis<S, X>, Keep>
    : X extends readonly Dim[]
      ? number extends X['length'] ? Dyn
        : BadOf<S, X> extends infer E extends Dim ? ([E] extends [never] ? DropAt<S, Axes<S, X>[number], Keep> : BadAxis<Op, S, E>) : never
      : never;
type BadOf<S extends Shape, X extends readonly Dim[]> =
  X extends readonly [infer H extends Dim, ...infer T extends readonly Dim[]] ? ([Axis<S, H>] extends [never] ? H : BadOf<S, T>) : never;

// ---------------------------------------------------------------- reshape: [product of literals, names left over, has unknown]
type Numel<S extends Shape, P extends number = 1, Names extends string = never, List extends string[] = []> =
  S extends readonly [infer H extends Dim, ...infer T extends Shape]
    ? Wide<H> extends true ? 'unknown'
      : H extends number ? Numel<T, Mul<P, H>, Names, List>
      : H extends string ? Numel<T, P, Names | H, [...List, H]> : never
    : [P, Names, List];
/** remove equal dims common to both (cheap, order-preserving prefix/any match), so that products stay small and names cancel */
type Without<S extends Shape, D, O extends Shape = []> =
  S extends readonly [infer H extends Dim, ...infer T extends Shape] ? ([H] extends [D] ? [...O, ...T] : Without<T, D, [...O, H]>) : never;
type Cancel<A extends Shape, B extends Shape, O extends Shape = []> =
  A extends readonly [infer H extends Dim, ...infer T extends Shape]
    ? Wide<H> extends true ? 'unknown' : [Without<B, H>] extends [never] ? Cancel<T, B, [...O, H]> : Cancel<T, Without<B, H>, O>
    : [O, B];
type Fill<B extends Shape, D extends Dim> = { [K in keyof B]: B[K] extends -1 ? D : B[K] };
type HasWide<S extends Shape> = number extends S[number] ? true : string extends S[number] ? true : false;
type PickCompound<D> = D extends Compound ? D : never;
type HasCompound<S extends Shape> = [PickCompound<S[number]>] extends [never] ? false : true;
type FillUnknown<B extends Shape> = Fill<B, number>;
export type Reshape<A extends Shape, B extends Shape> =
  IsDyn<A> extends true ? (IsDyn<B> extends true ? Dyn : FillUnknown<B>) : IsDyn<B> extends true ? Dyn
  : HasWide<A> extends true ? FillUnknown<B> : HasWide<B> extends true ? FillUnknown<B>
  : HasCompound<[...A, ...B]> extends true ? FillUnknown<B>
  : Cancel<A, B> extends [infer X extends Shape, infer Y extends Shape]
    ? -1 extends Y[number]
      ? Without<Y, -1> extends infer Y2 extends Shape
        ? -1 extends Y2[number] ? `reshape: only one -1 is allowed in ${Show<B>}`
        : Quot<X, Y2> extends infer Q ? ([Q] extends [never] ? `reshape: ${Show<A>} does not divide evenly into ${Show<B>}` : Q extends Dim ? Fill<B, Q> : never) : never
        : never
      : Same<X, Y> extends true ? B
      : `reshape: ${Show<A>} has ${ShowCount<A>} elements, but ${Show<B>} has ${ShowCount<B>}`
    : never;
type Same<X extends Shape, Y extends Shape> =
  Numel<X> extends [infer P, infer N, infer L] ? Numel<Y> extends [infer P2, infer N2, infer L2] ? number extends P ? true : number extends P2 ? true : [P, N, L] extends [P2, N2, L2] ? true : false : true : true;
type Quot<X extends Shape, Y extends Shape> =
  Numel<X> extends [infer P extends number, string, infer L extends string[]]
    ? Numel<Y> extends [infer P2 extends number, infer N2 extends string, string[]]
      ? [N2] extends [never] ? QuotNames<DivExact<P, P2>, L> : never : number : number;
type QuotNames<Q extends number, L extends string[]> =
  [Q] extends [never] ? never : L extends [] ? Q : L extends [infer A extends string] ? (Q extends 1 ? A : `${Q}*${A}`) : `${Q extends 1 ? '' : `${Q}*`}${JoinStar<L>}`;
type JoinStar<L extends string[]> = L extends [infer A extends string] ? A : L extends [infer A extends string, ...infer T extends string[]] ? `${A}*${JoinStar<T>}` : '';
type ShowCount<S extends Shape> = Numel<S> extends [infer P extends number, string, infer L extends string[]] ? (L extends [] ? `${P}` : P extends 1 ? JoinStar<L> : `${P}*${JoinStar<L>}`) : '?';
/** element count as a dim */
export type Count<S extends Shape> = IsDyn<S> extends true ? number : Numel<S> extends [infer P extends number, string, infer L extends string[]] ? QuotNames<P, L> : number;

// ---------------------------------------------------------------- permute / transpose
export type Permute<S extends Shape, X extends readonly Dim[]> =
  IsDyn<S> extends true ? Dyn : number extends X['length'] ? Dyn
  : S['length'] extends X['length']
    ? BadOf<S, X> extends infer E extends Dim
      ? [E] extends [never]
        ? Keys<S> extends Axes<S, X>[number] ? { -readonly [K in keyof X]: S[Axes<S, X>[K] & keyof S] } : `permute: ${ShowAxes<X>} repeats an axis of ${Show<S>}`
        : BadAxis<'permute', S, E>
      : never
    : `permute: ${ShowAxes<X>} must list each of the ${S['length']} axes of ${Show<S>} once`;
type ShowAxes<X extends Shape> = Show<X>;
type Keys<S extends Shape> = Extract<keyof S, `${number}`>;
export type Transpose<S extends Shape> =
  IsDyn<S> extends true ? Dyn
  : S extends readonly [...infer B extends Shape, infer m extends Dim, infer n extends Dim] ? [...B, n, m] : `transpose: needs rank 2 or more, but is ${Show<S>}`;

// ---------------------------------------------------------------- replace / insert one axis
type SetAt<S extends Shape, I, D extends Dim> = { -readonly [K in keyof S]: K extends I ? D : S[K] };
type InsertAt<S extends Shape, I extends number, D extends Dim, O extends Shape = []> =
  O['length'] extends I ? [...O, D, ...S] : S extends readonly [infer H extends Dim, ...infer T extends Shape] ? InsertAt<T, I, D, [...O, H]> : never;

// ---------------------------------------------------------------- concat / stack
export type Concat<L extends readonly Shape[], X extends Dim> =
  number extends L['length'] ? Dyn : Wide<X> extends true ? Dyn
  : L extends readonly [infer A extends Shape, ...infer R extends readonly Shape[]]
    ? IsDyn<A> extends true ? Dyn
    : [Axis<A, X>] extends [never] ? BadAxis<'concat', A, X> : ConcatR<A, R, Axis<A, X>>
    : 'concat: needs at least one tensor';
type ConcatR<A extends Shape, L extends readonly Shape[], I extends string> =
  L extends readonly [infer B extends Shape, ...infer R extends readonly Shape[]]
    ? IsDyn<B> extends true ? Dyn
    : A['length'] extends B['length']
      ? Zip<A, B, I> extends infer Z ? Z extends Shape ? ConcatR<Z, R, I>
        : `concat on axis ${I}: ${Show<A>} and ${Show<B>} must agree on every other axis` : never
      : `concat: ranks differ: ${Show<A>} and ${Show<B>}`
    : A;
type Zip<A extends Shape, B extends Shape, I extends string, O extends Shape = []> =
  A extends readonly [infer a extends Dim, ...infer AR extends Shape]
    ? B extends readonly [infer b extends Dim, ...infer BR extends Shape]
      ? `${O['length']}` extends I ? Zip<AR, BR, I, [...O, AddDim<a, b>]>
      : UOk<a, b> extends false ? 'bad' : Zip<AR, BR, I, [...O, Unify<a, b>]>
      : 'bad'
    : O;
export type Stack<L extends readonly Shape[], X extends number> =
  number extends L['length'] ? (L[number] extends infer A extends Shape ? IsDyn<A> extends true ? Dyn : InsertAt<A, X, number> : Dyn)
  : L extends readonly [infer A extends Shape, ...infer R extends readonly Shape[]] ? StackR<A, R, X, L['length']> : 'stack: needs at least one tensor';
type StackR<A extends Shape, L extends readonly Shape[], X extends number, N extends number> =
  L extends readonly [infer B extends Shape, ...infer R extends readonly Shape[]]
    ? IsDyn<B> extends true ? Dyn : Zip<A, B, 'none'> extends infer Z ? Z extends Shape ? StackR<Z, R, X, N> : `stack: shapes differ: ${Show<A>} and ${Show<B>}` : never
    : IsDyn<A> extends true ? Dyn : [InsertAt<A, X, N>] extends [never] ? BadAxis<'stack', A, X> : InsertAt<A, X, N>;

// ---------------------------------------------------------------- slice(x, axis, start, stop)
type Bound<D extends Dim, N extends number> =
  Wide<N> extends true ? number
  : `${N}` extends `-${infer P extends number}` ? (D extends number ? Sub<D, P> : number) : N;
type Span<D extends Dim, A extends number, B extends number> =
  Wide<D> extends true ? number : D extends string ? (Wide<A> extends true ? number : Wide<B> extends true ? number : `${A}${B}` extends `${string}-${string}` ? number : Sub<B, A>)
  : [A] extends [never] ? never : [B] extends [never] ? never : Wide<A> extends true ? number : Wide<B> extends true ? number
  : D extends number ? (Lte<B, D> extends true ? Sub<B, A> : never) : never;
export type Slice<S extends Shape, X extends Dim, A extends number, B extends number> =
  IsDyn<S> extends true ? Dyn : Wide<X> extends true ? { [K in keyof S]: number }
  : [Axis<S, X>] extends [never] ? BadAxis<'slice', S, X>
  : S[Axis<S, X> & keyof S] extends infer D extends Dim
    ? Span<D, Bound<D, A>, Bound<D, B>> extends infer N extends number
      ? [N] extends [never] ? `slice: ${A}:${B} is outside axis ${X} of ${Show<S>}, which has size ${ShowDim<D>}` : SetAt<S, Axis<S, X>, N>
      : never : never;

// ---------------------------------------------------------------- convolution, pooling (NHWC; weights [kh, kw, in, out])
export type Padding = 'same' | 'valid' | number;
type ConvDim<D extends Dim, K extends Dim, St extends number, P extends Padding> =
  P extends 'same' ? (St extends 1 ? D : D extends number ? CeilDiv<D, St> : number)
  : D extends number ? (K extends number ? Win<P extends number ? Add<D, Mul<2, P>> : D, K, St> : number) : number;
type CeilDiv<D extends number, S extends number> = number extends D ? number : Div<Add<D, Sub<S, 1>>, S>;
/** floor((D - K) / S) + 1, never when the window does not fit */
type Win<D extends number, K extends number, S extends number> = Sub<D, K> extends infer N extends number ? ([N] extends [never] ? never : Add<Div<N, S>, 1>) : never;
export type Conv2d<X extends Shape, W extends Shape, St extends number, P extends Padding> =
  IsDyn<X> extends true ? [Dim, Dim, Dim, Dim] : IsDyn<W> extends true ? [Dim, Dim, Dim, Dim]
  : X extends readonly [infer n extends Dim, infer h extends Dim, infer w extends Dim, infer c extends Dim]
    ? W extends readonly [infer kh extends Dim, infer kw extends Dim, infer ci extends Dim, infer co extends Dim]
      ? UOk<c, ci> extends false ? `conv2d: input ${Show<X>} has ${ShowDim<c>} channels, but the filter ${Show<W>} takes ${ShowDim<ci>}`
        : Box<n, ConvDim<h, kh, St, P>, ConvDim<w, kw, St, P>, co, `conv2d: a ${ShowDim<kh>}x${ShowDim<kw>} window does not fit in ${Show<X>}`>
      : `conv2d: the filter must be [kh, kw, in, out], but is ${Show<W>}`
    : `conv2d: the input must be [n, h, w, c], but is ${Show<X>}`;
type Box<N extends Dim, H extends Dim, W extends Dim, C extends Dim, E> = [H] extends [never] ? E : [W] extends [never] ? E : [N, H, W, C];
export type Pool<X extends Shape, K extends number, St extends number, P extends Padding, Op extends string = 'maxPool'> =
  IsDyn<X> extends true ? [Dim, Dim, Dim, Dim]
  : X extends readonly [infer n extends Dim, infer h extends Dim, infer w extends Dim, infer c extends Dim]
    ? Box<n, ConvDim<h, K, St, P>, ConvDim<w, K, St, P>, c, `${Op}: a ${K}x${K} window does not fit in ${Show<X>}`>
    : `${Op}: the input must be [n, h, w, c], but is ${Show<X>}`;

// ---------------------------------------------------------------- einsum
type Bind<Sub extends string, S extends Shape, E, N extends number> =
  Sub extends `${infer c}${infer CR}`
    ? S extends readonly [infer d extends Dim, ...infer SR extends Shape]
      ? c extends keyof E
        ? UOk<E[c] & Dim, d> extends false ? { err: `einsum: '${c}' is ${ShowDim<E[c]>} before, but ${ShowDim<d>} in operand ${N}` }
        : Bind<CR, SR, E, N>
        : Bind<CR, SR, E & { [k in c]: d }, N>
      : { err: `rank` }
    : S extends readonly [] ? E : { err: 'rank' };
type Ops = [1, 2, 3, 4, 5, 6, 7, 8];
type BindAll<Subs extends string, L extends readonly Shape[], E = {}, N extends 0[] = []> =
  Subs extends `${infer A},${infer R}`
    ? L extends readonly [infer S extends Shape, ...infer LR extends readonly Shape[]]
      ? Bind1<A, S, E, N, Subs, R, LR>
      : { err: 'einsum: fewer operands than the equation names' }
    : L extends readonly [infer S extends Shape] ? Bind2<Subs, S, E, Ops[N['length'] & keyof Ops] & number>
    : { err: 'einsum: the number of operands is not the one the equation names' };
type Bind2<A extends string, S extends Shape, E, N extends number> =
  IsDyn<S> extends true ? { dyn: 1 } : Bind<A, S, E, N> extends infer E2 ? E2 extends { err: 'rank' } ? { err: `einsum: '${A}' does not fit operand ${N}, which is ${Show<S>}` } : E2 : never;
type Bind1<A extends string, S extends Shape, E, N extends 0[], _S, R extends string, LR extends readonly Shape[]> =
  Bind2<A, S, E, Ops[N['length'] & keyof Ops] & number> extends infer E2 ? E2 extends { err: string } | { dyn: 1 } ? E2 : BindAll<R, LR, E2, [...N, 0]> : never;
type OutOf<O extends string, E, R extends Shape = []> =
  O extends `${infer c}${infer T}` ? c extends keyof E ? OutOf<T, E, [...R, E[c] & Dim]> : `einsum: output index '${c}' occurs in no operand` : R;
type Clean<S extends string> = S extends `${infer A} ${infer B}` ? Clean<`${A}${B}`> : S;
export type Einsum<Eq extends string, L extends readonly Shape[]> =
  string extends Eq ? Dyn : Eq extends `${string}...${string}` ? Dyn : number extends L['length'] ? Dyn
  : Clean<Eq> extends `${infer I}->${infer O}`
    ? BindAll<I, L> extends infer E ? E extends { err: infer M } ? M : E extends { dyn: 1 } ? { [K in keyof Chars<O>]: Dim } : OutOf<O, E> : never
    : `einsum: '${Eq}' needs an output, as in 'ij,jk->ik'`;
type Chars<S extends string, O extends 0[] = []> = S extends `${string}${infer T}` ? Chars<T, [...O, 0]> : O;

// ---------------------------------------------------------------- dense on the last axis; gather
export type Dense<S extends Shape, I extends Dim, O extends Dim> =
  IsDyn<S> extends true ? Dyn
  : S extends readonly [...infer B extends Shape, infer k extends Dim]
    ? UOk<k, I> extends false ? `dense: expects a last axis of size ${ShowDim<I>}, but the input is ${Show<S>}` : [...B, O]
    : `dense: the input is a scalar`;
export type Gather<T extends Shape, I extends Shape> =
  IsDyn<T> extends true ? Dyn : IsDyn<I> extends true ? Dyn
  : T extends readonly [Dim, ...infer R extends Shape] ? [...I, ...R] : 'gather: the table is a scalar';

/** a part of so many elements along each axis */
export type Part<A extends Shape, S extends readonly Dim[]> =
  IsDyn<A> extends true ? { -readonly [K in keyof S]: S[K] }
  : A['length'] extends S['length'] ? (Fit<A, S> extends false ? `dynamicSlice: a part ${Show<S>} does not fit in ${Show<A>}` : { -readonly [K in keyof S]: S[K] })
  : `dynamicSlice: needs one size and one start for each axis of ${Show<A>}`;
type Fit<A extends Shape, S extends readonly Dim[]> =
  A extends readonly [infer a extends Dim, ...infer AR extends Shape] ? S extends readonly [infer s extends Dim, ...infer SR extends readonly Dim[]] ? (FitsIn<s, a> extends false ? false : Fit<AR, SR>) : true : true;
/** no more elements than the axis has: false only where both are known */
type FitsIn<N extends Dim, D extends Dim> = Wide<N> extends true ? true : Wide<D> extends true ? true : N extends number ? (D extends number ? Lte<N, D> : D extends Compound ? true : false) : UOk<N, D>;

/** updates [...I, …rest] of the rows of [n, …rest] at ids [...I] */
export type Updates<A extends Shape, I extends Shape, U extends Shape, Op extends string> =
  IsDyn<A> extends true ? U : IsDyn<I> extends true ? U : IsDyn<U> extends true ? U
  : A extends readonly [Dim, ...infer R extends Shape] ? (SameSizes<[...I, ...R], U> extends true ? U : `${Op}: the updates must be ${Show<[...I, ...R]>}, but are ${Show<U>}`) : 'x is a scalar';
type SameSizes<A extends Shape, B extends Shape> =
  A extends readonly [infer a extends Dim, ...infer AR extends Shape] ? B extends readonly [infer b extends Dim, ...infer BR extends Shape] ? (UOk<a, b> extends true ? SameSizes<AR, BR> : false) : false : B extends readonly [] ? true : false;

// ---------------------------------------------------------------- linear algebra
type NotSquare<Op extends string, A extends Shape> = `${Op}: needs a square matrix of known size, but is ${Show<A>}`;
export type Square<Op extends string, A extends Shape> =
  IsDyn<A> extends true ? A : A extends readonly [infer n extends Dim, infer m extends Dim] ? (UOk<n, m> extends true ? A : NotSquare<Op, A>) : NotSquare<Op, A>;
/** [n, m], for a square matrix of n rows */
export type RightSide<Op extends string, A extends Shape, B extends Shape> =
  IsDyn<A> extends true ? B : IsDyn<B> extends true ? B
  : A extends readonly [infer n extends Dim, Dim] ? (B extends readonly [infer k extends Dim, Dim] ? (UOk<n, k> extends true ? B : NoRightSide<Op, A, B, n>) : NoRightSide<Op, A, B, n>) : B;
type NoRightSide<Op extends string, A extends Shape, B extends Shape, N> = `${Op}: the right side of ${Show<A>} must be [${ShowDim<N>}, m], but is ${Show<B>}`;

/** rows [...I, …rest] reduced to [N, …rest] */
export type Segments<A extends Shape, I extends Shape, N extends Dim> =
  IsDyn<A> extends true ? Dyn : IsDyn<I> extends true ? Dyn
  : RowsAfter<A, I> extends infer R extends Shape ? [N, ...R] : `needs one id for each row of ${Show<A>}, but the ids are ${Show<I>}`;
type RowsAfter<A extends Shape, I extends Shape> =
  I extends readonly [infer i extends Dim, ...infer J extends Shape]
    ? A extends readonly [infer a extends Dim, ...infer B extends Shape] ? UOk<a, i> extends true ? RowsAfter<B, J> : 'differ' : 'differ'
    : A;

/** the number of elements, where the axis has as many */
export type Most<S extends Shape, X extends Dim, N extends number, Op extends string> =
  IsDyn<S> extends true ? N : Wide<X> extends true ? N : [Axis<S, X>] extends [never] ? N
  : S[Axis<S, X> & keyof S] extends infer D extends Dim ? (D extends string ? N : FitsIn<N, D> extends false ? `${Op}: axis ${X} of ${Show<S>} has no ${N} elements` : N) : N;
/** an axis of so many elements */
export type Resized<S extends Shape, X extends Dim, N extends Dim> =
  IsDyn<S> extends true ? Dyn : Wide<X> extends true ? { -readonly [K in keyof S]: number } : [Axis<S, X>] extends [never] ? BadAxis<'topK', S, X> : SetAt<S, Axis<S, X>, N>;

// ---------------------------------------------------------------- renaming: named dims as type variables
/** match a declared shape (names are variables) against an actual one; E accumulates bindings */
export type Match<Pat extends Shape, S extends Shape, E, Who extends string> =
  IsDyn<S> extends true ? E
  : Pat extends readonly [infer p extends Dim, ...infer PR extends Shape]
    ? S extends readonly [infer d extends Dim, ...infer SR extends Shape]
      ? p extends string
        ? string extends p ? Match<PR, SR, E, Who>
        : p extends keyof E
          ? [Unify<E[p] & Dim, d>] extends [never] ? { err: `${Who}: '${p}' is ${ShowDim<E[p]>} before, but ${ShowDim<d>} here` } : Match<PR, SR, E, Who>
          : Match<PR, SR, E & { [k in p]: d }, Who>
        : [Unify<p, d>] extends [never] ? { err: `${Who}: expected size ${ShowDim<p>}, but got ${ShowDim<d>}` } : Match<PR, SR, E, Who>
      : { err: `${Who}: rank too low` }
    : S extends readonly [] ? E : { err: `${Who}: rank too high` };
export type Subst<S extends Shape, E> = IsDyn<S> extends true ? Dyn : { -readonly [K in keyof S]: S[K] extends keyof E ? E[S[K]] & Dim : S[K] extends Compound ? number : S[K] };

// ---------------------------------------------------------------- broadcastTo, expandDims, one entry of the last axes
/** the target, where x broadcasts to exactly it */
export type BroadcastTo<S extends Shape, B extends Shape> =
  IsDyn<B> extends true ? Dyn : IsDyn<S> extends true ? B
  : Broadcast<S, B, 'broadcastTo'> extends infer R ? R extends Shape ? (R['length'] extends B['length'] ? FitsAll<R, B> extends true ? B : CannotTo<S, B> : CannotTo<S, B>) : CannotTo<S, B> : never;
type CannotTo<S extends Shape, B extends Shape> = `broadcastTo: cannot broadcast ${Show<S>} to ${Show<B>}`;
type FitsAll<R extends Shape, B extends Shape> =
  R extends readonly [infer r extends Dim, ...infer RR extends Shape] ? B extends readonly [infer b extends Dim, ...infer BR extends Shape] ? UOk<r, b> extends true ? FitsAll<RR, BR> : false : false : true;
/** an axis of size 1 inserted; -1 is after the last */
export type ExpandDims<S extends Shape, X extends number> = Insert<S, X, 1, 'expandDims'>;
/** an axis of any size inserted */
export type Insert<S extends Shape, X extends number, D extends Dim, Op extends string> =
  IsDyn<S> extends true ? Dyn : Wide<X> extends true ? Dyn
  : [Axis<[...S, 1], X>] extends [never] ? (S['length'] extends keyof AxisTable | 0 ? BadAxis<Op, S, X> : Dyn) : InsertAtKey<S, Axis<[...S, 1], X>, D>;
type InsertAtKey<S extends Shape, I extends string, D extends Dim, N extends 0[] = [], O extends Shape = []> =
  `${N['length']}` extends I ? [...O, D, ...S] : S extends readonly [infer H extends Dim, ...infer T extends Shape] ? InsertAtKey<T, I, D, [...N, 0], [...O, H]> : never;
/** of the same rank, sizes unknown */
export type Unknown<S extends Shape> = IsDyn<S> extends true ? Dyn : { -readonly [K in keyof S]: number };
