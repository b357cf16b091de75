import { get, i32, type Code } from '../../src/backends/wasm/code.ts';
import { handProgram, type HandProgram } from './program.ts';
import { fillZero, plus, range, sum, times, when } from './wasm/module.ts';
import { addColumnSums, fromC, tile, toC } from './wasm/tile.ts';

/**
 * The gradient of a 3 × 3 convolution's weights and biases, 16 to 32 channels, over images [14, 14] with a border of 1:
 * tiles of four of the window's numbers by eight channels, summed over all places of an image. Weights lie as
 * [channels / 8][3][3·16][8]; the first tile of each eight channels also sums the biases' gradients.
 */
export const handConvGradient = (images: number, x: Float32Array, dy: Float32Array): Promise<HandProgram> => handProgram(1, (module) => {
  const side = 14, xPixel = 4 * 16, xRow = 16 * xPixel, xImage = 16 * xRow, dyPixel = 4 * 32, dyRow = side * dyPixel, dyImage = side * dyRow, windowRow = 3 * xPixel, panel = 3 * windowRow * 8;
  const [xAt, dyAt, dwAt, dbAt] = [module.place(x.length), module.place(dy.length), module.place(4 * panel / 4), module.place(32)];
  const shape = { rows: [0, 4, 8, 12], sweeps: [{ n: side, a: xRow, b: dyRow }, { n: side, a: xPixel, b: dyPixel }], init: fromC(32), extra: 1 };
  const weights = tile(module, 'weights', { ...shape, store: toC(32) }), withBias = tile(module, 'weightsAndBias', { ...shape, sumColumns: true, store: (of) => [toC(32)(of), addColumnSums(of)] });
  const whole = module.define('gradient', [], (fn) => {
    const [n, j, row, at] = Array.from({ length: 4 }, () => fn.local('i32'));
    const pixels = plus(times(get(n), xImage), xAt), slopes = sum(plus(times(get(n), dyImage), dyAt), times(get(j), 32)), bias = plus(times(get(j), 32), dbAt);
    const operands: readonly Code[] = [sum(pixels, times(get(row), xRow), get(at)), slopes, sum(plus(times(get(j), panel), dwAt), times(get(row), 8 * windowRow), times(get(at), 8)), bias];
    return [
      fillZero(i32.const(dwAt), 4 * panel), fillZero(i32.const(dbAt), 4 * 32),
      range(n, i32.const(0), i32.const(images), 1, range(j, i32.const(0), i32.const(4), 1, range(row, i32.const(0), i32.const(3), 1,
        range(at, i32.const(0), i32.const(windowRow), 16, when(i32.or(get(row), get(at)), weights(...operands), withBias(...operands)))))),
    ];
  });
  return { inputs: [{ at: xAt, data: x }, { at: dyAt, data: dy }], outputs: { dw: { at: dwAt, length: panel }, db: { at: dbAt, length: 32 } }, body: () => whole() };
});
