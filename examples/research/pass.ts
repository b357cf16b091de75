/** Passes of one's own: one over the graph, made of a law, and one over the loops, written by hand. */
import { fileURLToPath } from 'node:url';
import { add, compile, div, exp, f32, fn, mul, orThrow, square, sum, type CompileOptions } from 'fluxion';
import { js } from 'fluxion/backends';
import { explain } from 'fluxion/inspect';
import { mapKernels, mapStmts, rewrite, rule, type LoopPass } from 'fluxion/ir';

export const mixed = fn([f32(['n', 4]), f32(['n', 4])], (x, y) => div(mul(exp(x), exp(y)), add(sum(square(x), -1, { keepdims: true }), 1)), { name: 'mixed', args: ['x', 'y'] });

/** not exact: exp(x)·exp(y) may overflow where their sum's does not */
const exponentials = rewrite('exponentials', [rule('exp x · exp y = exp(x + y)', (p, x, y) => p.mul(p.exp(x), p.exp(y)), (p, x, y) => p.exp(p.add(x, y)), { class: 'fast' })]);

/** loops of few iterations are written out; it stands before `unroll`, which writes them */
const writeOutShortLoops: LoopPass = {
  name: 'writeOutShortLoops', gives: 'tiled',
  run: (program) => mapKernels(program, (kernel) => ({
    ...kernel,
    body: mapStmts(kernel.body, (s) => [s.kind === 'for' && s.mode.at === 'serial' && s.extent.terms.length === 0 && s.extent.bias <= 4 ? { ...s, mode: { at: 'unroll' } } : s]),
  })),
};
export const own = {
  passes: (defaults) => [exponentials, ...defaults],
  loopPasses: (defaults) => defaults.flatMap((pass) => (pass.name === 'unroll' ? [writeOutShortLoops, pass] : [pass])),
} satisfies CompileOptions;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = { backend: js(), dims: { n: 64 } }, [before, after] = [{}, own].map((mine) => orThrow(explain(mixed, { ...options, ...mine })));
  console.log(`as it is\n\n${before.text}\n\nwith passes of one's own\n\n${after.text}\n`);
  for (const step of after.steps) if (step.name === 'exponentials' || step.name === 'writeOutShortLoops') console.log(`${step.name}: ${step.changed ? 'changed the program' : 'changed nothing'} ${[...step.fired.keys()].join()}`);
  using run = orThrow(compile(mixed, { ...options, ...own, validate: true }));
  console.log(`validated: ${run.report?.operations} operations instead of ${before.counts.operations}`);
}
