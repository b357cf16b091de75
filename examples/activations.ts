/** The four activations of the tutorial with their derivatives, plotted. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { f32, fn, grad, jit, relu, sigmoid, step, sum, tanh, type Unary } from 'fluxion';
import { lineChart } from 'fluxion/inspect';

const activations: { readonly [name: string]: Unary } = { step, sigmoid, tanh, relu };
const xs = Float32Array.from({ length: 241 }, (_, i) => (i - 120) / 30);

/** an activation and its slope, at every x */
export const valueAndSlope = (f: Unary) => fn([f32(['n'])], (x) => ({ value: f(x), slope: grad((v: typeof x) => sum(f(v)))(x) }));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync('out', { recursive: true });
  for (const [name, f] of Object.entries(activations)) {
    const { value, slope } = jit(valueAndSlope(f))(xs);
    const points = (ys: Float32Array) => Array.from(xs, (x, i): readonly [number, number] => [x, ys[i]]);
    writeFileSync(`out/${name}.svg`, lineChart({ title: name, xLabel: 'x', yLabel: '', series: [{ name, points: points(value.data) }, { name: 'derivative', points: points(slope.data) }] }));
    console.log(`out/${name}.svg`);
  }
}
