import { describe, expect, it } from 'vitest';
import { js } from '../../../src/backends/js/js.ts';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { defaultStages, stagesOf } from '../../../src/compile/stages.ts';
import { lower } from '../../../src/expr/lower/lower.ts';
import { add, div, f32, fn, grad, i32, logSoftmax, mean, mul, neg, orThrow, pick, softmax, sqrt, sub, sum, valueAndGrad, variance, type F32 } from '../../../src/index.ts';
import { count } from '../../../src/ir/loop/counts.ts';

const rows = 12, columns = 7, wide = 4 * rows * columns, row = 4 * columns, column = 4 * rows;
const X = f32([rows, columns]), C = f32([rows]), G = f32([columns]), Y = i32([rows]);
type Rows = F32<[12, 7]>;
const keep = { keepdims: true } as const;
const normalised = (x: Rows): Rows => div(sub(x, mean(x, -1, keep)), sqrt(add(variance(x, -1, keep), 1e-5)));
const layerNorm = (x: Rows, g: F32<[7]>, b: F32<[7]>): Rows => add(mul(normalised(x), g), b);
const crossEntropy = (z: Rows, y: typeof Y) => neg(mean(pick(logSoftmax(z), y)));
/** how a weight on its results weighs on the operand */
const backward = (f: (x: Rows) => Rows) => (x: Rows, ct: Rows) => grad((v: Rows) => sum(mul(f(v), ct)))(x);

/** what goes in and out of memory, each number once; what all rows share is read again in every row */
const programs = {
  softmax: [fn([X], (x) => softmax(x)), wide, wide],
  'softmax backward': [fn([X, X], backward(softmax)), 2 * wide, wide],
  'log-softmax': [fn([X], (x) => logSoftmax(x)), wide, wide],
  'log-softmax backward': [fn([X, X], backward(logSoftmax)), 2 * wide, wide],
  variance: [fn([X], (x) => variance(x, -1)), wide, column],
  'variance backward': [fn([X, C], (x, ct) => grad((v: Rows) => sum(mul(variance(v, -1), ct)))(x)), wide + column, wide],
  'layer norm': [fn([X, G, G], layerNorm), wide + 2 * rows * row, wide],
  'layer norm backward': [fn([X, G, G, X], (x, g, b, ct) => grad((p: { x: Rows; g: typeof g; b: typeof b }) => sum(mul(layerNorm(p.x, p.g, p.b), ct)))({ x, g, b })), 2 * wide + rows * row, wide + 2 * row],
  'cross-entropy': [fn([X, Y], crossEntropy), wide + column, 4],
  'cross-entropy with its gradient': [fn([X, Y], (z, y) => valueAndGrad((v: Rows) => crossEntropy(v, y))(z)), wide + column, wide + 4],
} as const;

describe.each([js(), wasm()])('$name: one kernel, one pass over memory in and one out', (backend) => {
  it.each(Object.entries(programs))('%s', (_, [f, loadedBytes, storedBytes]) => {
    const { plan, naive } = stagesOf(orThrow(lower(f, {})).module, backend, defaultStages);
    expect(plan.groups).toHaveLength(1);
    expect(count(naive)).toMatchObject({ kernels: 1, loadedBytes, storedBytes, peakBytes: 0 });
  });
});

it('a row that does not fit in scratch is read in every sweep, still in one kernel', () => {
  const { naive } = stagesOf(orThrow(lower(fn([f32([2, 20_000])], (x) => softmax(x)), {})).module, js(), defaultStages);
  expect(count(naive)).toMatchObject({ kernels: 1, loadedBytes: 3 * 4 * 2 * 20_000 });
});
