import * as ix from '../../core/affine.ts';
import type { AxisId } from '../../core/affine.ts';
import { aliasedKernels } from '../../ir/loop/aliases.ts';
import { declare, innerScope, kernelScope, type Scope } from '../../ir/loop/scope.ts';
import type { Block, Expr, Kernel, Program, Stmt } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { exprsOf, walkExpr } from '../../ir/loop/visit.ts';
import { inLoop, type Known } from './bounds.ts';
import { freshNames, type Fresh } from './names.ts';
import { coefficient, stepOf } from './neighbours.ts';
import { accessesOf, distinct } from './regions.ts';
import { copyOf, mapInner, mapKernels } from './rewrite.ts';
import { perCopy } from './vectors.ts';

type For = Extract<Stmt, { kind: 'for' }>;
type Load = Extract<Expr, { kind: 'load' }>;

/**
 * Takes several iterations of a loop together whose reductions share what they read: pixels that a filter passes over, or
 * windows that overlap. Each has registers of its own, as the rows of a contraction's tile have. The order of each sum stays.
 * See Note [What pixels share]
 */
export const jam = (program: Program, target: Target): Program => {
  const aliased = aliasedKernels(program);
  return mapKernels(program, (kernel) => (aliased.has(kernel.name) ? kernel : jamKernel(kernel, program, target)));
};

interface Jam { readonly fresh: Fresh; readonly most: number }
const jamKernel = (kernel: Kernel, { syms }: Program, { tile }: Target): Kernel =>
  ({ ...kernel, body: jamIn(kernel.body, kernelScope(kernel.params), { syms, axes: new Map() }, { fresh: freshNames(kernel), most: tile.m }) });

const jamIn = (block: Block, outer: Scope, known: Known, j: Jam): Block => {
  const scope = innerScope(outer);
  return block.flatMap((s): Block => {
    declare(s, scope);
    const inside = s.kind === 'for' ? inLoop(known, s.axis, s.extent) : known, count = s.kind === 'for' ? widthOf(s, known, j) : 1;
    return s.kind === 'for' && count > 1 ? together(s, count, scope, j) : [mapInner(s, (body) => jamIn(body, scope, inside, j))];
  });
};

/** how many iterations are taken together: 1 where they share nothing, or their order matters */
const widthOf = (loop: For, known: Known, { most }: Jam): number => {
  const [along, ...more] = loop.body, extent = ix.constantOf(loop.extent) ?? 0;
  if (along?.kind !== 'for' || more.length > 0 || loop.mode.at !== 'serial' || along.mode.at !== 'serial' || ix.mentions(along.extent, loop.axis)) return 1;
  const own = new Set(along.body.flatMap((s) => (s.kind === 'alloc' ? [s.buffer] : []))), registers = own.size;
  if (registers === 0 || !along.body.every(isTaken) || !along.body.some((s) => s.kind === 'for' && shares(s, loop.axis, []))) return 1;
  const inside = inLoop(inLoop(known, loop.axis, loop.extent), along.axis, along.extent), accesses = accessesOf(along.body, inside), written = new Set(accesses.filter((a) => a.writes).map((a) => a.buffer));
  const apart = [...written].every((buffer) => distinct(accesses.filter((a) => a.buffer === buffer), loop.axis));
  return apart && along.body.some((s) => s.kind === 'store' && stepOf(s.to, along.axis) === 1) ? Math.min(most, extent, Math.floor(2 * most / registers)) : 1;
};
/** registers, values, stores, and loops that fold */
const isTaken = (s: Stmt): boolean => {
  switch (s.kind) {
    case 'let': return true;
    case 'store': return s.guard.length === 0;
    case 'alloc': return s.space === 'register';
    case 'for': return s.mode.at === 'serial' && ix.constantOf(s.extent) !== undefined && s.body.every((inner) => inner.kind === 'let' || inner.kind === 'fold' || (inner.kind === 'for' && isTaken(inner)));
    case 'fold': case 'if': case 'block': case 'contract': return false;
  }
};

/** whether a reduction reads what is the same for the next iteration of the axis too, or what that reads a step later or earlier */
const shares = (loop: For, axis: AxisId, around: readonly For[]): boolean => {
  const loops = [...around, loop];
  const isShared = ({ from: { at } }: Load): boolean => {
    const index = at.length === 1 ? at[0] : undefined, by = index === undefined ? undefined : coefficient(index, axis);
    if (index === undefined || by === undefined || ix.leaves(index).some((leaf) => leaf.kind === 'data')) return false;
    return by === 0 || loops.some((k) => { const step = coefficient(index, k.axis) ?? 0; return by % step === 0 && Math.abs(by / step) < (ix.constantOf(k.extent) ?? 0); });
  };
  return loop.body.some((s) => (s.kind === 'for' ? shares(s, axis, loops) : loadsOf(s).some(isShared)));
};
const loadsOf = (s: Stmt): readonly Load[] => { const loads: Load[] = []; for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'load') loads.push(x); }); return loads; };

const together = (loop: For, width: number, outer: Scope, { fresh }: Jam): Block => {
  const { axis, extent } = loop, count = ix.constantOf(extent) ?? 0, whole = Math.floor(count / width), [along] = loop.body;
  if (along.kind !== 'for') return [loop];
  const scope = innerScope(outer), part = (from: ix.Index, copies: number): Stmt => {
    const copy = fresh(axis), body = copyOf(along.body, fresh, (other) => (other === axis ? ix.add(from, ix.axis(copy)) : undefined));
    return { ...along, body: perCopy(body, scope, { axis: copy, count: copies, mode: { at: 'unroll' }, fresh }) };
  };
  const tiles = fresh(axis), rest = count - whole * width;
  return [
    { kind: 'for', axis: tiles, extent: ix.constant(whole), mode: loop.mode, body: [part(ix.scale(ix.axis(tiles), width), width)] },
    ...(rest === 0 ? [] : [part(ix.constant(whole * width), rest)]),
  ];
};

/*
 * Note [What pixels share]
 * A filter of three by three over channels that lie next to each other reads eighteen vectors for one vector of results.
 * Four pixels of a row read three of the filter and six of the image for each row of the window, together: what the copies
 * of a loop read alike the emitter loads once. As in a contraction's tile, sums and what is read for them must fit in
 * the registers: then results go in single vectors, and only short loops are written out. Measured on 56 × 56 × 128: 0.79 ms
 * before, 0.34 after; to copy the image takes 0.13.
 */
