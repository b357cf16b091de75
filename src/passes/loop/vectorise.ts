import * as ix from '../../core/affine.ts';
import type { AxisId, Index } from '../../core/affine.ts';
import type { DType } from '../../core/dtype.ts';
import { aliasedKernels } from '../../ir/loop/aliases.ts';
import { declare, dtypeOf, innerScope, kernelScope, type Scope } from '../../ir/loop/scope.ts';
import type { Block, BufferId, Expr, Kernel, Place, Program, Stmt } from '../../ir/loop/syntax.ts';
import { identityIn, monoidRow, type MonoidName } from '../../ir/monoids.ts';
import type { Target } from '../../ir/target.ts';
import { freshNames, type Fresh } from './names.ts';
import { copyOf, mapInner, mapKernels } from './rewrite.ts';
import { exprsOf, indicesIn, walkExpr, writtenIn } from '../../ir/loop/visit.ts';

type For = Extract<Stmt, { kind: 'for' }>;
type Fold = Extract<Stmt, { kind: 'fold' }>;

/**
 * Innermost loops whose elements lie next to each other go in vectors, what is left over alone. A fold into one place
 * first gathers in as many places as there are lanes, and joins them after the loop.
 */
export const vectorise = (program: Program, target: Target): Program => {
  const aliased = aliasedKernels(program);
  return mapKernels(program, (kernel) => (aliased.has(kernel.name) ? kernel : vectoriseKernel(kernel, target)));
};

const vectoriseKernel = (kernel: Kernel, target: Target): Kernel => {
  const v: Vectors = { fresh: freshNames(kernel), width: target.vectorWidth };
  return { ...kernel, body: vectoriseIn(kernel.body, kernelScope(kernel.params), v) };
};
interface Vectors { readonly fresh: Fresh; readonly width: number }

const vectoriseIn = (block: Block, outer: Scope, v: Vectors): Block => {
  const scope = innerScope(outer);
  return block.flatMap((s): Block => {
    declare(s, scope);
    if (s.kind === 'for' && s.mode.at === 'serial' && fits(s, scope, v)) return inVectors(s, scope, v);
    return [s.kind === 'for' && s.mode.at === 'vector' ? s : mapInner(s, (inner) => vectoriseIn(inner, scope, v))];
  });
};

const coefficient = (index: Index, axis: AxisId): number | undefined => {
  const own = index.terms.find(({ of }) => of.kind === 'axis' && of.axis === axis);
  const hidden = index.terms.some((t) => t !== own && ix.mentions({ bias: 0, terms: [t] }, axis));
  return hidden ? undefined : own?.by ?? 0;
};
/** by how many elements the place moves with the axis, where only its last index does */
const stepOf = ({ at }: Place, axis: AxisId): number | undefined =>
  (at.slice(0, -1).some((index) => ix.mentions(index, axis)) ? undefined : at.length === 0 ? 0 : coefficient(at[at.length - 1], axis));

const loadsOf = (s: Stmt): readonly Extract<Expr, { kind: 'load' }>[] => {
  const loads: Extract<Expr, { kind: 'load' }>[] = [];
  for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'load') loads.push(x); });
  return loads;
};
const plain: readonly MonoidName[] = ['add', 'mul', 'max', 'min', 'and', 'or'];

/** only values, stores and folds of 32-bit numbers; neighbours in memory; nothing that another iteration wrote */
const fits = (loop: For, outer: Scope, { width }: Vectors): boolean => {
  const count = ix.constantOf(loop.extent), scope = innerScope(outer);
  if (count !== undefined && count < width) return false;
  const written = writtenIn(loop.body), targets = loop.body.flatMap((s) => (s.kind === 'store' ? [s.to] : s.kind === 'fold' ? s.into : []));
  if (targets.length === 0 || new Set(targets.map((p) => p.buffer)).size < targets.length) return false;
  const own = new Set(loop.body.flatMap((s) => (s.kind === 'let' ? [s.local] : [])));
  let computed = false;
  indicesIn(loop.body, (index) => { computed ||= ix.leaves(index).some((leaf) => leaf.kind === 'data' && own.has(leaf.local)); });
  if (computed) return false;
  return loop.body.every((s) => {
    declare(s, scope);
    if (s.kind !== 'let' && s.kind !== 'store' && s.kind !== 'fold') return false;
    const wide = exprsOf(s).some((e) => { let found = false; walkExpr(e, (x) => { found ||= dtypeOf(x, scope) === 'f64'; }); return found; });
    const reads = loadsOf(s).every(({ from }) => {
      const step = stepOf(from, loop.axis);
      return (step === 0 || step === 1) && (!written.has(from.buffer) || (step === 1 && targets.some((t) => t.buffer === from.buffer && samePlace(t, from))));
    });
    if (wide || !reads) return false;
    if (s.kind === 'store') return s.guard.length === 0 && stepOf(s.to, loop.axis) === 1;
    return s.kind === 'let' || (plain.includes(s.monoid) && (stepOf(s.into[0], loop.axis) ?? 2) < 2);
  });
};
const samePlace = (a: Place, b: Place): boolean => a.at.length === b.at.length && a.at.every((index, i) => ix.equalIndex(index, b.at[i]));

const inVectors = (loop: For, scope: Scope, { fresh, width }: Vectors): Block => {
  const whole = ix.floorDiv(loop.extent, width), rest = ix.mod(loop.extent, width), chunk = fresh(loop.axis), lane = fresh('lane'), left = fresh(loop.axis);
  const gathered = new Map(loop.body.flatMap((s): [BufferId, Gathered][] => {
    if (s.kind !== 'fold' || stepOf(s.into[0], loop.axis) !== 0) return [];
    const [place] = s.into;
    return [[place.buffer, { place, monoid: s.monoid, dtype: scope.buffers.get(place.buffer) ?? 'f32', part: fresh('part') }]];
  }));
  const at = (where: Index): Block => copyOf(loop.body, fresh, (axis) => (axis === loop.axis ? where : undefined));
  const inParts = (s: Stmt): Stmt => { const g = s.kind === 'fold' ? gathered.get(s.into[0].buffer) : undefined; return s.kind === 'fold' && g !== undefined ? { ...s, into: [{ buffer: g.part, at: [ix.axis(lane)] }] } : s; };
  const over = (body: Block): Stmt => ({ kind: 'for', axis: lane, extent: ix.constant(width), mode: { at: 'vector' }, body });
  const vectors: Stmt = { kind: 'for', axis: chunk, extent: whole, mode: loop.mode, body: [over(at(ix.add(ix.scale(ix.axis(chunk), width), ix.axis(lane))).map(inParts))] };
  const alone: Block = ix.constantOf(rest) === 0 ? [] : [{ kind: 'for', axis: left, extent: rest, mode: loop.mode, body: at(ix.add(ix.scale(whole, width), ix.axis(left))) }];
  if (gathered.size === 0) return [vectors, ...alone];
  const parts = [...gathered.values()];
  return [{ kind: 'block', body: [
    ...parts.flatMap((g): Block => [
      { kind: 'alloc', buffer: g.part, space: 'register', dtype: g.dtype, shape: [width] },
      over([{ kind: 'store', to: { buffer: g.part, at: [ix.axis(lane)] }, guard: [], value: { kind: 'const', dtype: g.dtype, value: identityIn(g.dtype, monoidRow(g.monoid).identity[0]) } }]),
    ]),
    vectors,
    ...parts.map((g): Stmt => ({ kind: 'for', axis: lane, extent: ix.constant(width), mode: { at: 'unroll' }, body: [{ kind: 'fold', into: [g.place], monoid: g.monoid, values: [valueOf(g, lane)] } satisfies Fold] })),
    ...alone,
  ] }];
};
interface Gathered { readonly place: Place; readonly monoid: MonoidName; readonly dtype: DType; readonly part: BufferId }
const valueOf = ({ part, dtype }: Gathered, lane: AxisId): Expr => ({ kind: 'load', from: { buffer: part, at: [ix.axis(lane)] }, guard: [], other: { kind: 'const', dtype, value: 0 } });
