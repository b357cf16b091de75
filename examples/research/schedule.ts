/** Schedules for one kernel: several register tiles are tried, and the quickest is kept. */
import { fileURLToPath } from 'node:url';
import { add, compile, f32, fn, matmul, orThrow, relu } from 'fluxion';
import { explain, type ExplainedKernel } from 'fluxion/inspect';
import { schedule, type Choices } from 'fluxion/ir';

export const layer = fn([f32([128, 256]), f32([256, 192]), f32([192])], (x, w, b) => relu(add(matmul(x, w), b)), { name: 'layer', args: ['x', 'w', 'b'] });

const measure = { clock: () => performance.now() };
const kernelWith = (choices: Choices): ExplainedKernel => orThrow(explain(layer, { schedules: [schedule('contract_0', choices)], measure })).kernels[0];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`by the target's own choices\n\n${orThrow(explain(layer, { measure })).text}\n`);
  const tried = [{ tile: { m: 4, n: 4 } }, { tile: { m: 2, n: 8 } }, { tile: { m: 2, n: 16 } }, { tile: { m: 8, n: 8 } }, { pack: false }, { vectors: false }].map((choices) => ({ choices, kernel: kernelWith(choices) }));
  for (const { kernel } of tried) console.log(`${kernel.scheduled}: ${kernel.measuredMs?.toFixed(3)} ms`);
  const [{ choices }] = [...tried].sort((a, b) => (a.kernel.measuredMs ?? 0) - (b.kernel.measuredMs ?? 0)), schedules = [schedule('contract_0', choices)];
  console.log(`\nthe quickest of these\n\n${orThrow(explain(layer, { schedules, measure })).text}\n`);
  using run = orThrow(compile(layer, { schedules, validate: true }));
  console.log(`validated: ${run.report?.kernels} kernel`);
}
