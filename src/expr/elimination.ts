import { foriLoop } from './control.ts';
import { abs, add, div, equal, greaterEqual, logicalOr, sqrt, sub, where } from './elementwise.ts';
import { here, typed } from './expr.ts';
import { take } from './lookup.ts';
import { after, allRows, as, below, beside, bordered, columnAt, columnsOf, divisionOf, elementAt, minus, overBlocks, padded, partAt, places, product, put, rowsAt, rowsOf, sizesOf, stageOf, triangle, turned, undivided, zerosOf, type Division, type Index, type Matrix } from './matrix.ts';
import { filled } from './primitives.ts';
import { argmax } from './reduction.ts';
import { pad, reshape, slice } from './reshaping.ts';
import { argsort } from './sorting.ts';
import type { Tensor } from './types/tensor.ts';

/**
 * Substitution and elimination, in stages of blocks of rows: what a block takes from those before it is one contraction, and
 * only what is within the block goes row by row. See Note [Stages of blocks] in matrix.ts
 */

/** of no equations, or no right side, there is nothing to solve, and no row for a loop to begin with */
const isEmpty = (b: Matrix): boolean => sizesOf(b).includes(0);

// ── triangles

export interface TriangularOptions {
  /** which triangle of `a` is read; the lower one unless told otherwise */
  readonly lower?: boolean;
  /** solves aᵀx = b */
  readonly transposed?: boolean;
  /** the diagonal is taken for ones, and not read */
  readonly unit?: boolean;
}
/** fewer columns than these make no tiles of a contraction: blocks would only have to be compiled */
const narrow = 16;

export const substituted = (a: Matrix, b: Matrix, { lower = true, transposed = false, unit = false }: TriangularOptions): Matrix => {
  if (isEmpty(b)) return b;
  const [n, m] = sizesOf(b), division = m < narrow ? undivided(n) : divisionOf(n), all = allRows(division), own = stageOf(division), forward = lower !== transposed;
  const whole = bordered(a, all), right = padded(b, all), strict = triangle(whole, lower, false), others = transposed ? turned(strict) : strict;
  let solved: Matrix | undefined;
  for (let stage = 0; stage < division.stages; stage++) {
    const from = own * (forward ? stage : division.stages - 1 - stage), to = from + own, rows = rowsOf(others, from, to), rest = rowsOf(right, from, to);
    const left = solved === undefined ? rest : minus(rest, product(forward ? columnsOf(rows, 0, from) : columnsOf(rows, to, all), solved));
    const diagonal = unit ? undefined : (i: Index): Matrix => { const at = add(i, from); return elementAt(whole, at, at); };
    const x = stageSolved({ others: columnsOf(rows, from, to), diagonal, forward }, left, division);
    solved = solved === undefined ? x : forward ? below(solved, x) : below(x, solved);
  }
  return solved === undefined ? b : rowsOf(solved, 0, n);
};
/** Row by row, from the first or from the last, of what stands beside the diagonal; without a diagonal it is of ones. */
interface Triangle { readonly others: Matrix; readonly diagonal: ((i: Index) => Matrix) | undefined; readonly forward: boolean }
/** what is not solved yet is zero, and adds nothing */
const stageSolved = ({ others, diagonal, forward }: Triangle, b: Matrix, division: Division): Matrix => {
  const { blocks, size } = division, [n, m] = sizesOf(b);
  return overBlocks(division, forward, (from, x: Matrix) => {
    const rest = blocks === 1 ? b : minus(rowsAt(b, from, size), product(rowsAt(others, from, size), x)), within = blocks === 1 ? others : partAt(others, from, from, size, size);
    const block = foriLoop(size, (k, y: Matrix) => {
      const i = forward ? k : sub(size - 1, k), row = minus(rowsAt(rest, i), product(rowsAt(within, i), y));
      return put(y, diagonal === undefined ? row : as(div(row, diagonal(after(from, i)))), i);
    }, zerosOf(b, size, m));
    return blocks === 1 ? block : put(x, block, from);
  }, zerosOf(b, n, m));
};

// ── factors

/** The upper triangular r of rᵀ·r = a, of a symmetric a. */
export const factored = (a: Matrix): Matrix => {
  if (isEmpty(a)) return a;
  const [n] = sizesOf(a), division = divisionOf(n);
  return columnsOf(rowsOf(factorRows(bordered(a, allRows(division)), division), 0, n), 0, n);
};
/** the rows of a stage (Golub and Van Loan, 4.2.5, by rows), then those of what the stage leaves */
const factorRows = (a: Matrix, division: Division): Matrix => {
  const { blocks, size } = division, [n] = sizesOf(a), own = stageOf(division), columns = places(1, n, 1);
  const first = overBlocks(division, true, (from, r: Matrix) => {
    const rest = blocks === 1 ? a : minus(rowsAt(a, from, size), product(turned(partAt(r, 0, from, own, size)), r));
    const block = foriLoop(size, (k, y: Matrix) => {
      const i = after(from, k), row = minus(rowsAt(rest, k), product(turned(columnAt(y, i)), y)), scaled = div(row, sqrt(elementAt(row, 0, i)));
      return put(y, as(where(greaterEqual(columns, i), scaled, 0)), k);
    }, zerosOf(a, size, n));
    return blocks === 1 ? block : put(r, block, from);
  }, zerosOf(a, own, n));
  if (own === n) return first;
  const right = columnsOf(first, own, n);
  return below(first, indented(factorRows(minus(columnsOf(rowsOf(a, own, n), own, n), product(turned(right), right)), division), own));
};
/** with so many columns of zeros before */
const indented = (x: Matrix, by: number): Matrix => as(pad(x, [0, by], [0, 0]));

/** x of a·x = b: by elimination with the largest pivot of each column b becomes what is left to solve with the upper triangle. */
export const eliminated = (a: Matrix, b: Matrix): Matrix => {
  if (isEmpty(b)) return b;
  const [n, m] = sizesOf(b), division = divisionOf(n), all = allRows(division), upper = upperRows(beside(bordered(a, all), padded(b, all)), division);
  return rowsOf(substituted(columnsOf(upper, 0, all), columnsOf(upper, all, all + m), { lower: false }), 0, n);
};

/** rows that were pivots already */
type Done = Tensor<[number, number], 'bool'>;
type Eliminated = readonly [left: Matrix, upper: Matrix, done: Done];
/** The rows of the upper triangle in the order of their pivots, those of a stage and then of what it leaves; what stands before the diagonal is not cleared. */
const upperRows = (a: Matrix, division: Division): Matrix => {
  const { blocks, size } = division, [n, width] = sizesOf(a), own = stageOf(division);
  const none: Done = typed(filled(here(), 0, { dtype: 'bool', shape: [1, n] }));
  const [left, upper, done] = overBlocks(division, true, (from, [rest, above, before]: Eliminated): Eliminated => {
    const [factors, block, now] = blockEliminated(rest, before, from, size);
    return [n === size ? rest : minus(rest, product(turned(factors), block)), blocks === 1 ? block : put(above, block, from), now];
  }, [a, zerosOf(a, own, width), none] as const);
  if (own === n) return upper;
  const kept = slice(argsort(reshape(done, [n]), 0), 0, 0, n - own);
  return below(upper, indented(upperRows(as(take(columnsOf(left, own, width), kept)), division), own));
};
/**
 * The factors of a block's columns, as rows, and its rows of the upper triangle, computed when they are needed (Crout; Golub and
 * Van Loan, 3.2.10 and 3.4). Rows do not change places: one that was a pivot has no factor any more.
 */
const blockEliminated = (a: Matrix, before: Done, from: Index | 0, size: number): Eliminated => {
  const [n, width] = sizesOf(a), rows = places(1, n, 1);
  return foriLoop(size, (k, [factors, upper, past]: Eliminated): Eliminated => {
    const i = after(from, k), column = minus(turned(columnAt(a, i)), product(turned(columnAt(upper, i)), factors));
    const pivot: Index = reshape(argmax(where(past, -1, abs(column)), 1), []), done: Done = logicalOr(past, equal(rows, pivot));
    const row = minus(rowsAt(a, pivot), product(turned(columnAt(factors, pivot)), upper));
    return [put(factors, as(where(done, 0, div(column, elementAt(column, 0, pivot)))), k), put(upper, row, k), done];
  }, [zerosOf(a, size, n), zerosOf(a, size, width), before] as const);
};
