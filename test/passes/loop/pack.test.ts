import { describe, expect, it } from 'vitest';
import { wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import type { Block, Stmt } from '../../../src/ir/loop/syntax.ts';
import { walk } from '../../../src/ir/loop/visit.ts';
import { tile } from '../../../src/passes/loop/tile.ts';
import { textOf } from './kernels.ts';

/** Sums over the steps for m × n; `a` and `b` are read from 4096 numbers each. */
interface Product { readonly m?: number; readonly n?: number; readonly k?: number; readonly steps?: string; readonly columns?: string; readonly a?: string; readonly b?: string; readonly stride?: number; readonly lines?: number; readonly bytes?: number }
/** What of a product lies packed, each packing by its name. Of rows next to each other, unless the factors say otherwise. */
const packedOf = (product: Product): readonly string[] => [...new Set(scratchOf(product).map(({ buffer }) => buffer.replace(/_\d+$/, '')))].sort();
type Scratch = Extract<Stmt, { kind: 'alloc' }>;
const scratchOf = ({ m = 16, n = 8, k = 3, steps = `p < ${k}`, columns = `j < ${n}`, a = `a[${k}*i + p]`, b = `b[${n}*p + j]`, stride = 1024, lines = 512, bytes = 1 << 20 }: Product): readonly Scratch[] => {
  const body = `contract m(${m === 0 ? '' : `i < ${m}`}) n(${columns}) k(${steps}) c = ${a} * ${b} { store y[${m === 0 ? 'j' : `${n}*i + j`}] = c }`;
  const program = parsed(parseProgram(textOf({ params: `a: read f32[4096], b: read f32[4096], y: write f32[${Math.max(1, m) * n}]`, body })));
  const found: Scratch[] = [];
  for (const kernel of tile(program, { ...wasmTarget, pack: { stride, lines, bytes } }).kernels.values()) walk(kernel.body, (s) => { if (s.kind === 'alloc' && s.space === 'scratch') found.push(s); });
  return found;
};
const none: readonly string[] = [], panel = ['panel'], rows = ['rows'];

describe('columns of the right factor are packed', () => {
  it.each<readonly [string, Product, Product]>([
    ['across memory, steps next to each other: for two rows', { b: 'b[3*j + p]', m: 2 }, { b: 'b[3*j + p]', m: 1 }],
    ['across memory, steps apart: for four', { b: 'b[2*j + 16*p]', m: 4 }, { b: 'b[2*j + 16*p]', m: 3 }],
    ['computed: for eight', { b: 'max(b[8*p + j], 0.0)', m: 8 }, { b: 'max(b[8*p + j], 0.0)', m: 7 }],
    ['next to each other, in rows far apart: for sixteen', { b: 'b[256*p + j]' }, { b: 'b[256*p + j]', m: 15 }],
    ['if those rows are as far apart as the stride', { b: 'b[256*p + j]' }, { b: 'b[255*p + j]' }],
    ['or more rows than lines', { b: 'b[16*p + j]', k: 3, lines: 2 }, { b: 'b[16*p + j]', k: 3, lines: 3 }],
    ['each in a line of its own', { b: 'b[16*p + j]', lines: 2 }, { b: 'b[15*p + j]', lines: 2 }],
    ['not the same number for all columns', { b: 'b[2*j + 1024*p]' }, { b: 'b[1024*p]' }],
    ['in so much memory', { b: 'b[6*j + p]', k: 6, bytes: 192 }, { b: 'b[6*j + p]', k: 6, bytes: 191 }],
    ['at any stride, if the steps move evenly', { b: 'b[8*p + j]', stride: 0 }, { b: 'b[8*floorDiv(p, 2) + j]', stride: 0 }],
    ['counting the rows of all steps', { b: 'b[48*q + 16*p + j]', steps: 'q < 4, p < 3', lines: 11 }, { b: 'b[48*q + 16*p + j]', steps: 'q < 4, p < 3', lines: 12 }],
    ['not where each row has its own', { b: 'max(b[8*p + j], 0.0)' }, { b: 'max(b[8*i + j], 0.0)' }],
    ['not for no row at all', { b: 'b[3*j + p]', m: 2 }, { b: 'b[3*j + p]', a: 'a[p]', m: 0 }],
  ])('%s', (_, packed, not) => expect([packedOf(packed), packedOf(not)]).toEqual([panel, none]));
  it('those that are read under a guard, or at places that move unevenly, as those that lie across memory', () => {
    expect([packedOf({ b: 'b[8*p + j]', m: 4 }), packedOf({ b: '(b[8*p + j] if p - 1 >= 0 else 0.0)', m: 4 }), packedOf({ b: 'b[8*p + floorDiv(j, 2)]', m: 4 }), packedOf({ b: 'b[8*p + j + floorDiv(j, 2)]', m: 4 })]).toEqual([none, panel, panel, panel]);
  });
});

it('those of one line are packed together where each row has a page of its own', () => {
  const shapes = (product: Product): readonly (readonly number[])[] => scratchOf(product).map(({ shape }) => shape);
  const far = { n: 40, b: 'b[256*p + j]' }, together = [[2, 3, 8], [3, 8]];
  expect(shapes(far)).toEqual(together);
  // in nearer rows the line is still there for the next tile
  expect(shapes({ ...far, b: 'b[255*p + j]', lines: 2 })).toEqual([[3, 8]]);
  // columns that are computed, or lie apart
  expect(shapes({ ...far, b: 'max(b[256*p + j], 0.0)' })).toEqual([[3, 8]]);
  expect(shapes({ ...far, b: 'b[256*p + 2*j]' })).toEqual([[3, 8]]);
  // too large together; of one row, whose tiles are as wide as a line
  expect([shapes({ ...far, bytes: 192 }), shapes({ ...far, bytes: 191 })]).toEqual([together, [[3, 8]]]);
  expect(shapes({ ...far, m: 2 })).toEqual([]);
});

it('one panel serves all rows of rows that read the same columns, however few each of them has', () => {
  /** the loops around the panel */
  const loopsAround = (m: string, b: string): readonly string[] | undefined => {
    const body = `contract m(${m}) n(j < 8) k(p < 3) c = a[4*h + i + p] * ${b} { store y[32*h + 8*i + j] = c }`;
    const program = tile(parsed(parseProgram(textOf({ params: 'a: read f32[64], b: read f32[4096], y: write f32[128]', body }))), wasmTarget);
    const search = (block: Block, loops: readonly string[]): readonly string[] | undefined => {
      if (block.some((s) => s.kind === 'alloc' && s.space === 'scratch')) return loops;
      return block.map((s) => (s.kind === 'for' ? search(s.body, [...loops, s.axis.replace(/_.*/, '')]) : s.kind === 'block' ? search(s.body, loops) : undefined)).find((found) => found !== undefined);
    };
    return [...program.kernels.values()].map((k) => search(k.body, []))[0];
  };
  expect([loopsAround('h < 4, i < 4', 'b[3*j + p]'), loopsAround('h < 4, i < 4', 'b[24*h + 3*j + p]'), loopsAround('h < 2, i < 1', 'b[3*j + p]'), loopsAround('h < 1, i < 1', 'b[3*j + p]')]).toEqual([['j'], ['h', 'j'], ['j'], undefined]);
});

describe('rows of the left factor are packed', () => {
  it.each<readonly [string, Product, Product]>([
    ['far apart along the steps: for 64 columns', { a: 'a[256*p + i]', n: 64 }, { a: 'a[256*p + i]', n: 63 }],
    ['as far as the stride', { a: 'a[256*p + i]', n: 64 }, { a: 'a[255*p + i]', n: 64 }],
    ['next to each other in memory', { a: 'a[256*p + i]', n: 64 }, { a: 'a[256*p + 2*i]', n: 64 }],
    ['the same for all rows no more', { a: 'a[256*p + i]', n: 64 }, { a: 'a[256*p]', n: 64 }],
    ['computed: for 32', { a: 'max(a[3*i + p], 0.0)', n: 32 }, { a: 'max(a[3*i + p], 0.0)', n: 31 }],
    ['not where it is one number', { a: 'max(a[3*i + p], 0.0)', n: 64 }, { a: '2.0', n: 64 }],
    ['in so much memory', { a: 'max(a[3*i + p], 0.0)', n: 32, bytes: 192 }, { a: 'max(a[3*i + p], 0.0)', n: 32, bytes: 191 }],
    ['in whole tiles', { a: 'max(a[3*i + p], 0.0)', n: 32, m: 4 }, { a: 'max(a[3*i + p], 0.0)', n: 32, m: 3 }],
    ['not where each column has its own', { a: 'max(a[3*i + p], 0.0)', n: 32 }, { a: 'max(a[3*i + j], 0.0)', n: 32 }],
    ['nor where each group of columns has', { a: 'max(a[3*i + p], 0.0)', columns: 'g < 2, j < 32' }, { a: 'max(a[3*i + g], 0.0)', columns: 'g < 2, j < 32' }],
  ])('%s', (_, packed, not) => expect([packedOf(packed), packedOf(not)]).toEqual([rows, none]));
});
