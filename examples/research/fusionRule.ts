/** A fusion rule of one's own: what the planner would put into one kernel is kept apart, and something else is put together first. */
import { fileURLToPath } from 'node:url';
import { add, compile, f32, fn, gelu, matmul, mean, mul, orThrow, square, sub } from 'fluxion';
import { explain } from 'fluxion/inspect';
import { fusionRule } from 'fluxion/ir';

const batch = 32;
export const layer = fn([f32([batch, 64]), f32([64, 48]), f32([48]), f32([batch, 48])], (x, w, b, target) => {
  const y = gelu(add(matmul(x, w), b));
  return { y, loss: mean(square(sub(y, target))), doubled: mul(target, 2) };
}, { name: 'layer', args: ['x', 'w', 'b', 'target'] });

/** a product by itself shows what its epilogue costs */
export const productsAlone = fusionRule('products alone', ({ first, second }) =>
  ([first, second].some((g) => g.nest === 'contract') ? { merge: false, because: 'to see what the epilogue costs' } : undefined));
/** what reads the target is put together before anything else is */
export const targetFirst = fusionRule('target first', ({ first, second }) => {
  const reads = (g: typeof first): boolean => g.nodes.some((n) => n.inputs.some((x) => x.op === 'parameter' && x.attrs.name === 'target'));
  return reads(first) && reads(second) ? { merge: true, because: 'both read the target' } : undefined;
});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fusions = [productsAlone, targetFirst];
  console.log(`as planned\n\n${orThrow(explain(layer)).text}\n\nwith rules of one's own\n\n${orThrow(explain(layer, { fusions })).text}\n`);
  // the results are the same: each pass and the finished program are compared with the function's meaning
  using run = orThrow(compile(layer, { fusions, validate: true }));
  console.log(`validated: ${run.report?.kernels} kernels`);
}
