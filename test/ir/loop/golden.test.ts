import { describe, expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { printProgram } from '../../../src/ir/loop/print.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { unprovenIndices, verifyProgram } from '../../../src/ir/loop/verify.ts';
import { difference, golden, goldenNames, list, numbers, runLoop, stageOf, total } from './golden.ts';

describe.each(goldenNames)('%s', (name) => {
  const program = golden(name);
  it('is what its name says', () => expect(verifyProgram(program, stageOf(name))).toEqual([]));
  it('survives printing', () => expect(parsed(parseProgram(printProgram(program)))).toEqual(program));
});

it('interval arithmetic proves all indices but these', () => {
  const left = goldenNames.map((name) => [name, unprovenIndices(golden(name)).map((m) => m.replace(/.*": (.*), and .*/, '$1'))] as const);
  expect(Object.fromEntries(left.filter(([, places]) => places.length > 0))).toEqual({
    'boundedBatch.tiled': ['x[16*%batch + p - 16*r - 16] is within -48 … 2047', 'h[8*%batch + j + 4*q - 8*r - 8] is within -24 … 1023'],
  });
});

// ---- Against plain arithmetic, in doubles, grid loops in both directions

const exact = 1e-12;
const bothWays = (program: Program, inputs: Parameters<typeof runLoop>[1], expected: Readonly<Record<string, readonly number[]>>, sizes = {}): void => {
  for (const backward of [false, true]) {
    const actual = runLoop(program, inputs, { precision: 'f64', sizes, backward });
    for (const [name, values] of Object.entries(expected)) expect([name, difference(actual[name], values) < exact]).toEqual([name, true]);
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
  }
};

it('softmax of rows', () => {
  const x = numbers(1, 1280).map((v) => v * 80);
  const y = list(128, (i) => {
    const row = [...x.subarray(10 * i, 10 * i + 10)], top = Math.max(...row), e = row.map((v) => Math.exp(v - top));
    return e.map((v) => v / e.reduce((a, b) => a + b));
  }).flat();
  bothWays(golden('softmax.flat'), { x }, { y });
});

it.each(['naive', 'tiled', 'flat'])('scatterAdd.%s: duplicates add up, places outside are dropped', (stage) => {
  const rows = numbers(2, 640), ids = Int32Array.from({ length: 40 }, (_, n) => (n * n) % 13 - 1);
  const table = new Array<number>(160).fill(0);
  ids.forEach((id, n) => { if (id >= 0 && id < 10) for (let c = 0; c < 16; c++) table[16 * id + c] += rows[16 * n + c]; });
  expect(new Set(ids).size).toBeLessThan(ids.length);
  expect(ids.some((id) => id < 0) && ids.some((id) => id > 9)).toBe(true);
  bothWays(golden(`scatterAdd.${stage}`), { ids, rows }, { table });
});

it.each(['naive', 'tiled'])('boundedBatch.%s', (stage) => {
  const x = numbers(3, 2048), w = numbers(4, 128);
  for (const batch of [1, 3, 8, 77, 128]) {
    const rows = list(batch, (i) => list(8, (j) => Math.max(0, total(16, (p) => x[16 * i + p] * w[8 * p + j])))).flat();
    // beyond the batch the memory keeps what it held
    const h = [...rows, ...list(1024 - rows.length, () => 0)];
    bothWays(golden(`boundedBatch.${stage}`), { x, w }, { h, loss: [total(rows.length, (i) => rows[i] ** 2) / batch] }, { batch });
  }
});

it.each(['naive', 'tiled'])('scan.%s', (stage) => {
  const [xs, start, wx, wh, v] = [80, 4, 32, 16, 12].map((n, i) => numbers(10 + i, n));
  let h: readonly number[] = [...start];
  const ys = list(10, (t) => {
    h = list(4, (j) => Math.tanh(total(8, (p) => xs[8 * t + p] * wx[4 * p + j]) + total(4, (q) => h[q] * wh[4 * q + j])));
    return list(3, (o) => total(4, (q) => h[q] * v[3 * q + o]));
  }).flat();
  bothWays(golden(`scan.${stage}`), { xs, start, wx, wh, v }, { h, ys });
});

// ---- The convolution, at one image instead of 64: what differs is the number of images only

const images = 1;
const fewer = (text: string): string => text.replaceAll(/\b64\b/g, String(images));
const x = numbers(20, images * 3136), w = numbers(21, 4608), b = numbers(22, 32);
const pixel = (n: number, r: number, s: number, c: number): number => (r < 0 || s < 0 || r > 13 || s > 13 ? 0 : x[3136 * n + 224 * r + 16 * s + c]);
const bordered = Float32Array.from({ length: images * 4096 }, (_, i) => pixel(Math.floor(i / 4096), (Math.floor(i / 256) % 16) - 1, (Math.floor(i / 16) % 16) - 1, i % 16));
/** [row, column, from, to] → [block of 8, row, column, from, 8] */
const packed = (weights: ArrayLike<number>): readonly number[] =>
  list(4608, (i) => weights[32 * (Math.floor(i / 8) % 144) + 8 * Math.floor(i / 1152) + (i % 8)]);

const conv = (n: number, r: number, s: number, o: number): number => {
  let sum = 0;
  for (let u = 0; u < 3; u++) for (let v = 0; v < 3; v++) for (let c = 0; c < 16; c++) sum += pixel(n, r + u - 1, s + v - 1, c) * w[1536 * u + 512 * v + 32 * c + o];
  return sum;
};
const pooled = (): { y: readonly number[]; which: readonly number[] } => {
  const windows = list(images * 1568, (i) => {
    const [n, r, s, o] = [Math.floor(i / 1568), Math.floor(i / 224) % 7, Math.floor(i / 32) % 7, i % 32];
    return list(4, (p) => Math.max(0, conv(n, 2 * r + (p >> 1), 2 * s + (p & 1), o) + b[o]));
  });
  return { y: windows.map((window) => Math.max(...window)), which: windows.map((window) => window.indexOf(Math.max(...window))) };
};
const gradient = (dy: Float32Array): readonly number[] => list(4608, (i) => {
  const [u, v, c, o] = [Math.floor(i / 1536), Math.floor(i / 512) % 3, Math.floor(i / 32) % 16, i % 32];
  let sum = 0;
  for (let n = 0; n < images; n++) for (let r = 0; r < 14; r++) for (let s = 0; s < 14; s++) sum += pixel(n, r + u - 1, s + v - 1, c) * dy[6272 * n + 448 * r + 32 * s + o];
  return sum;
});

const once = (program: Program, inputs: Parameters<typeof runLoop>[1], expected: Readonly<Record<string, readonly number[]>>): void => {
  const actual = runLoop(program, inputs, { precision: 'f64', backward: true });
  for (const [name, values] of Object.entries(expected)) expect([name, difference(actual[name], values) < exact]).toEqual([name, true]);
};
it('convPool.naive', () => once(golden('convPool.naive', fewer), { x, w, b }, pooled()));
it('convPool.tiled', () => once(golden('convPool.tiled', fewer), { x: bordered, w: Float32Array.from(packed(w)), b }, pooled()));

const dy = numbers(23, images * 6272);
const db = list(32, (o) => total(images * 196, (i) => dy[32 * i + o]));
it('convGradient.naive', () => once(golden('convGradient.naive', fewer), { x, dy }, { dw: gradient(dy), db }));
it('convGradient.tiled', () => once(golden('convGradient.tiled', fewer), { x: bordered, dy }, { dw: packed(gradient(dy)), db }));
