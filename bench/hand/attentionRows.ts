import { branchIf, f32, f32x4, get, i32, i32x4, loop, set, tee, v128, type Code } from '../../src/backends/wasm/code.ts';
import type { Part } from './attention.ts';
import { plus, range, sum, times } from './wasm/module.ts';
import { packTransposed } from './wasm/product.ts';
import { tile, toC } from './wasm/tile.ts';
import { exp, log, maxLanes, rareLog, sumLanes } from './wasm/vectors.ts';

/** rows of a block */
const block = 32;
/** lane numbers of a tile's two vectors */
const laneNumbers = [0, 4].map((from) => i32x4.const([from, from + 1, from + 2, from + 3]));
/** the value where its column is not beyond its row; `by`: how far the tile's first row lies below its first column */
export const notBeyond = (by: Code, row: number, vector: number, value: Code, otherwise: number): Code =>
  v128.bitselect(f32x4.all(otherwise), value, i32x4.gtS(laneNumbers[vector], i32x4.splat(plus(by, row))));
export const fourRows = (rowBytes: number): readonly number[] => [0, rowBytes, 2 * rowBytes, 3 * rowBytes];

/** Blocks of rows by all columns up to the diagonal's block: scores, exponentials in place, and 1/sum at the store of the product with v. */
export const rowsForward: Part = (module, arrays, { length, width, causal }) => {
  const rowBytes = 4 * width, scoreBytes = 4 * length, panels = 0, scores = 4 * length * width, inverses = scores + 4 * block * length;
  const pack = packTransposed(module, 'packKeys', width, width, 8), rare = rareLog(module);
  const scoreTile = tile(module, 'scores', { rows: fourRows(rowBytes), sweeps: [{ n: width, a: 4, b: 32 }], store: toC(scoreBytes, (s) => f32x4.mul(s, f32x4.all(1 / Math.sqrt(width)))) });
  const valueTile = tile(module, 'values', {
    rows: fourRows(scoreBytes), sweeps: [{ n: causal ? { param: 4 } : length, a: 4, b: rowBytes }], extra: 2,
    store: toC(rowBytes, (s, row, _, { params: [, , , inverse] }) => f32x4.mul(s, v128.load32Splat(get(inverse), 4 * row))),
  });
  const exponentials = module.define('exponentials', ['i32', 'i32', 'i32', 'i32'], (fn, row, bytes, inverse, topAt) => {
    const [at, end] = [fn.local('i32'), fn.local('i32')], [top0, top1, top, e, sums] = Array.from({ length: 5 }, () => fn.local('v128')), total = fn.local('f32');
    return [
      set(end, sum(get(row), get(bytes))), set(at, get(row)), [top0, top1].map((t) => set(t, f32x4.all(-Infinity))),
      loop([top0, top1].map((t, q) => set(t, f32x4.pmax(get(t), v128.load(get(at), 16 * q)))), branchIf(0, i32.ne(tee(at, plus(get(at), 32)), get(end)))),
      set(top, f32x4.splat(maxLanes(fn, f32x4.pmax(get(top0), get(top1))))), set(at, get(row)),
      loop(v128.store(get(at), tee(e, exp(fn, f32x4.sub(v128.load(get(at)), get(top))))), set(sums, f32x4.add(get(sums), get(e))), branchIf(0, i32.ne(tee(at, plus(get(at), 16)), get(end)))),
      f32.store(get(inverse), f32.div(f32.const(1), tee(total, sumLanes(fn, get(sums))))),
      f32.store(get(topAt), f32.add(f32x4.lane(get(top), 0), f32x4.lane(log(fn, f32x4.splat(get(total)), rare), 0))),
    ];
  });
  const call = module.define('forward', ['i32', 'i32'], (fn, head, room) => {
    const [from, first, j, r, column, columns] = Array.from({ length: 6 }, () => fn.local('i32'));
    const array = (at: number): Code => sum(i32.const(at), get(from)), score = (row: Code): Code => sum(plus(get(room), scores), times(row, scoreBytes));
    const row = i32.add(get(first), get(r)), inverse = sum(plus(get(room), inverses), times(get(r), 4));
    const beyond: Code = range(r, i32.const(0), i32.const(block), 1, range(column, plus(get(r), 1), i32.const(block), 1, f32.store(sum(score(get(r)), times(i32.add(get(first), get(column)), 4)), f32.const(-Infinity))));
    return [
      set(from, times(get(head), length * rowBytes)), pack(array(arrays.k), plus(get(room), panels), i32.const(length)),
      range(first, i32.const(0), i32.const(length), block,
        set(columns, causal ? plus(get(first), block) : i32.const(length)),
        range(j, i32.const(0), get(columns), 8, range(r, i32.const(0), i32.const(block), 4,
          scoreTile(sum(array(arrays.q), times(row, rowBytes)), sum(plus(get(room), panels), times(get(j), rowBytes)), sum(score(get(r)), times(get(j), 4))))),
        causal ? beyond : [],
        range(r, i32.const(0), i32.const(block), 1, exponentials(score(get(r)), times(get(columns), 4), inverse, sum(i32.const(arrays.top), times(sum(times(get(head), length), row), 4)))),
        range(j, i32.const(0), i32.const(rowBytes), 32, range(r, i32.const(0), i32.const(block), 4,
          valueTile(score(get(r)), sum(array(arrays.v), get(j)), sum(array(arrays.out), times(row, rowBytes), get(j)), inverse, times(get(columns), rowBytes))))),
    ];
  });
  return { call, scratchBytes: inverses + 4 * block };
};
