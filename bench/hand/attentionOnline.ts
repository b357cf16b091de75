import { branchIf, f32, f32x4, get, i32, loop, set, tee, v128, type Code } from '../../src/backends/wasm/code.ts';
import type { Part } from './attention.ts';
import { fourRows, notBeyond } from './attentionRows.ts';
import { plus, range, sum, times, when, type Callee } from './wasm/module.ts';
import { packTransposed } from './wasm/product.ts';
import { tile, toC } from './wasm/tile.ts';
import { exp, log, maxLanes, rareLog, sumLanes } from './wasm/vectors.ts';

/** rows and columns of a block */
const block = 64;

/**
 * Square blocks and one sweep: a row's maximum and sum are merged with its block's, and the product with v begins with
 * what was gathered before, rescaled. Scratch: the packed keys, one block and four numbers a row.
 */
export const onlineForward: Part = (module, arrays, { length, width, causal }) => {
  const rowBytes = 4 * width, blockBytes = 4 * block, scores = 4 * length * width, tops = scores + block * blockBytes, news = tops + blockBytes, sums = news + blockBytes, kept = sums + blockBytes;
  const pack = packTransposed(module, 'packKeys', width, width, 8), rare = rareLog(module), scale = 1 / Math.sqrt(width);
  const scoreTile = (name: string, masked: boolean): Callee => tile(module, name, {
    rows: fourRows(rowBytes), sweeps: [{ n: width, a: 4, b: 32 }], extra: 1,
    store: toC(blockBytes, (s, row, vector, { params: [, , , below] }) => { const v = f32x4.mul(s, f32x4.all(scale)); return masked ? notBeyond(get(below), row, vector, v, -Infinity) : v; }),
  });
  const whole = scoreTile('scores', false), onDiagonal = causal ? scoreTile('maskedScores', true) : whole;
  const valueTile = (name: string, first: boolean): Callee => tile(module, name, {
    rows: fourRows(blockBytes), sweeps: [{ n: block, a: 4, b: rowBytes }], extra: 1, store: toC(rowBytes),
    ...(!first && { init: ({ fn, params: [, , c, factors], sums: own }) => {
      const factor = fn.local('v128');
      return own.map((row, r) => [set(factor, v128.load32Splat(get(factors), 4 * r)), row.map((s, j) => set(s, f32x4.mul(get(factor), v128.load(get(c), r * rowBytes + 16 * j))))]);
    } }),
  });
  const first = valueTile('firstValues', true), further = valueTile('furtherValues', false);
  const merge = module.define('merge', ['i32'], (fn, room) => {
    const [r, at, end] = Array.from({ length: 3 }, () => fn.local('i32')), [top0, top1, old, top, factor, e, added] = Array.from({ length: 7 }, () => fn.local('v128'));
    const scoreRow: Code = [set(at, sum(plus(get(room), scores), times(get(r), blockBytes))), set(end, plus(get(at), blockBytes))], numberOf = (what: number): Code => sum(plus(get(room), what), times(get(r), 4)), fourOf = (what: number): Code => sum(plus(get(room), what), get(r));
    return [
      range(r, i32.const(0), i32.const(block), 1, scoreRow, [top0, top1].map((t) => set(t, f32x4.all(-Infinity))),
        loop([top0, top1].map((t, q) => set(t, f32x4.pmax(get(t), v128.load(get(at), 16 * q)))), branchIf(0, i32.ne(tee(at, plus(get(at), 32)), get(end)))),
        f32.store(numberOf(news), maxLanes(fn, f32x4.pmax(get(top0), get(top1))))),
      range(r, i32.const(0), i32.const(blockBytes), 16,
        set(old, v128.load(fourOf(tops))), set(top, f32x4.pmax(get(old), v128.load(fourOf(news)))), set(factor, exp(fn, f32x4.sub(get(old), get(top)))),
        v128.store(fourOf(tops), get(top)), v128.store(fourOf(kept), get(factor)), v128.store(fourOf(sums), f32x4.mul(get(factor), v128.load(fourOf(sums))))),
      range(r, i32.const(0), i32.const(block), 1, scoreRow, set(top, v128.load32Splat(numberOf(tops))), set(added, f32x4.all(0)),
        loop(v128.store(get(at), tee(e, exp(fn, f32x4.sub(v128.load(get(at)), get(top))))), set(added, f32x4.add(get(added), get(e))), branchIf(0, i32.ne(tee(at, plus(get(at), 16)), get(end)))),
        f32.store(numberOf(sums), f32.add(f32.load(numberOf(sums)), sumLanes(fn, get(added))))),
    ];
  });
  const finish = module.define('finish', ['i32', 'i32', 'i32'], (fn, room, out, topAt) => {
    const r = fn.local('i32'), inverse = fn.local('v128'), of = (what: number): Code => sum(plus(get(room), what), get(r));
    return [
      range(r, i32.const(0), i32.const(blockBytes), 16, v128.store(sum(get(topAt), get(r)), f32x4.add(v128.load(of(tops)), log(fn, v128.load(of(sums)), rare)))),
      range(r, i32.const(0), i32.const(blockBytes), 4, set(inverse, f32x4.div(f32x4.all(1), v128.load32Splat(of(sums)))),
        Array.from({ length: width / 4 }, (_, q) => v128.store(get(out), f32x4.mul(get(inverse), v128.load(get(out), 16 * q)), 16 * q)), set(out, plus(get(out), rowBytes))),
    ];
  });
  const call = module.define('forward', ['i32', 'i32'], (fn, head, room) => {
    const [from, i, j, c, r] = Array.from({ length: 5 }, () => fn.local('i32')), array = (at: number): Code => sum(i32.const(at), get(from)), row = i32.add(get(i), get(r)), score: Code = sum(plus(get(room), scores), times(get(r), blockBytes));
    const below = i32.sub(row, i32.add(get(j), get(c)));
    const scoresBy = (kernel: Callee, by: Code): Code => range(c, i32.const(0), i32.const(block), 8, range(r, i32.const(0), i32.const(block), 4,
      kernel(sum(array(arrays.q), times(row, rowBytes)), sum(get(room), times(i32.add(get(j), get(c)), rowBytes)), sum(score, times(get(c), 4)), by)));
    const valuesBy = (kernel: Callee): Code => range(c, i32.const(0), i32.const(rowBytes), 32, range(r, i32.const(0), i32.const(block), 4,
      kernel(score, sum(array(arrays.v), times(get(j), rowBytes), get(c)), sum(array(arrays.out), times(row, rowBytes), get(c)), sum(plus(get(room), kept), times(get(r), 4)))));
    const ofRows = (what: number): Code => sum(plus(get(room), what), get(r));
    return [
      set(from, times(get(head), length * rowBytes)), pack(array(arrays.k), get(room), i32.const(length)),
      range(i, i32.const(0), i32.const(length), block,
        range(r, i32.const(0), i32.const(blockBytes), 16, v128.store(ofRows(tops), f32x4.all(-Infinity)), v128.store(ofRows(sums), f32x4.all(0))),
        range(j, i32.const(0), causal ? plus(get(i), block) : i32.const(length), block,
          causal ? when(i32.eq(get(i), get(j)), scoresBy(onDiagonal, below), scoresBy(whole, i32.const(0))) : scoresBy(whole, i32.const(0)),
          merge(get(room)), when(get(j), valuesBy(further), valuesBy(first))),
        finish(get(room), sum(array(arrays.out), times(get(i), rowBytes)), sum(i32.const(arrays.top), times(sum(times(get(head), length), get(i)), 4)))),
    ];
  });
  return { call, scratchBytes: kept + blockBytes };
};
