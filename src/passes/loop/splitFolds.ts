import * as ix from '../../core/affine.ts';
import type { AxisId, Index } from '../../core/affine.ts';
import type { Computed } from '../../core/dtype.ts';
import { aliasedKernels } from '../../ir/loop/aliases.ts';
import { identityIn, monoidRow, type MonoidName } from '../../ir/monoids.ts';
import type { Block, BufferId, Expr, Kernel, KernelId, Param, Place, Program, Step, Stmt } from '../../ir/loop/syntax.ts';
import { exprsOf, localsIn, readIn, runsIn, walk, walkExpr, writesOf, writtenIn } from '../../ir/loop/visit.ts';
import type { Target } from '../../ir/target.ts';
import { boundsOf, type Known } from './bounds.ts';
import { freshNames } from './names.ts';
import { accessesOf } from './regions.ts';
import { blocksOfRows, inBlocks, meetNowhere, sizeOfBlocks, workOf } from './schedule.ts';

type For = Extract<Stmt, { kind: 'for' }>;
type Let = Extract<Stmt, { kind: 'let' }>;
type Alloc = Extract<Stmt, { kind: 'alloc' }>;

/**
 * Kernels whose rows are all folded into a few numbers, such as a loss and the slopes of a bias beside those of each example,
 * become two: the rows in blocks, each with numbers of its own, and what is done with the numbers of all. How many blocks
 * there are depends on sizes only. See Note [Folds across blocks].
 */
export const splitFolds = (program: Program, { blocks }: Target, apart: ReadonlyMap<KernelId, unknown> = new Map()): Program => {
  if (blocks === undefined) return program;
  // in a loop of kernels threads would have to wait for each other
  const inside = new Set(program.steps.flatMap((s) => (s.kind === 'run' ? [] : runsIn([s]).map((r) => r.kernel))));
  const aliased = aliasedKernels(program), kernels = new Map(program.kernels), buffers = new Map(program.buffers), known = new Map<Kernel, Parts | undefined>();
  const partsOf = (kernel: Kernel): Parts | undefined => {
    if (!known.has(kernel)) known.set(kernel, divided(kernel, { syms: program.syms, axes: new Map() }, blocks));
    return known.get(kernel);
  };
  const split = (step: Step): readonly Step[] => {
    const kernel = step.kind === 'run' && !apart.has(step.kernel) && !aliased.has(step.kernel) && !inside.has(step.kernel) ? program.kernels.get(step.kernel) : undefined, parts = kernel && partsOf(kernel);
    if (step.kind !== 'run' || kernel === undefined || parts === undefined) return [step];
    const own = new Map(kernel.params.map((p, i) => [p.name, step.args[i]]));
    for (const { name, dtype, size } of parts.partial) {
      const id = freeIn(buffers, `${step.kernel}_${name}`);
      own.set(name, id);
      buffers.set(id, { dtype, role: 'temporary', layout: { order: [0], strides: [1], offset: 0, size } });
    }
    const run = (id: KernelId, of: Kernel): Step => { kernels.set(id, of); return { kind: 'run', kernel: id, args: of.params.map((p) => own.get(p.name) ?? p.name) }; };
    return [run(step.kernel, parts.rows), run(restOf(step.kernel), parts.rest)];
  };
  const steps = program.steps.flatMap(split);
  return { ...program, buffers, kernels, steps };
};
/** what the kernel is called that does the rest */
export const restOf = (kernel: KernelId): KernelId => `${kernel}_rest`;
const freeIn = (taken: ReadonlyMap<string, unknown>, wish: string): string => (taken.has(wish) ? freeIn(taken, `${wish}_`) : wish);

/** The rows, the rest, and the parameters through which the one hands the other the numbers of its blocks. */
interface Parts { readonly rows: Kernel; readonly rest: Kernel; readonly partial: readonly { readonly name: BufferId; readonly dtype: Computed; readonly size: number }[] }
/** Numbers that are folded into together, one buffer for each of the monoid's state. */
interface Accumulator { readonly monoid: MonoidName; readonly state: readonly Alloc[] }

/** A kernel as values, numbers that are set to nothing, a loop that folds into them, and what follows. */
interface Folded { readonly lets: readonly Let[]; readonly start: Block; readonly loop: For; readonly accumulators: readonly Accumulator[]; readonly after: Block }

const divided = (kernel: Kernel, known: Known, least: NonNullable<Target['blocks']>): Parts | undefined => {
  const folded = foldedIn(kernel, known);
  if (folded === undefined) return undefined;
  const { loop } = folded, most = ix.range(loop.extent, boundsOf(known)).hi, work = workOf(loop, known);
  const size = sizeOfBlocks(most, blocksOfRows(most, work, least)), blocks = Math.ceil(most / size);
  // what is handed on is written and read once more
  const handedOn = folded.accumulators.flatMap((x) => x.state).reduce((sum, a) => sum + blocks * countOf(a), 0);
  return size < most && work >= 8 * handedOn ? inParts(kernel, folded, size, blocks) : undefined;
};
const foldedIn = ({ body, params }: Kernel, known: Known): Folded | undefined => {
  const allocs = body.filter((s): s is Alloc => s.kind === 'alloc'), folding = body.filter((s) => s.kind === 'for' && foldsInto([s], allocs).length > 0), [loop] = folding;
  if (folding.length !== 1 || loop.kind !== 'for' || loop.mode.at !== 'serial') return undefined;
  const at = body.indexOf(loop), before = body.slice(0, at), after = body.slice(at + 1), accumulators = foldsInto([loop], allocs), mine = new Set(params.map((p) => p.name)), written = writtenIn([loop]);
  const lets = before.filter((s): s is Let => s.kind === 'let'), start = before.filter((s) => s.kind !== 'let');
  const isKept = (s: Stmt): boolean => s.kind !== 'alloc' || accumulators.some(({ state }) => state.includes(s));
  if (!start.every(isKept) || !startsEmpty(start, accumulators) || !isOnlyFolded(loop, accumulators)) return undefined;
  // the rest computes its values again, and stores nothing that the rows store
  if ([...readIn(lets)].some((b) => written.has(b)) || [...writtenIn(after)].some((b) => mine.has(b) && written.has(b))) return undefined;
  return meetNowhere(accessesOf([loop], known).filter((a) => mine.has(a.buffer)), loop.axis) ? { lets, start, loop, accumulators, after } : undefined;
};

const inParts = (kernel: Kernel, { lets, start, loop, accumulators, after }: Folded, size: number, blocks: number): Parts => {
  const fresh = freshNames(kernel), grid = inBlocks(loop, loop, size, fresh), block = fresh('block');
  const partial = new Map(accumulators.flatMap(({ state }) => state.map((a) => [a, { name: fresh(`${a.buffer}_part`), dtype: a.dtype, size: blocks * countOf(a) }])));
  const partOf = (a: Alloc, of: AxisId, index: readonly Index[]): Place => ({ buffer: partial.get(a)?.name ?? a.buffer, at: [flatIn(a.shape, ix.axis(of), index)] });
  const handOn = [...partial.keys()].flatMap((a) => each(a, fresh, (at): Stmt => ({ kind: 'store', to: partOf(a, grid.axis, at), guard: [], value: load(a.dtype, { buffer: a.buffer, at }) })));
  const gather = accumulators.flatMap(({ monoid, state }) => each(state[0], fresh, (at): Stmt => (
    { kind: 'fold', into: state.map((a) => ({ buffer: a.buffer, at })), monoid, values: state.map((a) => load(a.dtype, partOf(a, block, at))) })));
  const params: readonly Param[] = [...kernel.params, ...[...partial.values()].map((p): Param => ({ ...p, access: 'write' }))];
  const kernelOf = (name: string, own: Block): Kernel => {
    const body = [...neededBy(own, lets), ...own], reads = readIn(body), writes = writtenIn(body);
    return { name, body, params: params.filter((p) => reads.has(p.name) || writes.has(p.name)).map((p): Param => (writes.has(p.name) ? p : { ...p, access: 'read' })) };
  };
  return {
    rows: kernelOf(kernel.name, [{ ...grid, body: [...start, ...grid.body, ...handOn] }]),
    rest: kernelOf(restOf(kernel.name), [...start, { kind: 'for', axis: block, extent: grid.extent, mode: { at: 'serial' }, body: gather }, ...after]),
    partial: [...partial.values()],
  };
};

/** what the block folds into some of these, each once */
const foldsInto = (block: Block, allocs: readonly Alloc[]): readonly Accumulator[] => {
  const found: Accumulator[] = [];
  walk(block, (s) => {
    if (s.kind !== 'fold') return;
    const state = s.into.flatMap((p) => allocs.find((a) => a.buffer === p.buffer) ?? []);
    if (state.length > 0 && !found.some((x) => x.monoid === s.monoid && x.state.length === state.length && x.state[0] === state[0])) found.push({ monoid: s.monoid, state });
  });
  return found;
};
/** whether each is folded into by one monoid, whole, at places that do not depend on the row, and not read */
const isOnlyFolded = (loop: For, accumulators: readonly Accumulator[]): boolean => {
  const all = accumulators.flatMap(({ state }) => state), names = new Set(all.map((a) => a.buffer));
  let only = names.size === all.length && accumulators.every(({ monoid, state }) => state.length === monoidRow(monoid).state);
  walk([loop], (s) => {
    for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'load' && names.has(x.from.buffer)) only = false; });
    for (const { buffer, at } of writesOf(s)) if (names.has(buffer) && (s.kind !== 'fold' || at.some((index) => ix.mentions(index, loop.axis)))) only = false;
  });
  return only;
};
/** whether the statements do nothing but to set each of these to the numbers of no row */
const startsEmpty = (block: Block, accumulators: readonly Accumulator[]): boolean => {
  let empty = true;
  walk(block, (s) => {
    if (s.kind === 'alloc' || s.kind === 'for') return;
    const { buffer } = s.kind === 'store' ? s.to : { buffer: '' };
    const [identity] = accumulators.flatMap(({ monoid, state }) => state.flatMap((a, i) => (a.buffer === buffer ? [identityIn(a.dtype, monoidRow(monoid).identity[i])] : [])));
    if (s.kind !== 'store' || s.guard.length > 0 || s.value.kind !== 'const' || s.value.value !== identity) empty = false;
  });
  return empty;
};

const countOf = ({ shape }: Alloc): number => shape.reduce((a, b) => a * b, 1);
/** the place of an element among those of all blocks */
const flatIn = (shape: readonly number[], block: Index, index: readonly Index[]): Index => shape.reduce((flat, d, i) => ix.add(ix.scale(flat, d), index[i]), block);
const load = (dtype: Computed, from: Place): Expr => ({ kind: 'load', from, guard: [], other: { kind: 'const', dtype, value: 0 } });
/** a statement for each number of an accumulator */
const each = ({ shape }: Alloc, fresh: (wish: string) => string, of: (index: readonly Index[]) => Stmt): Block => {
  const axes = shape.map((d) => (d === 1 ? undefined : fresh('e')));
  return shape.reduceRight<Block>((body, d, i) => {
    const axis = axes[i];
    return axis === undefined ? body : [{ kind: 'for', axis, extent: ix.constant(d), mode: { at: 'serial' }, body }];
  }, [of(axes.map((axis) => (axis === undefined ? ix.zero : ix.axis(axis))))]);
};
/** of these values those that the block needs, and what they need themselves */
const neededBy = (block: Block, lets: readonly Let[]): Block => {
  const wanted = new Set(localsIn(block)), needed: Let[] = [];
  for (const s of [...lets].reverse()) if (wanted.has(s.local)) { needed.unshift(s); for (const local of localsIn([s])) wanted.add(local); }
  return needed;
};

/*
Note [Folds across blocks]
Rows that threads share may not fold into the same numbers. So each block folds into numbers of its own, which it hands on in
memory, and a second kernel, of one thread, folds those of all blocks, in their order, and does what followed the loop: the
same sums whoever ran the blocks. It reads a few numbers for each block. Blocks are as many as those of a product of as many
rows, so that a loss between products of the same examples needs no barrier on either side.
*/
