import { diagnostic, type Diagnostic } from '../../core/diagnostic.ts';
import type { KernelId } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';

/** What may be chosen for the loops of one kernel; the target's own choice stands for the rest. */
export interface Choices {
  /** register tile of its contractions: rows, columns, and how far the sum is written out; in vectors `n` is a power of two of them */
  readonly tile?: { readonly m?: number; readonly n?: number; readonly k?: number };
  /** whether factors are packed wherever that is possible, or nowhere */
  readonly pack?: boolean;
  /** whether its loops go in vectors, where the target has them */
  readonly vectors?: boolean;
  /** into how many blocks its outermost loop is divided at most, where threads may share them; 1: it is not divided */
  readonly blocks?: number;
}
/** A kernel by what a schedule may go by. */
export interface PlannedKernel {
  readonly name: KernelId;
  readonly nest: string;
  /** its operations in a word each: `dotGeneral`, `reduce max`, `exp` */
  readonly ops: readonly string[];
}
export interface Schedule {
  readonly of: string | ((kernel: PlannedKernel) => boolean);
  readonly choices: Choices;
}

/**
 * How the loops of a kernel are written, for `compile(f, { schedules: [mine] })`: of the kernel that `explain` calls so, or
 * of all that are like that. Of several that match, the last one's choices hold. The results are the same but for the
 * order in which sums are taken.
 * @example schedule('contract_0', { tile: { m: 2, n: 16 }, pack: true })
 * @example schedule(({ ops }) => ops.includes('exp'), { vectors: false })
 */
export const schedule = (of: Schedule['of'], choices: Choices): Schedule => ({ of, choices });

const largest = { m: 16, n: 32, k: 16, blocks: 64 } as const;
const isCount = (x: number, most: number): boolean => Number.isInteger(x) && x >= 1 && x <= most;
const nameOf = ({ of }: Schedule): string => (typeof of === 'string' ? `'${of}'` : 'some kernels');
const matches = ({ of }: Schedule, kernel: PlannedKernel): boolean => (typeof of === 'string' ? of === kernel.name : of(kernel));

/** Choices out of their range, and names of kernels that there are not. */
export const scheduleProblems = (schedules: readonly Schedule[], kernels: readonly PlannedKernel[], target: Target): readonly Diagnostic[] => schedules.flatMap((s): readonly Diagnostic[] => {
  const { tile = {}, blocks, vectors = true } = s.choices, lanes = vectors && target.vectorWidth > 1 ? target.vectorWidth : 1;
  const wrong = (what: string, value: number, wanted: string): Diagnostic => diagnostic('FX3201', `schedule of ${nameOf(s)}: ${what} is ${value}, but must be ${wanted}`);
  const counts = [['tile.m', tile.m, largest.m], ['tile.n', tile.n, largest.n], ['tile.k', tile.k, largest.k], ['blocks', blocks, largest.blocks]] as const;
  const outside = counts.flatMap(([what, value, most]) => (value === undefined || isCount(value, most) ? [] : [wrong(what, value, `a whole number from 1 to ${most}`)]));
  const { n = lanes } = tile, uneven = outside.length === 0 && lanes > 1 && !Number.isInteger(Math.log2(n / lanes)) ? [wrong('tile.n', n, `${lanes}, ${2 * lanes}, ${4 * lanes} or ${8 * lanes}: vectors here have ${lanes} lanes`)] : [];
  const absent = typeof s.of === 'string' && !kernels.some((k) => k.name === s.of) ? [diagnostic('FX3202', `schedule: no kernel is called '${s.of}'`, { hint: `the kernels are ${kernels.map((k) => k.name).join(', ')}` })] : [];
  return [...outside, ...uneven, ...absent];
});

/** What holds for each kernel for which something was chosen. */
export const choicesFor = (schedules: readonly Schedule[], kernels: readonly PlannedKernel[]): ReadonlyMap<KernelId, Choices> => new Map(kernels.flatMap((kernel) => {
  const own = schedules.filter((s) => matches(s, kernel)).map((s) => s.choices);
  return own.length === 0 ? [] : [[kernel.name, own.reduce((a, b) => ({ ...a, ...b, tile: { ...a.tile, ...b.tile } }))] as const];
}));

/** The target as one kernel is to see it. */
export const targetWith = (target: Target, { tile, pack, vectors, blocks }: Choices): Target => {
  const { pack: ownPack, blocks: ownBlocks, tile: { nested, ...ownTile }, ...rest } = target, most = 1 << 20;
  const packed = pack === undefined ? ownPack : pack ? { stride: 0, lines: 0, bytes: ownPack?.bytes ?? most } : undefined;
  return {
    ...rest, tile: { ...ownTile, ...(nested !== undefined && tile?.k === undefined && { nested }), ...tile }, vectorWidth: vectors === false ? 1 : target.vectorWidth,
    ...(packed && { pack: packed }), ...(ownBlocks && { blocks: { ...ownBlocks, ...(blocks !== undefined && { most: blocks }) } }),
  };
};

/** Choices in words. */
export const showChoices = ({ tile = {}, pack, vectors, blocks }: Choices): string => [
  ...(Object.keys(tile).length === 0 ? [] : [`tile ${Object.entries(tile).map(([axis, size]) => `${axis} ${size}`).join(', ')}`]),
  ...(pack === undefined ? [] : [pack ? 'packed wherever it can be' : 'nothing packed']),
  ...(vectors === undefined ? [] : [vectors ? 'in vectors' : 'no vectors']),
  ...(blocks === undefined ? [] : [blocks === 1 ? 'not divided' : `${blocks} blocks`]),
].join('; ');
