import type { Workload } from './measure.ts';
import { drawn, type Problem, type Sizes } from './problems.ts';
import { attentionWorkload } from './workloads/attention.ts';
import { compileCurveWorkload } from './workloads/compileCurve.ts';
import { convForwardWorkload, convStepWorkload } from './workloads/convNetwork.ts';
import { convolutionWorkload } from './workloads/convolution.ts';
import { gateWorkloads } from './workloads/gate.ts';
import { inferenceWorkload } from './workloads/inference.ts';
import { linearWorkload } from './workloads/linalg.ts';
import { productWorkload } from './workloads/product.ts';
import { rowsWorkload } from './workloads/rows.ts';
import { scanWorkload } from './workloads/scan.ts';
import { stepWorkload } from './workloads/step.ts';

/** With `problem` others can be given the same data to compute. */
export interface Entry extends Workload { readonly problem?: Problem; readonly fewer?: Entry }
export interface Choice { readonly seed: number; readonly sizes?: Sizes | undefined; readonly batch: number }

export const tutorial: { readonly sizes: Sizes; readonly batch: number } = { sizes: [784, 128, 128, 10], batch: 128 };
const named = ({ sizes, batch }: typeof tutorial): string => `mnist-step ${sizes.join('-')} batch ${batch}`;
const steps = ({ seed, sizes, batch }: Choice): readonly Entry[] => (sizes === undefined
  ? [stepWorkload('mnist-step', tutorial.sizes, tutorial.batch), ...[drawn(seed), drawn(seed + 1)].map((d) => stepWorkload(named(d), d.sizes, d.batch))]
  : [stepWorkload(named({ sizes, batch }), sizes, batch)]);
const square = (n: number) => (): readonly Entry[] => [productWorkload(`matmul-${n}`, n, n, n)];
const forms = (): readonly Entry[] => ([['NN', 128, 784, 128], ['NN', 784, 128, 128], ['NT', 128, 784, 128], ['TN', 784, 128, 128]] as const)
  .map(([form, m, k, n]) => productWorkload(`matmul-forms ${form} ${m}x${k}x${n}`, m, k, n, form));
/** convolutions of a residual network of 50 layers, one image; and one that is depthwise */
const resnet = (): readonly Entry[] => [
  ...([[56, 64, 64, 3], [28, 128, 128, 3], [14, 256, 256, 3], [7, 512, 512, 3], [56, 64, 256, 1], [14, 1024, 256, 1]] as const)
    .map(([side, from, to, window]) => convolutionWorkload(`conv-resnet ${window}x${window} ${side}x${side}x${from}-${to}`, side, from, to, window)),
  convolutionWorkload('conv-resnet depthwise 3x3 56x56x128', 56, 128, 128, 3, { depthwise: true }),
];
const linear = (): readonly Entry[] => [linearWorkload('cholesky-256', 'cholesky', 256, 1), linearWorkload('triangular-solve-256', 'triangularSolve', 256, 256), linearWorkload('solve-256', 'solve', 256, 1)];
const curve = (): readonly Entry[] => (['chain', 'layers'] as const).flatMap((form) => [500, 2000, 5000, 20_000].map((nodes) => compileCurveWorkload(`compile-curve ${form} of ${nodes} nodes`, form, nodes)));

/** What `npm run bench -- NAME` runs, by name; nothing is built before it is its turn. */
export const workloads: { readonly [name: string]: (choice: Choice) => readonly Entry[] } = {
  'mnist-step': steps,
  'mnist-infer-128': () => [inferenceWorkload('mnist-infer-128', tutorial.sizes, 128)],
  'mnist-infer-1': () => [inferenceWorkload('mnist-infer-1', tutorial.sizes, 1)],
  'matmul-256': square(256), 'matmul-512': square(512), 'matmul-1024': square(1024), 'matmul-forms': forms,
  softmax: () => [rowsWorkload('softmax', 'softmax', 1024, 1024), rowsWorkload('softmax 128x128', 'softmax', 128, 128)],
  'layer-norm': () => [rowsWorkload('layer-norm', 'layerNorm', 1024, 1024), rowsWorkload('layer-norm 128x128', 'layerNorm', 128, 128)],
  gelu: () => [rowsWorkload('gelu', 'gelu', 1024, 1024), rowsWorkload('gelu 128x128', 'gelu', 128, 128)],
  attention: () => [attentionWorkload('attention', 8, 256, 64), attentionWorkload('attention causal', 8, 256, 64, { causal: true }), attentionWorkload('attention backward', 8, 256, 64, { backward: true })],
  'conv-step': () => [convStepWorkload('conv-step', 'valid', 64), convStepWorkload('conv-step same', 'same', 64), convForwardWorkload('conv-step forward', 'valid', 64)],
  'conv-resnet': resnet,
  linalg: linear,
  scan: () => [scanWorkload('scan', 1000)],
  'compile-curve': curve,
  gate: gateWorkloads,
};
