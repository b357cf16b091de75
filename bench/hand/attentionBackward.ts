import { f32, f32x4, get, i32, set, v128, type Code } from '../../src/backends/wasm/code.ts';
import type { Arrays, Part } from './attention.ts';
import { fourRows, notBeyond } from './attentionRows.ts';
import { fillZero, plus, range, sum, times, when, type Callee } from './wasm/module.ts';
import { packTransposed } from './wasm/product.ts';
import { fromC, tile, toC } from './wasm/tile.ts';
import { exp, sumLanes } from './wasm/vectors.ts';

/** rows and columns of a block */
const block = 64;

/**
 * The gradients, in square blocks: the store of q·kᵀ writes the probabilities anew from each row's logarithm of its sum,
 * that of dOut·vᵀ their gradients, and three contractions take both on. No sweep stands between.
 */
export const backwardOf: Part = (module, arrays, { length, width, causal }) => {
  const rowBytes = 4 * width, blockBytes = 4 * block, scale = 1 / Math.sqrt(width), keys = 0, values = 4 * length * width, p = 2 * values, dp = p + block * blockBytes;
  const pack = packTransposed(module, 'packBoth', width, width, 8), sweeps = [{ n: width, a: 4, b: 32 }];
  // parameters after C: how far the tile lies below the diagonal, or its probabilities; then a number for each row
  const probabilities = (name: string, masked: boolean): Callee => tile(module, name, {
    rows: fourRows(rowBytes), sweeps, extra: 2,
    store: toC(blockBytes, (s, row, vector, { fn, params: [, , , below, top] }) => {
      const e = exp(fn, f32x4.sub(f32x4.mul(s, f32x4.all(scale)), v128.load32Splat(get(top), 4 * row)));
      return masked ? notBeyond(get(below), row, vector, e, 0) : e;
    }),
  });
  const whole = probabilities('probabilities', false), onDiagonal = causal ? probabilities('maskedProbabilities', true) : whole;
  const slopes = tile(module, 'slopes', {
    rows: fourRows(rowBytes), sweeps, extra: 2,
    store: toC(blockBytes, (s, row, vector, { params: [, , , own, dot] }) => f32x4.mul(f32x4.mul(v128.load(get(own), row * blockBytes + 16 * vector), f32x4.sub(s, v128.load32Splat(get(dot), 4 * row))), f32x4.all(scale))),
  });
  const gathering = { init: fromC(rowBytes), store: toC(rowBytes) };
  const turned = tile(module, 'gatherTurned', { rows: fourRows(4), sweeps: [{ n: block, a: blockBytes, b: rowBytes }], ...gathering });
  const straight = tile(module, 'gather', { rows: fourRows(blockBytes), sweeps: [{ n: block, a: 4, b: rowBytes }], ...gathering });
  const dots = rowDots(module, length, width);
  const call = module.define('backward', ['i32', 'i32'], (fn, head, room) => {
    const [from, fromRow, i, j, c, r] = Array.from({ length: 6 }, () => fn.local('i32'));
    const array = (name: keyof Arrays): Code => sum(i32.const(arrays[name]), get(from)), rowNumbers = (name: 'top' | 'dots'): Code => sum(i32.const(arrays[name]), get(fromRow), times(i32.add(get(i), get(r)), 4));
    const row = (name: keyof Arrays, index: Code): Code => sum(array(name), times(index, rowBytes)), inBlock = (at: number): Code => sum(plus(get(room), at), times(get(r), blockBytes), times(get(c), 4));
    const scores = (kernel: Callee, a: keyof Arrays, panels: number, to: number, operand: Code, numbers: Code): Code => range(c, i32.const(0), i32.const(block), 8, range(r, i32.const(0), i32.const(block), 4,
      kernel(row(a, i32.add(get(i), get(r))), sum(plus(get(room), panels), times(i32.add(get(j), get(c)), rowBytes)), inBlock(to), operand, numbers)));
    const gather = (kernel: Callee, a: Code, b: Code, to: Code): Code => range(c, i32.const(0), i32.const(rowBytes), 32, range(r, i32.const(0), i32.const(block), 4, kernel(a, sum(b, get(c)), sum(to, get(c)))));
    const below = i32.sub(i32.add(get(i), get(r)), i32.add(get(j), get(c))), fresh = scores(whole, 'q', keys, p, i32.const(0), rowNumbers('top'));
    const down = (at: number): Code => sum(plus(get(room), at), times(get(r), 4)), ofColumns = (name: keyof Arrays): Code => row(name, i32.add(get(j), get(r)));
    return [
      set(from, times(get(head), length * rowBytes)), set(fromRow, times(get(head), 4 * length)),
      (['dq', 'dk', 'dv'] as const).map((name) => fillZero(array(name), length * rowBytes)),
      pack(array('k'), plus(get(room), keys), i32.const(length)), pack(array('v'), plus(get(room), values), i32.const(length)),
      dots(array('dOut'), array('out'), sum(i32.const(arrays.dots), get(fromRow))),
      range(i, i32.const(0), i32.const(length), block, range(j, i32.const(0), causal ? plus(get(i), block) : i32.const(length), block,
        causal ? when(i32.eq(get(i), get(j)), scores(onDiagonal, 'q', keys, p, below, rowNumbers('top')), fresh) : fresh,
        scores(slopes, 'dOut', values, dp, inBlock(p), rowNumbers('dots')),
        gather(turned, down(p), row('dOut', get(i)), ofColumns('dv')), gather(turned, down(dp), row('q', get(i)), ofColumns('dk')),
        gather(straight, sum(plus(get(room), dp), times(get(r), blockBytes)), row('k', get(j)), row('dq', i32.add(get(i), get(r)))))),
    ];
  });
  return { call, scratchBytes: dp + block * blockBytes };
};

/** (a, b, to): the products of two matrices' rows with each other */
const rowDots = ({ define }: Parameters<Part>[0], length: number, width: number): Callee => define('rowDots', ['i32', 'i32', 'i32'], (fn, a, b, to) => {
  const at = fn.local('i32'), sums = Array.from({ length: 2 }, () => fn.local('v128')), product = (q: number): Code => f32x4.mul(v128.load(get(a), 16 * q), v128.load(get(b), 16 * q));
  const added = Array.from({ length: width / 4 - 2 }, (_, q) => set(sums[q % 2], f32x4.add(get(sums[q % 2]), product(q + 2))));
  return range(at, i32.const(0), i32.const(4 * length), 4,
    sums.map((s, q) => set(s, product(q))), added, f32.store(sum(get(to), get(at)), sumLanes(fn, f32x4.add(get(sums[0]), get(sums[1])))),
    set(a, plus(get(a), 4 * width)), set(b, plus(get(b), 4 * width)));
});
