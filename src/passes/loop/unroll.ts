import * as ix from '../../core/affine.ts';
import { invariant } from '../../core/invariant.ts';
import type { Kernel, Program, Stmt } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { freshNames } from './names.ts';
import { copyOf, mapKernels, mapStmts } from './rewrite.ts';

/** Writes out unrolled and vector loops where the target has no vectors (else its emitter does): registers are then indexed by constants. */
export const unroll = (program: Program, target: Target): Program => (target.vectorWidth > 1 ? program : mapKernels(program, (kernel) => unrollKernel(kernel)));

const unrollKernel = (kernel: Kernel): Kernel => {
  const fresh = freshNames(kernel);
  const written = (s: Stmt): readonly Stmt[] => {
    if (s.kind !== 'for' || (s.mode.at !== 'unroll' && s.mode.at !== 'vector')) return [s];
    const count = ix.constantOf(s.extent), { axis, body } = s;
    invariant(count !== undefined, `the ${s.mode.at} loop over ${axis} has no constant extent`);
    return Array.from({ length: count }, (_, i) => copyOf(body, fresh, (other) => (other === axis ? ix.constant(i) : undefined))).flat();
  };
  return { ...kernel, body: mapStmts(kernel.body, written) };
};
