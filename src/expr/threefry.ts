import type { Origin } from '../core/origin.ts';
import { filled, map } from './primitives.ts';
import type { Expr } from './expr.ts';

/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"):
 * a bijection of two 32-bit words chosen by a key of two words. Four rounds, then a part of the key is added.
 */
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const parity = 0x1bd11bda;

/** the arithmetic of 32-bit words that the rounds need */
interface Words<W> { readonly add: (a: W, b: W) => W; readonly xor: (a: W, b: W) => W; readonly rotate: (a: W, by: number) => W; readonly word: (n: number) => W }
type Pair<W> = readonly [W, W];

const rounds = <W>(o: Words<W>, key: Pair<W>, counter: Pair<W>): Pair<W> => {
  const keys = [key[0], key[1], o.xor(o.xor(key[0], key[1]), o.word(parity))];
  let x = o.add(counter[0], keys[0]), y = o.add(counter[1], keys[1]);
  for (let round = 0; round < 20; round++) {
    x = o.add(x, y);
    y = o.xor(o.rotate(y, rotations[round % 8]), x);
    if (round % 4 !== 3) continue;
    const k = (round + 1) / 4;
    x = o.add(x, keys[k % 3]);
    y = o.add(o.add(y, keys[(k + 1) % 3]), o.word(k));
  }
  return [x, y];
};

const numbers: Words<number> = {
  add: (a, b) => (a + b) >>> 0, xor: (a, b) => (a ^ b) >>> 0, word: (n) => n >>> 0,
  rotate: (a, by) => ((a << by) | (a >>> (32 - by))) >>> 0,
};
/** on plain numbers: what the expressions are tested against, and how keys are made outside a program */
export const threefryNumbers = (key: Pair<number>, counter: Pair<number>): Pair<number> => rounds(numbers, key, counter);

/** on u32 tensors of one shape */
export const threefryRounds = (at: Origin, key: Pair<Expr>, counter: Pair<Expr>): Pair<Expr> => {
  const word = (n: number): Expr => filled(at, n >>> 0, counter[0].type);
  const op = (fn: 'add' | 'xor' | 'or' | 'shiftLeft' | 'shiftRightLogical') => (a: Expr, b: Expr): Expr => map(at, fn, [a, b]);
  const [left, right, or] = [op('shiftLeft'), op('shiftRightLogical'), op('or')];
  return rounds({ add: op('add'), xor: op('xor'), word, rotate: (a, by) => or(left(a, word(by)), right(a, word(32 - by))) }, key, counter);
};
