import { isFloat, type Float } from '../core/dtype.ts';
import { scalarRow, type Apply, type CustomScalar, type Expansion, type PartialExpansion } from '../ir/scalars.ts';
import { problem } from './codes.ts';
import { broadcast } from './dims.ts';
import { define, exprOf, here, typed, type Expr, type Problem, type Traced } from './expr.ts';
import { trace } from './functions.ts';
import { freeInput } from './leaves.ts';
import { map, scalar as scalarOf, stretch } from './primitives.ts';
import type { Unary } from './types/operations.ts';
import type { Dyn, Shape } from './types/shape.ts';
import type { Tensor } from './types/tensor.ts';

type Scalar = Tensor<[], 'f32'>;
type OneOrMore = Scalar | number | readonly (Scalar | number)[];

/** A function over scalar placeholders, traced. Rules and scalar functions are written so, in the language itself. */
const traceScalar = (name: string, arity: number, f: (...xs: readonly Scalar[]) => OneOrMore): Traced => {
  const example: readonly Scalar[] = Array.from({ length: arity }, () => typed(freeInput('f32', [])));
  return trace(name, example, (...xs: readonly Scalar[]) => {
    const made = f(...xs), list = Array.isArray(made) ? made : [made];
    return list.map((x: Scalar | number) => (typeof x === 'number' ? typed(scalarOf(here(), x, 'f32')) : x));
  }).traced;
};

/** what a traced function does that is not elementwise, if anything */
const foreign = (fn: Traced): string | undefined => {
  const bad = ordered(fn).find((e) => !['map', 'placeholder', 'constant', 'composite', 'get'].includes(e.op) || (e.op === 'placeholder' && e.attrs.scope !== fn.scope));
  return bad && (bad.op === 'placeholder' ? 'a tensor from outside' : bad.problem?.message ?? bad.op);
};
/** the expressions of a function, operands first */
const ordered = (fn: Traced): readonly Expr[] => {
  const seen = new Set<Expr>(), order: Expr[] = [], stack = [...fn.results];
  for (let e = stack.at(-1); e !== undefined; e = stack.at(-1)) {
    const missing = e.inputs.filter((x) => !seen.has(x));
    if (missing.length > 0) { stack.push(...missing); continue; }
    stack.pop();
    if (!seen.has(e)) { seen.add(e); order.push(e); }
  }
  return order;
};

/** Writes a traced scalar function through `apply`; a constant is passed as a number. */
const write = <N>(fn: Traced, apply: Apply<N>, args: readonly N[]): readonly (N | number)[] => {
  const made = new Map<Expr, readonly (N | number)[]>(fn.params.map((p, i) => [p, [args[i]]]));
  const at = (e: Expr): N | number => made.get(e)?.[0] ?? NaN;
  for (const e of ordered(fn)) {
    if (e.op === 'map') made.set(e, [apply(e.attrs.fn, ...e.inputs.map(at))]);
    if (e.op === 'constant' && typeof e.attrs.value === 'number') made.set(e, [e.attrs.value]);
    if (e.op === 'composite') made.set(e, write(e.attrs.body, apply, asNodes(apply, e.inputs.map(at), args)));
    if (e.op === 'get') made.set(e, [made.get(e.inputs[0])?.[e.attrs.index] ?? NaN]);
  }
  return fn.results.map(at);
};
/** numbers as nodes: what does not depend on the operands is written as if it did */
const asNodes = <N>(apply: Apply<N>, values: readonly (N | number)[], args: readonly N[]): readonly N[] =>
  values.map((v) => (typeof v === 'number' ? apply('select', apply('eq', args[0], args[0]), v, v) : v));

const evaluateOf = (fn: Traced) => (...xs: readonly number[]): number => {
  const apply: Apply<number> = (op, ...args) => (typeof op === 'string' ? scalarRow(op).evaluate(...args) : op.evaluate(...args));
  return write(fn, apply, xs)[0];
};

export interface ScalarDefinition {
  /** its meaning over scalars; without a derivative this is differentiated */
  readonly define: (...xs: readonly Scalar[]) => Scalar;
  /** the partial derivatives, from the operands and then the result: one, or a list of one for each operand */
  readonly derivative?: (...xs: readonly Scalar[]) => OneOrMore;
  /** its text in a backend, over x, y, z */
  readonly spell?: { readonly js?: string; readonly gpujs?: string };
  /** where generated tests may put its operands */
  readonly domain?: readonly [number, number];
}
/** A scalar function of one's own, as an operation on tensors of floats. */
export interface ScalarFunction extends Unary {
  <A extends Shape, D extends Float>(a: Tensor<A, D>, b: Tensor<A, NoInfer<D>>, c?: Tensor<A, NoInfer<D>>): Tensor<A, D>;
  readonly scalar: CustomScalar;
}

/**
 * An element-wise function of one's own. Its definition travels in the expressions that use it; nothing is registered.
 * @example const softsign = scalarOp('softsign', { define: (x) => div(x, add(abs(x), 1)), spell: { js: 'x / (1 + Math.abs(x))' } });
 */
export const scalarOp = (name: string, row: ScalarDefinition): ScalarFunction => {
  const arity = Math.min(3, Math.max(1, row.define.length));
  const body = traceScalar(name, arity, row.define), slopes = row.derivative && traceScalar(`${name}_derivative`, arity + 1, row.derivative);
  const expand: Expansion = (apply, ...args) => asNodes(apply, write(body, apply, args), args)[0];
  const partials = (fn: Traced): PartialExpansion => (apply, result, ...args) => asNodes(apply, write(fn, apply, [...args, result]), args);
  const scalar: CustomScalar = {
    custom: name, arity: arity === 1 ? 1 : arity === 2 ? 2 : 3, expand, evaluate: evaluateOf(body), spell: row.spell ?? {}, domain: row.domain ?? [-4, 4],
    ...(slopes && { partials: partials(slopes) }),
  };
  const wrong = definitionProblem(name, body, slopes);
  const call = (...xs: readonly unknown[]): never => {
    const operands = xs.map((x) => exprOf(tensor(x)));
    return typed(define(operands, (at) => {
      const refused = wrong ?? operandProblem(name, arity, operands);
      if (refused) return refused;
      const both = operands.slice(1).reduce<readonly (number | string)[]>((s, x) => { const r = broadcast(s, x.shape, name); return 'shape' in r ? r.shape : s; }, operands[0].shape);
      return map(at, scalar, operands.map((x) => stretch(at, x, both)));
    }));
  };
  return Object.assign(call, { scalar });
};
const tensor = (x: unknown): Tensor<Dyn> => {
  // SAFETY: the signature takes tensors only
  return x as Tensor<Dyn>;
};
const definitionProblem = (name: string, body: Traced, slopes: Traced | undefined): Problem | undefined => {
  const bad = foreign(body) ?? (slopes && foreign(slopes));
  if (bad !== undefined) return problem('value', `${name}: a scalar function is made of element-wise operations only, but holds ${bad}`);
  return slopes && slopes.results.length !== body.params.length ? problem('value', `${name}: the derivative must give one value for each of the ${body.params.length} operands`) : undefined;
};
const operandProblem = (name: string, arity: number, xs: readonly Expr[]): Problem | undefined => {
  if (xs.length !== arity) return problem('value', `${name}: takes ${arity} operands, but got ${xs.length}`);
  const bad = xs.find((x) => !isFloat(x.dtype));
  if (bad) return problem('notTaken', `${name}: does not take ${bad.dtype}`, { hint: "convert(x, 'f32')" });
  const first = xs[0], clash = xs.map((x) => broadcast(first.shape, x.shape, name)).find((r) => 'wrong' in r);
  return clash && 'wrong' in clash ? problem('broadcast', clash.wrong) : undefined;
};
