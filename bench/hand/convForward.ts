import { f32x4, get, i32, i32x4, set, tee, v128, type Code } from '../../src/backends/wasm/code.ts';
import { handProgram, type HandProgram } from './program.ts';
import { classWidth, convLayout, packedParameters, setImages, type ConvLayout } from './convLayout.ts';
import { plus, range, sum, times, type Callee, type HandModule } from './wasm/module.ts';
import { share } from './wasm/threads.ts';
import { tile, type Tile } from './wasm/tile.ts';
import type { ConvProblem } from '../problems.ts';

/** the four pixels of a window of 2 × 2, in bytes */
export const window = (pixel: number, row: number): readonly number[] => [0, pixel, row, row + pixel];

/**
 * The end of a tile whose four rows are a window of pooling: their largest, with bias and relu, goes to C; with `codes`,
 * which of them it was, or 4 where relu lets nothing through, to an address of its own. The map before pooling never exists.
 */
const pooled = (codes: boolean) => ({ fn, params: [, , to, bias, code], sums }: Tile): Code => {
  const top = fn.local('v128'), bottom = fn.local('v128'), which = fn.local('v128'), one = i32x4.all(1);
  return [0, 1].map((j): Code => {
    const [q0, q1, q2, q3] = sums.map((row) => get(row[j]));
    return [
      set(top, f32x4.pmax(q0, q1)), set(bottom, f32x4.pmax(q2, q3)),
      codes ? set(which, v128.bitselect(i32x4.add(i32x4.all(2), v128.and(f32x4.gt(q3, q2), one)), v128.and(f32x4.gt(q1, q0), one), f32x4.gt(get(bottom), get(top)))) : [],
      v128.store(get(to), f32x4.pmax(f32x4.all(0), tee(top, f32x4.add(f32x4.pmax(get(top), get(bottom)), v128.load(get(bias), 16 * j)))), 16 * j),
      codes ? v128.store(get(code), v128.bitselect(get(which), i32x4.all(4), f32x4.gt(get(top), f32x4.all(0))), 16 * j) : [],
    ];
  });
};

interface Convolution {
  readonly channels: readonly [from: number, to: number];
  /** the side of what is read with its border, and how many windows of pooling there are along a side */
  readonly read: number; readonly windows: number;
  /** the side of what is written, and its border */
  readonly written: number; readonly border: number;
  readonly weights: number; readonly bias: number;
}
/** a convolution of one image with bias, relu and pooling: (from, to, codes) */
const convolution = (module: HandModule, name: string, codes: boolean, { channels: [from, to], read, windows, written, border, weights, bias }: Convolution): Callee => {
  const pixel = 4 * from, row = read * pixel, outPixel = 4 * to, outRow = written * outPixel, panel = 9 * from * 32;
  const kernel = tile(module, `${name}Window`, { rows: window(pixel, row), sweeps: [{ n: 3, a: row, b: panel / 3 }, { n: 3 * from, a: 4, b: 32 }], extra: 2, straightUpTo: 0, store: pooled(codes) });
  return module.define(name, ['i32', 'i32', 'i32'], (fn, source, result, code) => {
    const [j, y, x] = Array.from({ length: 3 }, () => fn.local('i32'));
    const at = (base: Code, rowBytes: number, pixelBytes: number): Code => sum(base, times(get(y), rowBytes), times(get(x), pixelBytes)), channel = times(get(j), 32);
    return range(j, i32.const(0), i32.const(to / 8), 1, range(y, i32.const(0), i32.const(windows), 1, range(x, i32.const(0), i32.const(windows), 1, kernel(
      at(get(source), 2 * row, 2 * pixel), plus(times(get(j), panel), weights), plus(sum(at(get(result), outRow, outPixel), channel), border * (outRow + outPixel)),
      plus(channel, bias), sum(at(get(code), windows * outPixel, outPixel), channel)))));
  });
};

/** A block of images through the network, to its logits: (block, scratch). `codes` for the way back. */
export const convForward = (module: HandModule, l: ConvLayout, codes: boolean): Callee => {
  const { x, parameters, flat, logits } = l.addresses, of = (name: keyof ConvLayout['offsets']): number => parameters + 4 * l.offsets[name], { maps, codes1, codes2 } = l.within;
  const first = convolution(module, 'convolution1', codes, { channels: [1, 16], read: l.read1, windows: l.pooled1, written: l.read2, border: l.border, weights: of('w1'), bias: of('b1') });
  const second = convolution(module, 'convolution2', codes, { channels: [16, 32], read: l.read2, windows: l.pooled2, written: l.pooled2, border: 0, weights: of('w2'), bias: of('b2') });
  const classes = tile(module, 'classes', {
    rows: [0, 4 * l.features], vectors: 3, fence: 1, sweeps: [{ n: l.features, a: 4, b: 4 * classWidth }],
    store: ({ params: [, , to], sums }) => sums.map((row, r) => row.map((s, j) => v128.store(get(to), f32x4.add(get(s), v128.load(i32.const(of('b3')), 16 * j)), 4 * classWidth * r + 16 * j))),
  });
  return module.define('forward', ['i32', 'i32'], (fn, block, scratch) => {
    const n = fn.local('i32'), own = (base: number, bytes: number): Code => plus(sum(get(scratch), times(get(n), bytes)), base), image = sum(times(get(block), l.images), get(n));
    const features = plus(times(image, 4 * l.features), flat), map = own(maps, 64 * l.read2 ** 2);
    return [
      range(n, i32.const(0), i32.const(l.images), 1,
        first(plus(times(image, 4 * l.read1 ** 2), x), map, own(codes1, 64 * l.pooled1 ** 2)), second(map, features, own(codes2, 4 * l.features))),
      range(n, i32.const(0), i32.const(l.images), 2, classes(features, i32.const(of('w3')), plus(times(image, 4 * classWidth), logits))),
    ];
  });
};

/** The logits of a batch; each thread takes half of its blocks. */
export const handConvForward = async (problem: ConvProblem, threads: number): Promise<HandProgram> => {
  const { run, outputs, close } = await handProgram(threads, (module) => {
    const layout = convLayout(module, problem, threads), forward = convForward(module, layout, false), { x, parameters, logits, scratch } = layout.addresses;
    const images = new Float32Array(problem.batch * layout.read1 ** 2);
    setImages(images, layout, problem.batches[0].x);
    return {
      inputs: [{ at: x, data: images }, { at: parameters, data: packedParameters(layout, problem.weights) }], outputs: { logits: { at: logits, length: problem.batch * classWidth } },
      body: (thread) => blocksOf(module, layout, thread, threads, (block) => forward(block, i32.const(scratch[thread]))),
    };
  });
  return { run, close, outputs: () => ({ logits: outputs().logits.filter((_, i) => i % classWidth < 10) }) };
};
/** a thread's share of the blocks, one after the other */
export const blocksOf = (module: HandModule, { blocks }: ConvLayout, thread: number, threads: number, each: (block: Code) => Code): Code =>
  module.define(`blocks${thread}`, [], (fn) => {
    const block = fn.local('i32');
    return range(block, i32.const(share(blocks, thread, threads, 1)), i32.const(share(blocks, thread + 1, threads, 1)), 1, each(get(block)));
  })();
