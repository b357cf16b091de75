import type { Dim as IrDim, TensorType } from '../core/dim.ts';
import { isSym, showDim } from '../core/dim.ts';
import type { Code } from '../core/diagnostic.ts';
import type { DType, TypedArray } from '../core/dtype.ts';
import { kindOf } from '../core/kind.ts';
import { captureOrigin, type Origin } from '../core/origin.ts';
import type { Attrs, Derivative, Mapping, Storage } from '../ir/graph/syntax.ts';
import type { Dim } from './types/shape.ts';
import { tag, type Key, type Tensor } from './types/tensor.ts';

/**
 * An expression: an operation, its operands, its type and where it was written. It is what a `Tensor` or a `Key` is
 * at run time. Building one neither computes nor throws; an ill-typed one is `invalid` and carries its problem, and
 * whatever is built on it is invalid too, silently, so that one mistake is reported once.
 */
type ExprOf<K extends ExprOp> = {
  readonly op: K;
  readonly attrs: ExprAttrs[K];
  readonly inputs: readonly Expr[];
  /** of all results; the operations of several are read through `get` */
  readonly results: readonly TensorType[];
  readonly type: TensorType;
  readonly dtype: DType;
  readonly shape: readonly Dim[];
  readonly origin: Origin;
  readonly problem?: Problem;
  /** the functions whose placeholders it depends on */
  readonly scopes: ReadonlySet<Scope>;
  readonly poisoned: boolean;
  readonly [tag]: 'tensor' | 'key';
};
export type Expr<K extends ExprOp = ExprOp> = { readonly [P in K]: ExprOf<P> }[K];

/**
 * The operations of the graph IR, with functions in place of graphs' names. What the IR's attributes say of shapes
 * is in the expression's own type, so that binding a named dimension changes types only.
 */
export interface ExprAttrs extends Omit<Attrs, 'parameter' | 'constant' | 'iota' | 'broadcastInDim' | 'reshape' | 'scan' | 'while' | 'case' | 'call' | 'composite' | 'transform'> {
  readonly placeholder: { readonly name: string; readonly scope: Scope };
  readonly constant: { readonly value: number | TypedArray | Source; /** of a key made by splitting: the key that this used up, and which splitting it was */ readonly splitFrom?: SplitFrom };
  readonly iota: { readonly axis: number };
  readonly broadcastInDim: { readonly dims: readonly number[] };
  readonly reshape: Record<never, never>;
  /** limits may be negative (from the end) or Infinity (to the end); resolved when the size is known */
  readonly slice: Attrs['slice'];
  /** of a named number of runs the rows' first axis says how many */
  readonly scan: { readonly fn: Traced; readonly length: Dim } & Omit<Attrs['scan'], 'graph' | 'length'>;
  readonly while: { readonly test: Traced; readonly body: Traced; readonly carries: number };
  readonly case: { readonly branches: readonly Traced[] };
  readonly call: { readonly fn: Traced };
  readonly composite: {
    readonly name: string; readonly attributes: Attrs['composite']['attributes'];
    readonly body: Traced; readonly vjp?: Traced; readonly jvp?: Traced;
    /** the random key that it uses up */
    readonly consumes?: Expr;
    /** one of the library's own: equal name, attributes and operand types mean an equal body */
    readonly shared?: true;
  };
  readonly transform: OfFunction<Derivative> | OfFunction<Mapping> | OfFunction<Storage>;
  /** written when the sizes of some axes of the first operand are known */
  readonly sized: { readonly op: string; readonly axes: readonly number[]; readonly build: (at: Origin, inputs: readonly Expr[]) => Expr | Problem };
  readonly invalid: Record<never, never>;
}
type OfFunction<T> = Omit<T, 'graph'> & { readonly fn: Traced };
export type ExprOp = keyof ExprAttrs;

/** Numbers that live elsewhere: on a device, or behind an array made by a run. */
export interface Source {
  readonly sync?: () => TypedArray;
  readonly read: () => Promise<TypedArray>;
  readonly dispose: () => void;
}

export interface SplitFrom { readonly key: Expr; readonly use: object }

/** The identity of one function's placeholders. */
export interface Scope { readonly what: 'scope' }
/** A function applied once to placeholders of its arguments' types. It may depend on other functions' placeholders. */
export interface Traced {
  readonly name: string;
  readonly scope: Scope;
  readonly params: readonly Expr<'placeholder'>[];
  readonly results: readonly Expr[];
}

/** What is wrong with an expression: a diagnostic but for its place. */
export interface Problem { readonly code: Code; readonly message: string; readonly shapes?: readonly string[]; readonly hint?: string }
export const isProblem = (x: unknown): x is Problem => typeof x === 'object' && x !== null && 'message' in x;

const noScopes: ReadonlySet<Scope> = new Set();
/** one of the given sets where it holds all the others, so that long chains share one */
const unite = (sets: readonly ReadonlySet<Scope>[]): ReadonlySet<Scope> => {
  let largest = noScopes;
  for (const s of sets) if (s.size > largest.size) largest = s;
  const missing = sets.flatMap((s) => (s === largest ? [] : [...s].filter((x) => !largest.has(x))));
  return missing.length === 0 ? largest : new Set([...largest, ...missing]);
};
const without = (set: ReadonlySet<Scope>, scope: Scope): ReadonlySet<Scope> => (set.has(scope) ? new Set([...set].filter((s) => s !== scope)) : set);

/** the functions that an operation holds */
export const functionsOf = (e: Expr): readonly Traced[] => {
  switch (e.op) {
    case 'call': case 'scan': case 'transform': return [e.attrs.fn];
    case 'while': return [e.attrs.test, e.attrs.body];
    case 'case': return e.attrs.branches;
    case 'composite': return [e.attrs.body, e.attrs.vjp, e.attrs.jvp].filter((f) => f !== undefined);
    default: return [];
  }
};

interface Extra { readonly problem?: Problem; readonly key?: true }
/** The one way to make an expression. */
export const make = <K extends ExprOp>(at: Origin, op: K, attrs: ExprAttrs[K], inputs: readonly Expr[], results: readonly TensorType[], extra: Extra = {}): Expr<K> => {
  const type = results[0] ?? { dtype: 'f32', shape: [] };
  // SAFETY: op and attrs come paired from the caller; the fields that depend on them are filled in here
  const held = functionsOf({ op, attrs } as unknown as Expr);
  const own = op === 'placeholder' && 'scope' in attrs ? [new Set([attrs.scope])] : [];
  const made = {
    op, attrs, inputs, results, type, dtype: type.dtype, shape: type.shape.map(fromIr), origin: at,
    scopes: unite([...own, ...inputs.map((x) => x.scopes), ...held.flatMap((f) => f.results.map((r) => without(r.scopes, f.scope)))]),
    poisoned: op === 'invalid' || inputs.some((x) => x.poisoned) || held.some((f) => f.results.some((r) => r.poisoned)),
    [tag]: extra.key ? 'key' : 'tensor',
    ...(extra.problem && { problem: extra.problem }),
  };
  // SAFETY: as above
  return made as unknown as Expr<K>;
};

/** Where the user wrote what is being built. Frames of the library itself are left out when the place is resolved. */
export const here = (): Origin => captureOrigin(here);

/** An expression that stands for a mistake, with a type that lets building go on. */
export const invalid = (at: Origin, inputs: readonly Expr[], type: TensorType, problem?: Problem): Expr =>
  make(at, 'invalid', {}, inputs, [type], problem && { problem });

/**
 * Builds with a rule that gives an expression or says what is wrong. On operands that are wrong already it says nothing.
 */
export const define = (inputs: readonly Expr[], rule: (at: Origin) => Expr | Problem): Expr => {
  const at = here();
  const guess = inputs[0]?.type ?? { dtype: 'f32', shape: [] };
  if (inputs.some((x) => x.poisoned)) return invalid(at, inputs, guess);
  const made = rule(at);
  return isProblem(made) ? invalid(at, inputs, guess, made) : made;
};

// ── names of dimensions: a string for users, a symbol in the IR
export const toIr = (d: Dim): IrDim => (typeof d === 'number' ? d : { name: d, by: 1, max: Infinity });
const fromIr = (d: IrDim): Dim => (isSym(d) ? showDim({ ...d, max: Infinity }) : d);
export const typeOf = (dtype: DType, shape: readonly Dim[]): TensorType => ({ dtype, shape: shape.map(toIr) });

// ── the typed face
export const isValue = (x: unknown): x is Expr => typeof x === 'object' && x !== null && tag in x;
/** an expression as it is; of anything else, which tsc refuses, one that is a mistake */
export const operandOf = (x: unknown): Expr => (isValue(x) ? x
  : invalid(here(), [], { dtype: 'f32', shape: [] }, { code: 'FX1017', message: `a tensor is needed here, but this is ${kindOf(x)}`, hint: 'array(…) makes one of numbers' }));
/** the expression behind a tensor or a key */
export const exprOf = (x: Tensor<unknown> | Key): Expr => operandOf(x);
/** The expression under the type that the calling function declares for its result. */
export const typed = (e: Expr): never => {
  // SAFETY: the signatures in types/ say what the run-time rules give; test/expr holds the two together
  return e as never;
};
