import * as ix from '../../core/affine.ts';
import type { AxisId, Index } from '../../core/affine.ts';
import { aliasedKernels } from '../../ir/loop/aliases.ts';
import type { Target } from '../../ir/target.ts';
import type { Axis, Block, Expr, Kernel, Program, Stmt } from '../../ir/loop/syntax.ts';
import { writesOf } from '../../ir/loop/visit.ts';
import { boundsOf, type Known } from './bounds.ts';
import { freshNames, type Fresh } from './names.ts';
import { stepOf } from './neighbours.ts';
import { accessesOf, apart, distinct, regionOf, type Access } from './regions.ts';
import { mapKernels, replaceAxes } from './rewrite.ts';

type For = Extract<Stmt, { kind: 'for' }>;
type Contract = Extract<Stmt, { kind: 'contract' }>;

/**
 * Divides the outermost loops of kernels into blocks that threads can share, as grid loops. How many blocks there are
 * depends on sizes only, never on how many threads will run them. See Note [Blocks].
 */
export const schedule = (program: Program, { blocks, vectorWidth }: Target): Program => {
  const aliased = aliasedKernels(program);
  return blocks === undefined ? program : mapKernels(program, (kernel) => (aliased.has(kernel.name) ? kernel : scheduleKernel(kernel, { syms: program.syms, axes: new Map() }, { ...blocks, lanes: vectorWidth })));
};

type Blocks = NonNullable<Target['blocks']> & { readonly lanes: number };
const scheduleKernel = (kernel: Kernel, known: Known, least: Blocks): Kernel => {
  const fresh = freshNames(kernel), accesses = kernel.body.map((s) => accessesOf([s], known)), mine = new Set(kernel.params.map((p) => p.name));
  const written = new Set(accesses.flat().filter((a) => a.writes).map((a) => a.buffer));
  // every thread computes the values that stand outside the loops
  if (kernel.body.some((s, i) => s.kind === 'let' && accesses[i].some((a) => written.has(a.buffer)))) return kernel;
  return { ...kernel, body: kernel.body.flatMap((s, i): Block => {
    const own = accesses[i], others = accesses.filter((_, j) => j !== i).flat();
    return ((s.kind === 'for' && s.mode.at !== 'grid') || s.kind === 'contract') && independent(own, others) && own.every((a) => !a.writes || mine.has(a.buffer)) ? divided(s, own, known, least, fresh) : [s];
  }) };
};
/** neither writes what the other touches */
const independent = (own: readonly Access[], others: readonly Access[]): boolean => {
  const meets = (a: readonly Access[], b: readonly Access[]): boolean => { const written = new Set(a.filter((x) => x.writes).map((x) => x.buffer)); return b.some((x) => written.has(x.buffer)); };
  return !meets(own, others) && !meets(others, own);
};

/** the first axis with enough to do whose iterations do not meet; of rows of rows and columns the one that threads share more evenly */
const divided = (s: For | Contract, accesses: readonly Access[], known: Known, least: Blocks, fresh: Fresh): Block => {
  const bounds = boundsOf(known), most = ({ extent }: Axis): number => ix.range(extent, bounds).hi, work = workOf(s, known);
  const axes: readonly Axis[] = s.kind === 'for' ? [s] : [...s.m.slice(0, 1), ...s.n.slice(0, 1)];
  const blocksAlong = (along: Axis): number => {
    if (least.most !== undefined) return chosenBlocks(most(along), least.most);
    if (s.kind === 'for') return Math.min(blocksOfLoop(most(along), work, least), Math.floor(most(along) / together(s, least)));
    return blocksOfProduct(most(along), work, least, s.m.length > 1 ? (along === s.m[0] ? 'rows' : 'columns') : undefined);
  };
  const found = axes.map((along) => ({ along, size: sizeOfBlocks(most(along), blocksAlong(along)), most: most(along) })).filter(({ along, size, most: all }) => size < all && meetNowhere(accesses, along.axis));
  const [best] = s.kind === 'contract' && s.m.length > 1 ? [...found].sort((x, y) => unevenness(x) - unevenness(y)) : found;
  return best === undefined ? [s] : [inBlocks(s, best.along, best.size, fresh)];
};
export const sizeOfBlocks = (extent: number, blocks: number): number => { const least = Math.ceil(extent / blocks); return least < 4 ? least : Math.ceil(least / 4) * 4; };
/** what two threads wait for, and four, of blocks of a size */
const unevenness = ({ size, most }: { readonly size: number; readonly most: number }): number => { const blocks = Math.ceil(most / size); return (Math.ceil(blocks / 2) + Math.ceil(blocks / 4)) / blocks; };
export const meetNowhere = (accesses: readonly Access[], axis: AxisId): boolean => {
  const written = new Set(accesses.filter((a) => a.writes).map((a) => a.buffer));
  return [...written].every((buffer) => { const all = accesses.filter((a) => a.buffer === buffer); return apart(all.map((a) => regionOf(a, axis))) || distinct(all, axis); });
};

const chosenBlocks = (extent: number, blocks: number): number => (Number.isFinite(extent) ? Math.min(extent, blocks) : 1);

/** iterations that stay together: those of an outer loop that lie next to each other go in vectors, several abreast */
const together = (loop: For, { lanes }: Blocks): number =>
  (loop.body.some((s) => s.kind === 'for') && loop.body.flatMap(writesOf).some((p) => stepOf(p, loop.axis) === 1) ? 4 * lanes : 1);

/** operations, about */
export const workOf = (s: Stmt, known: Known): number => {
  const most = (axes: readonly Axis[]): number => axes.reduce((n, { extent }) => n * Math.max(1, Math.min(ix.range(extent, boundsOf(known)).hi, 1 << 24)), 1);
  switch (s.kind) {
    case 'for': return most([s]) * s.body.reduce((n, x) => n + workOf(x, known), 0);
    case 'contract': return most([...s.m, ...s.n, ...s.k]);
    case 'if': case 'block': return (s.kind === 'if' ? [...s.then, ...s.else] : s.body).reduce((n, x) => n + workOf(x, known), 0);
    case 'let': case 'store': case 'fold': return 1;
    case 'alloc': return 0;
  }
};
const blocksOfLoop = (extent: number, work: number, least: Blocks): number => Math.min(Number.isFinite(extent) ? extent : 1, work >= 32 * least.work ? 8 : work >= least.work ? 2 : 1);
/** of rows that are folded, as many as of the products around them, so that equal blocks follow each other without a barrier */
export const blocksOfRows = (extent: number, work: number, { work: enough, rows }: NonNullable<Target['blocks']>): number =>
  (!Number.isFinite(extent) || work < enough ? 1 : extent >= 4 * rows ? 4 : Math.min(extent, 2));
/** a block's factors are packed for itself: it must be large, unless it has other loops of rows */
const blocksOfProduct = (extent: number, work: number, { work: enough, rows: least, lanes }: Blocks, outer: 'rows' | 'columns' | undefined): number => {
  if (!Number.isFinite(extent) || work < 4 * enough) return 1;
  if (outer !== undefined) return Math.max(1, Math.min(8, outer === 'rows' ? extent : Math.floor(extent / (2 * lanes))));
  return extent >= 4 * least ? 4 : extent >= least ? 2 : 1;
};

export const inBlocks = (s: For | Contract, along: Axis, size: number, fresh: Fresh): For => {
  const { axis, extent } = along, count = ix.constantOf(extent);
  const block = fresh(`${axis}_block`), inner = fresh(axis), from = ix.scale(ix.axis(block), size);
  const part = (length: Index): Block => {
    const own: Stmt = s.kind === 'for' ? { ...s, axis: inner, extent: length } : { ...s, ...replaced(s, along, { axis: inner, extent: length }) };
    return replaceAxes([own], (other) => (other === axis ? ix.add(from, ix.axis(inner)) : undefined));
  };
  const over = (body: Block): For => ({ kind: 'for', axis: block, extent: ix.floorDiv(ix.shift(extent, size - 1), size), mode: { at: 'grid', grain: 1 }, body });
  if (count === undefined) {
    const left = fresh('left');
    return over([{ kind: 'let', local: left, value: { kind: 'index', dtype: 'i32', index: ix.sub(extent, from) } }, ...part(ix.data(left, 0, size))]);
  }
  const rest = count % size;
  if (rest === 0) return over(part(ix.constant(size)));
  // the last block is another: of an extent that is known, tiles and vectors fit
  const test: Expr = { kind: 'apply', fn: 'lt', dtype: 'bool', args: [index(ix.axis(block)), index(ix.constant(Math.floor(count / size)))] };
  return over([{ kind: 'if', test, then: part(ix.constant(size)), else: part(ix.constant(rest)) }]);
};
const index = (of: Index): Expr => ({ kind: 'index', dtype: 'i32', index: of });
const replaced = ({ m, n, k }: Contract, old: Axis, by: Axis): Pick<Contract, 'm' | 'n' | 'k'> => {
  const swap = (axes: readonly Axis[]): readonly Axis[] => axes.map((a) => (a === old ? by : a));
  return { m: swap(m), n: swap(n), k: swap(k) };
};

/*
 * Note [Blocks]
 * A block of a product packs its own panels, so 64 rows and more share one; blocks of loops are cheap and there may be
 * more. Where rows of rows are few, as those of a small image, all of them share a panel and blocks have some columns each.
 * Two kernels that divide the same rows into as many blocks need no barrier between them: see assignPhases.
 */
