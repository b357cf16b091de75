import { isFloat } from '../core/dtype.ts';
import { unlike, valuesOf } from './alike.ts';
import { here, invalid, make, type Problem } from './expr.ts';
import { trace } from './functions.ts';
import { filled, resultsOf } from './primitives.ts';
import { leavesOf, mapLeaves, refill } from './tree.ts';

/**
 * A function with a forward-mode derivative of one's own: from the arguments and their tangents, the tangent of the result.
 * It must be linear in the tangents: reverse mode is its transpose. Tensors captured from outside get no derivative. A tangent
 * that is not like the result is FX1010.
 * @example customJvp((x) => f(x), ([x], [dx]) => mul(dx, slopeOf(x)))
 */
export const customJvp = <A extends unknown[], R>(f: (...args: A) => R, rule: (primals: A, tangents: A) => NoInfer<R>): ((...args: A) => R) => (...args) => {
  const at = here(), name = f.name === '' ? 'custom' : f.name, body = trace(name, args, f), inputs = leavesOf(args), types = body.traced.results.map((r) => r.type);
  const moving = inputs.filter((l) => isFloat(l.expr.dtype)).map((l) => l.expr);
  const floats = body.leaves.filter((l) => isFloat(l.expr.dtype)), mistakes: Problem[] = [];
  const own = trace(`${name}_jvp`, [args, moving] as const, (primals: A, given: typeof moving) => {
    let next = 0;
    // SAFETY: the tangents are a tree like the arguments, of whose integers none move
    const tangents = mapLeaves(args, (a) => (isFloat(a.dtype) ? given[next++] : filled(at, 0, a.type)));
    const tangent = rule(primals, tangents), mistake = unlike('customJvp', 'tangent', floats, tangent);
    if (mistake !== undefined) mistakes.push(mistake);
    return [leavesOf(f(...primals)).map((l) => l.expr), valuesOf(tangent, floats)] as const;
  });
  if (mistakes.length > 0) return mapLeaves(body.result, (r) => invalid(at, [], r.type, mistakes[0]));
  return refill(body.result, resultsOf(at, make(at, 'composite', { name, attributes: {}, body: body.traced, jvp: own.traced }, inputs.map((l) => l.expr), types)));
};
