import { f32x4, get, i32, set, v128, type Code } from '../../src/backends/wasm/code.ts';
import { handProgram, type HandProgram } from './program.ts';
import { plus, range, sum, times, type Callee, type HandModule } from './wasm/module.ts';
import { share } from './wasm/threads.ts';
import { tile, toC } from './wasm/tile.ts';
import type { ConvolutionProblem } from '../problems.ts';

/**
 * A convolution of one image, in tiles of four pixels by eight channels with their sums in registers over the whole
 * window. It is the limit of this alone: the image has its border of zeros, and filters are packed to [to / 8][window·from][8]
 * before. Each thread takes half of the channels.
 */
export const handConvolution = (problem: ConvolutionProblem, threads: number): Promise<HandProgram> => handProgram(threads, (module) => {
  const { side, from, to, window, depthwise, w } = problem, inputs = bordered(problem), filters = depthwise ? w : packed(w, to), x = module.place(inputs.length), weights = module.place(filters.length), y = module.place(side * side * to), panels = to / (depthwise ? 4 : 8);
  const convolve = (depthwise ? depthwiseOf : denseOf)(module, { side, from, to, window, x, weights, y });
  return {
    inputs: [{ at: x, data: inputs }, { at: weights, data: filters }], outputs: { y: { at: y, length: side * side * to } },
    body: (thread) => convolve(i32.const(share(panels, thread, threads, 1)), i32.const(share(panels, thread + 1, threads, 1))),
  };
});
interface Placed { readonly side: number; readonly from: number; readonly to: number; readonly window: number; readonly x: number; readonly weights: number; readonly y: number }

const bordered = ({ side, from, window, x }: ConvolutionProblem): Float32Array => {
  const border = (window - 1) / 2, read = side + 2 * border, out = new Float32Array(read * read * from);
  for (let row = 0; row < side; row++) out.set(x.subarray(row * side * from, (row + 1) * side * from), ((row + border) * read + border) * from);
  return out;
};
const packed = (w: Float32Array, to: number): Float32Array => {
  const rows = w.length / to, out = new Float32Array(w.length);
  for (let row = 0; row < rows; row++) for (let c = 0; c < to; c++) out[((c >> 3) * rows + row) * 8 + (c & 7)] = w[row * to + c];
  return out;
};

/** panels of eight channels, from and to; where rows are no multiple of four pixels tiles go on in the next row, and the last begins where it ends with the image */
const denseOf = (module: HandModule, { side, from, to, window, x, weights, y }: Placed): Callee => {
  const pixel = 4 * from, row = (side + window - 1) * pixel, outPixel = 4 * to, panel = window * window * from * 32, pixels = side * side;
  const place = (i: number): number => Math.floor(i / side) * row + (i % side) * pixel, known = new Map<string, Callee>();
  const kernel = (first: number): Callee => {
    const rows = [0, 1, 2, 3].map((r) => place(first + r) - place(first)), key = rows.join(), sweep = { n: window * from, a: 4, b: 32 };
    const found = known.get(key) ?? tile(module, `pixels${known.size}`, { rows, sweeps: window === 1 ? [sweep] : [{ n: window, a: row, b: window * from * 32 }, sweep], store: toC(outPixel) });
    known.set(key, found);
    return found;
  };
  return module.define('convolution', ['i32', 'i32'], (fn, begin, end) => {
    const [j, line, at] = Array.from({ length: 3 }, () => fn.local('i32')), filters = plus(times(get(j), panel), weights), into = plus(times(get(j), 32), y);
    const lines: Code = side % 4 === 0
      ? range(line, i32.const(0), i32.const(side), 1, range(at, i32.const(0), i32.const(side), 4,
        kernel(0)(plus(sum(times(get(line), row), times(get(at), pixel)), x), filters, sum(into, times(get(line), side * outPixel), times(get(at), outPixel)))))
      : Array.from({ length: Math.ceil(pixels / 4) }, (_, t) => Math.min(4 * t, pixels - 4)).map((first) => kernel(first)(i32.const(x + place(first)), filters, plus(into, first * outPixel)));
    return range(j, get(begin), get(end), 1, lines);
  });
};

/** vectors of four channels, from and to: the window in registers, four pixels at a time, so that most of what they read is read once */
const depthwiseOf = (module: HandModule, { side, to, window, x, weights, y }: Placed): Callee => module.define('depthwise', ['i32', 'i32'], (fn, begin, end) => {
  const pixel = 4 * to, row = (side + window - 1) * pixel, [j, line, at, source] = Array.from({ length: 4 }, () => fn.local('i32')), value = fn.local('v128'), taps = Array.from({ length: window }, (_, i) => i), pixels = [0, 1, 2, 3];
  const filter = taps.map(() => taps.map(() => fn.local('v128'))), sums = pixels.map(() => fn.local('v128'));
  /** what a number of the image adds to */
  const read = (v: number, column: number): Code => [
    set(value, v128.load(get(source), v * row + column * pixel)),
    pixels.filter((p) => column - p >= 0 && column - p < window).map((p) => set(sums[p], f32x4.add(get(sums[p]), f32x4.mul(get(value), get(filter[v][column - p]))))),
  ];
  return range(j, get(begin), get(end), 1,
    filter.map((own, v) => own.map((f, u) => set(f, v128.load(times(get(j), 16), weights + (v * window + u) * pixel)))),
    range(line, i32.const(0), i32.const(side), 1, range(at, i32.const(0), i32.const(side), 4,
      set(source, plus(sum(times(get(j), 16), times(get(line), row), times(get(at), pixel)), x)), sums.map((s) => set(s, f32x4.all(0))),
      taps.map((v) => Array.from({ length: window + 3 }, (_, column) => read(v, column))),
      pixels.map((p) => v128.store(sum(times(get(j), 16), times(get(line), side * pixel), times(get(at), pixel)), get(sums[p]), y + p * pixel)))));
});
