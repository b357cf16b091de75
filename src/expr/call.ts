import { showType } from '../core/dim.ts';
import { here, invalid, make } from './expr.ts';
import { isKey, trace, type TracedTrees } from './functions.ts';
import { resultsOf } from './primitives.ts';
import { leavesOf, mapLeaves, refill } from './tree.ts';

/**
 * The same function as a block of its own: for arguments of the same types its body runs once, and stands once in the graph,
 * however often it is called. A deep network of equal layers is lowered as one layer and its calls; kernels that come out
 * alike are one function of the generated code.
 * @example const layer = call((w: F32<[8, 8]>, x: F32<['n', 8]>) => relu(matmul(x, w))); layer(w2, layer(w1, x));
 */
export const call = <A extends unknown[], R>(f: (...args: A) => R): ((...args: A) => R) => {
  const known = new Map<string, TracedTrees<R>>();
  return (...args) => {
    const at = here(), leaves = leavesOf(args), inputs = leaves.map((l) => l.expr);
    const types = JSON.stringify(leaves.map(({ path, expr }) => [path, isKey(expr) ? 'key' : showType(expr.type)]));
    const body = known.get(types) ?? trace(f.name === '' ? 'block' : f.name, args, f);
    known.set(types, body);
    if (inputs.some((x) => x.poisoned)) return mapLeaves(body.result, (r) => invalid(at, inputs, r.type));
    return refill(body.result, resultsOf(at, make(at, 'call', { fn: body.traced }, inputs, body.traced.results.map((r) => r.type))));
  };
};
