import { branchIf, f32x4, get, i32, loop, set, tee, v128, type Code, type Local } from '../../../src/backends/wasm/code.ts';
import type { Fn } from '../../../src/backends/wasm/module.ts';
import { advance, plus, when, type Callee, type HandModule } from './module.ts';

/** A loop over k: how often it runs (or the parameter that holds its length in bytes of B), and how far A and B go each time, in bytes. */
export interface Sweep { readonly n: number | { readonly param: number }; readonly a: number; readonly b: number }
/** sums[row][vector] */
export interface Tile { readonly fn: Fn; readonly params: readonly Local[]; readonly sums: readonly (readonly Local[])[]; readonly columnSums: readonly Local[] }
export interface TileOptions {
  /** where each row of A begins, in bytes */
  readonly rows: readonly number[];
  /** columns of B, in vectors of four: 2 unless told otherwise */
  readonly vectors?: number;
  /** from the outermost to the innermost */
  readonly sweeps: readonly Sweep[];
  /** rows between two fences: 2 unless told otherwise */
  readonly fence?: number;
  /** parameters after the addresses of A, B and C */
  readonly extra?: number;
  readonly init?: (tile: Tile) => Code;
  readonly store: (tile: Tile) => Code;
  /** also sums B over k */
  readonly sumColumns?: boolean;
  /** an innermost sweep of at most so many steps is written out: 4 unless told otherwise */
  readonly straightUpTo?: number;
}

/**
 * A micro-kernel: C[rows, 4·vectors] = Σ A·B with all sums in registers, as a function of three addresses. V8 hoists the
 * loads of a basic block to its top; a test that always holds (C lies at no address 0) ends the block and keeps the
 * registers.
 */
export const tile = ({ define }: HandModule, name: string, { rows, vectors = 2, sweeps, fence = 2, extra = 0, init, store, sumColumns = false, straightUpTo = 4 }: TileOptions): Callee =>
  define(name, Array.from({ length: 3 + extra }, () => 'i32'), (fn, ...params) => {
    const [a, b, c] = params, lanes = (): readonly Local[] => Array.from({ length: vectors }, () => fn.local('v128'));
    const own: Tile = { fn, params, sums: rows.map(lanes), columnSums: sumColumns ? lanes() : [] }, fromB = lanes(), fromA = fn.local('v128');
    const rowCode = (r: number, aOffset: number): Code => [
      set(fromA, v128.load32Splat(get(a), aOffset + rows[r])),
      own.sums[r].map((s, j) => set(s, f32x4.add(get(s), f32x4.mul(get(fromA), get(fromB[j]))))),
    ];
    const step = (aOffset: number, bOffset: number, first: boolean): Code => {
      const groups = Array.from({ length: Math.ceil(rows.length / fence) }, (_, g) => rows.slice(g * fence, (g + 1) * fence).map((_row, r) => rowCode(g * fence + r, aOffset)));
      const code: Code = [
        fromB.map((v, j) => set(v, v128.load(get(b), bOffset + 16 * j))),
        own.columnSums.map((s, j) => set(s, f32x4.add(get(s), get(fromB[j])))),
        groups.map((g, i) => (i === 0 ? g : when(get(c), g))),
      ];
      return first ? code : when(get(c), code);
    };
    /** the code of a sweep, and how far it leaves A and B from where they were */
    const nest = ([{ n, a: aStep, b: bStep }, ...inner]: readonly Sweep[]): { readonly code: Code; readonly a: number; readonly b: number } => {
      if (inner.length === 0) {
        if (typeof n === 'number' && n <= straightUpTo) return { code: Array.from({ length: n }, (_, i) => step(i * aStep, i * bStep, i === 0)), a: 0, b: 0 };
        const end = fn.local('i32'), length = typeof n === 'number' ? plus(get(b), n * bStep) : i32.add(get(b), get(params[n.param])), times = typeof n === 'number' ? n : 0;
        const code: Code = [set(end, length), loop(step(0, 0, true), advance(a, aStep), branchIf(0, i32.ne(tee(b, plus(get(b), bStep)), get(end))))];
        return { code, a: times * aStep, b: times * bStep };
      }
      const within = nest(inner), left = fn.local('i32'), count = typeof n === 'number' ? n : 0;
      if (count === 1) return within;
      const turn: Code = [within.code, advance(a, aStep - within.a), advance(b, bStep - within.b), branchIf(0, tee(left, plus(get(left), -1)))];
      return { code: [set(left, i32.const(count)), loop(turn)], a: count * aStep, b: count * bStep };
    };
    return [init === undefined ? [] : init(own), nest(sweeps).code, store(own)];
  });

/** sums begin with, and end as, what stands in C */
export const fromC = (rowBytes: number) => ({ params: [, , c], sums }: Tile): Code => sums.map((row, r) => row.map((s, j) => set(s, v128.load(get(c), r * rowBytes + 16 * j))));
export const toC = (rowBytes: number, value: (sum: Code, row: number, vector: number, tile: Tile) => Code = (s) => s) => (of: Tile): Code =>
  of.sums.map((row, r) => row.map((s, j) => v128.store(get(of.params[2]), value(get(s), r, j, of), r * rowBytes + 16 * j)));
/** adds the sums of B's columns to what stands at the address after that of C */
export const addColumnSums = ({ params: [, , , at], columnSums }: Tile): Code => columnSums.map((s, j) => v128.store(get(at), f32x4.add(v128.load(get(at), 16 * j), get(s)), 16 * j));
