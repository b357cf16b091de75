import { generator } from '../src/testing/graphs.ts';

/** What is computed, as data that other processes are sent too: row-major numbers and sizes. */
export type Sizes = readonly [number, number, number, number];
export interface Batch { readonly x: Float32Array; readonly labels: Int32Array }
/** a perceptron of three layers: relu, relu, softmax; weights and biases by layer */
interface Network { readonly sizes: Sizes; readonly batch: number; readonly weights: readonly Float32Array[] }
/** so many steps of Adam on sparse cross-entropy, a fresh batch each */
export interface StepProblem extends Network { readonly kind: 'step'; readonly batches: readonly Batch[] }
export interface InferenceProblem extends Network { readonly kind: 'inference'; readonly batches: readonly Batch[] }
/** C[m, n] = A·B, either operand stored transposed */
export interface ProductProblem { readonly kind: 'product'; readonly m: number; readonly k: number; readonly n: number; readonly transposeA: boolean; readonly transposeB: boolean; readonly a: Float32Array; readonly b: Float32Array }
/** along rows; gains and offsets are those of layer normalisation. gelu is the approximation by tanh */
export interface RowsProblem { readonly kind: 'softmax' | 'layerNorm' | 'gelu'; readonly rows: number; readonly columns: number; readonly x: Float32Array; readonly gain: Float32Array; readonly offset: Float32Array }
/** softmax(q·kᵀ/√width)·v by heads; backward: the output, and the gradients of q, k, v for that of the output */
export interface AttentionProblem {
  readonly kind: 'attention'; readonly heads: number; readonly length: number; readonly width: number; readonly causal: boolean; readonly backward: boolean;
  readonly q: Float32Array; readonly k: Float32Array; readonly v: Float32Array; readonly dOut: Float32Array;
}
/** images of 28 × 28 through two convolutions 3 × 3 with relu and pooling by 2, of 16 and 32 channels, into ten classes; weights and biases by layer. No other library is asked for it. */
export interface ConvProblem { readonly padding: 'valid' | 'same'; readonly batch: number; readonly weights: readonly Float32Array[]; readonly batches: readonly Batch[] }
/** a convolution of one square image of [side, side, from], padded to its own size, stride 1; depthwise: each channel with a window of its own. No other library is asked for it. */
export interface ConvolutionProblem { readonly side: number; readonly from: number; readonly to: number; readonly window: 1 | 3; readonly depthwise: boolean; readonly x: Float32Array; readonly w: Float32Array }
/** of a matrix [n, n] its Cholesky factor, or a solution [n, m], with its lower triangle or with all of it. No other library is asked for it. */
export interface LinearProblem { readonly kind: 'cholesky' | 'triangularSolve' | 'solve'; readonly n: number; readonly m: number; readonly a: Float32Array; readonly b: Float32Array }
export type Problem = StepProblem | InferenceProblem | ProductProblem | RowsProblem | AttentionProblem;

const numbers = (random: () => number, n: number, scale: number): Float32Array => Float32Array.from({ length: n }, () => (random() - 0.5) * 2 * scale);

const network = (sizes: Sizes, batch: number): Network & { readonly batches: readonly Batch[] } => {
  const random = generator(7), layers = [0, 1, 2].map((i) => [sizes[i], sizes[i + 1]] as const);
  return {
    sizes, batch,
    weights: layers.flatMap(([from, to]) => [numbers(random, from * to, Math.sqrt(6 / (from + to))), numbers(random, to, 0.01)]),
    batches: Array.from({ length: 4 }, () => ({ x: Float32Array.from({ length: batch * sizes[0] }, random), labels: Int32Array.from({ length: batch }, () => Math.floor(random() * sizes[3])) })),
  };
};
export const stepProblem = (sizes: Sizes, batch: number): StepProblem => ({ kind: 'step', ...network(sizes, batch) });
export const inferenceProblem = (sizes: Sizes, batch: number): InferenceProblem => ({ kind: 'inference', ...network(sizes, batch) });
export const productProblem = (m: number, k: number, n: number, form: 'NN' | 'NT' | 'TN' = 'NN'): ProductProblem => {
  const random = generator(11);
  return { kind: 'product', m, k, n, transposeA: form === 'TN', transposeB: form === 'NT', a: numbers(random, m * k, 1), b: numbers(random, k * n, 1) };
};
export const rowsProblem = (kind: RowsProblem['kind'], rows: number, columns: number): RowsProblem => {
  const random = generator(13);
  return { kind, rows, columns, x: numbers(random, rows * columns, 4), gain: numbers(random, columns, 1), offset: numbers(random, columns, 1) };
};
export const attentionProblem = (heads: number, length: number, width: number, { causal = false, backward = false } = {}): AttentionProblem => {
  const random = generator(17), own = (): Float32Array => numbers(random, heads * length * width, 1);
  return { kind: 'attention', heads, length, width, causal, backward, q: own(), k: own(), v: own(), dOut: own() };
};

/** the features that such a network has before its classes */
export const convFeatures = (padding: ConvProblem['padding']): number => (padding === 'valid' ? 5 * 5 : 7 * 7) * 32;
export const convProblem = (padding: ConvProblem['padding'], batch: number): ConvProblem => {
  const random = generator(23), features = convFeatures(padding);
  return {
    padding, batch,
    weights: [[144, 0.5], [16, 0.05], [4608, 0.15], [32, 0.05], [features * 10, 0.05], [10, 0.05]].map(([n, scale]) => numbers(random, n, scale)),
    batches: Array.from({ length: 4 }, () => ({ x: Float32Array.from({ length: batch * 784 }, random), labels: Int32Array.from({ length: batch }, () => Math.floor(random() * 10)) })),
  };
};

export const convolutionProblem = (side: number, from: number, to: number, window: 1 | 3, depthwise = false): ConvolutionProblem => {
  const random = generator(29);
  return { side, from, to, window, depthwise, x: numbers(random, side * side * from, 1), w: numbers(random, window * window * (depthwise ? 1 : from) * to, 1) };
};

/** far from singular, so that single precision will do: symmetric, but for `solve`, whose largest numbers are no pivots before rows change places */
export const linearProblem = (kind: LinearProblem['kind'], n: number, m: number): LinearProblem => {
  const random = generator(31), x = numbers(random, n * n, 1), b = numbers(random, n * m, 1), large = 2 * Math.sqrt(n);
  const a = Float32Array.from(x, (v, at) => {
    const i = Math.floor(at / n), j = at % n;
    return kind === 'solve' ? v + (j === (i + 3) % n ? large : 0) : (v + x[j * n + i]) / 2 + (i === j ? large : 0);
  });
  return { kind, n, m, a, b };
};

/** sizes that nothing was tuned for: layers of 20 to 400, a batch of 20 to 200 */
export const drawn = (seed: number): { readonly sizes: Sizes; readonly batch: number } => {
  const random = generator(seed), between = (lo: number, hi: number): number => lo + Math.floor(random() * (hi - lo + 1));
  return { sizes: [between(50, 400), between(20, 300), between(20, 300), between(3, 40)], batch: between(20, 200) };
};

/** some of n, evenly spread, the first and the last among them */
export const spread = (n: number, some: number): readonly number[] => (some >= n ? Array.from({ length: n }, (_, i) => i) : Array.from({ length: some }, (_, i) => Math.round((i * (n - 1)) / Math.max(1, some - 1))));
/** those of rows of such a length */
export const rowsOf = (data: ArrayLike<number>, length: number, rows: readonly number[]): Float32Array => {
  const out = new Float32Array(rows.length * length);
  rows.forEach((row, i) => { for (let j = 0; j < length; j++) out[i * length + j] = data[row * length + j]; });
  return out;
};
