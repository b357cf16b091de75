import { readdirSync, readFileSync } from 'node:fs';
import type { TypedArray } from '../../../src/core/dtype.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import type { InterpretOptions } from '../../../src/ir/loop/interpret.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import type { Program, Stage } from '../../../src/ir/loop/syntax.ts';

const folder = new URL('../../golden/loop/', import.meta.url);

/** The golden programs, `name.stage` each. */
export const goldenNames: readonly string[] = readdirSync(folder).filter((f) => f.endsWith('.loop')).map((f) => f.slice(0, -'.loop'.length)).sort();
// SAFETY: the files are named by the stage that they are to pass; the verifier's test names any other
export const stageOf = (name: string): Stage => name.slice(name.lastIndexOf('.') + 1) as Stage;

/** The program of a golden text, after a change of the text (a size that is too slow to interpret, say). */
export const golden = (name: string, change: (text: string) => string = (text) => text): Program =>
  parsed(parseProgram(change(readFileSync(new URL(`${name}.loop`, folder), 'utf8')), { file: `${name}.loop` }));

/** Runs a program on plain arrays. */
export const runLoop = (program: Program, inputs: Readonly<Record<string, TypedArray>>, options: InterpretOptions): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries([...interpretProgram(program, new Map(Object.entries(inputs)), options)].map(([name, values]) => [name, Array.from(values)]));

/** The same pseudo-random numbers from −1 to 1 for the same seed (Marsaglia's xorshift32). */
export const numbers = (seed: number, n: number): Float32Array => {
  let state = Math.imul(seed, 2654435761) | 1;
  return Float32Array.from({ length: n }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  });
};

/** The largest difference between two lists, relative to the largest magnitude. */
export const difference = (actual: readonly number[], expected: readonly number[]): number => {
  if (actual.length !== expected.length) return Infinity;
  const scale = expected.reduce((top, x) => Math.max(top, Math.abs(x)), 1e-30);
  return actual.reduce((top, x, i) => Math.max(top, Object.is(x, expected[i]) ? 0 : Math.abs(x - expected[i]) / scale), 0);
};

/** item(0), item(1), … */
export const list = <A>(n: number, item: (i: number) => A): readonly A[] => Array.from({ length: n }, (_, i) => item(i));
/** term(0) + term(1) + … */
export const total = (n: number, term: (i: number) => number): number => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += term(i);
  return sum;
};

/** The text with every integer in the table replaced by its partner, all at once. */
const resized = (table: Readonly<Record<number, number>>) => (text: string): string =>
  text.replaceAll(/(?<![\w.])\d+(?![\w.])/g, (n) => String(table[Number(n)] ?? n));

/** The results that differ by more than rounding in doubles from those expected. */
export const unlike = (actual: Readonly<Record<string, readonly number[]>>, expected: Readonly<Record<string, ArrayLike<number>>>, exact = 1e-12): readonly string[] =>
  Object.entries(expected).filter(([name, values]) => !(difference(actual[name], Array.from(values)) < exact)).map(([name]) => name);

/** Sizes at which a text's every tile, block and rest still occurs, and which are quick to interpret. */
const attentionSizes = { heads: 2, length: 64, width: 16 } as const;
const attention = (text: string): string => {
  const { heads, length, width } = attentionSizes;
  return resized({ 256: length, 64: width })(text
    .replaceAll(/\b8, 256\b/g, `${heads}, 256`).replaceAll(/\b8\*256\b/g, `${heads}*256`).replaceAll('h < 8', `h < ${heads}`).replaceAll('grid(4)', 'grid(1)')
    .replaceAll('b < 8 ', `b < ${length / 32} `).replaceAll(/\b(c|d) < 8 /g, `$1 < ${width / 8} `)
    .replaceAll('w < 32', `w < ${length / 8}`).replaceAll('d < 16 ', `d < ${width / 4} `).replaceAll('[32, 64, 8]', `[${length / 8}, 64, 8]`));
};
const threads = (text: string): string => resized({
  784: 12, 128: 16, 1024: 128, 100352: 192, 100480: 208, 116864: 464, 116992: 480, 118528: 672, 118540: 684, 118784: 768,
})(text.replaceAll('k < 32 {', 'k < 4 {').replaceAll('q < 16 grid(8)', 'q < 2 grid(1)').replaceAll('q < 16 ', 'q < 2 ').replaceAll('i < 196 grid(98)', 'i < 3 grid(2)')
  .replaceAll('i < 32 grid(16)', 'i < 4 grid(2)').replaceAll('i < 64 grid(32)', 'i < 8 grid(4)').replaceAll('c < 116 grid(58)', 'c < 6 grid(3)'));
export const smaller: { readonly [program: string]: (text: string) => string } = {
  attentionRows: attention, attentionRowsBackward: attention, attentionOnline: attention, attentionOnlineBackward: attention,
  trainStep: (text) => resized({ 784: 12, 392: 6, 128: 16, 64: 8 })(text.replaceAll('batch <= 128', 'batch <= 5')),
  trainStepThreads: threads,
  convGradient: (text) => text.replaceAll(/\b64\b/g, '1'), convPool: (text) => text.replaceAll(/\b64\b/g, '1'),
};
