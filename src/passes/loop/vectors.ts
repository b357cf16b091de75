import * as ix from '../../core/affine.ts';
import type { AxisId, Guard, Index } from '../../core/affine.ts';
import type { Computed } from '../../core/dtype.ts';
import { InternalError } from '../../core/invariant.ts';
import { innerScope, declare, type Scope } from '../../ir/loop/scope.ts';
import type { Block, BufferId, Expr, Mode, Place, Stmt } from '../../ir/loop/syntax.ts';
import { blocksOf, exprsOf, walk, walkExpr } from '../../ir/loop/visit.ts';
import { identityIn, monoidRow, type MonoidName } from '../../ir/monoids.ts';
import type { Fresh } from './names.ts';
import type { ScalarName } from '../../ir/scalars.ts';
import { copyOf, renameBlock, renameExpr, type Renaming } from './rewrite.ts';
import { mayTrap, stepOf, type Vectors } from './neighbours.ts';

type For = Extract<Stmt, { kind: 'for' }>;
type Fold = Extract<Stmt, { kind: 'fold' }>;

/** vectors that run side by side where each has little to do */
const abreast = 4;
/** functions that keep the machine busy by themselves */
const slow = new Set(['exp', 'expm1', 'log', 'log1p', 'tanh', 'logistic', 'erf', 'sin', 'cos', 'atan2', 'pow', 'div', 'sqrt', 'rsqrt', 'rem']);
/** How many vectors run side by side: four where each has little to do, two where a slow one also waits for a sum. */
const besideIn = (block: Block): number => {
  let statements = 0, cheap = true, folds = false;
  walk(block, (s) => { statements++; folds ||= s.kind === 'fold'; for (const e of exprsOf(s)) walkExpr(e, (x) => { cheap &&= x.kind !== 'apply' || (typeof x.fn === 'string' && !slow.has(x.fn)); }); });
  return statements > 6 ? 1 : cheap ? abreast : folds ? 2 : 1;
};

/** a fold into one place, and the places in which each lane gathers first */
interface Gathered { readonly into: readonly Place[]; readonly monoid: MonoidName; readonly dtypes: readonly Computed[]; readonly parts: readonly BufferId[] }

/** A loop over neighbours. */
export const inVectors = (loop: For, scope: Scope, v: Vectors): Block => {
  const { axis, extent } = loop, { fresh, width } = v, count = ix.constantOf(extent), beside = besideIn(loop.body), wide = count === undefined || count >= 4 * beside * width ? beside * width : width;
  const lane = fresh('lane'), folds = loop.body.flatMap((s) => (s.kind === 'fold' && stepOf(s.into[0], axis) === 0 ? [s] : []));
  const gathered = new Map(folds.map((s): [BufferId, Gathered] => [s.into[0].buffer, { into: s.into, monoid: s.monoid, dtypes: s.into.map((p) => scope.buffers.get(p.buffer) ?? 'f32'), parts: s.into.map(() => fresh('part')) }]));
  const at = (where: Index): Block => copyOf(loop.body, fresh, (other) => (other === axis ? where : undefined));
  const inParts = (s: Stmt): Stmt => { const g = s.kind === 'fold' ? gathered.get(s.into[0].buffer) : undefined; return s.kind === 'fold' && g !== undefined ? { ...s, into: g.parts.map((buffer) => ({ buffer, at: [ix.axis(lane)] })) } : s; };
  const over = (lanes: number, body: Block): Stmt => ({ kind: 'for', axis: lane, extent: ix.constant(lanes), mode: { at: 'vector' }, body });
  const chunks = (times: Index, from: Index, lanes: number): Block => {
    if (ix.constantOf(times) === 0) return [];
    const chunk = fresh(axis);
    return [{ kind: 'for', axis: chunk, extent: times, mode: loop.mode, body: [over(lanes, at(ix.add(from, ix.scale(ix.axis(chunk), lanes), ix.axis(lane))).map(inParts))] }];
  };
  const whole = ix.floorDiv(extent, width), rest = ix.mod(extent, width), left = ix.constantOf(rest), tail = ix.scale(whole, width);
  const body = wide === width ? chunks(whole, ix.zero, width)
    : [...chunks(ix.floorDiv(extent, wide), ix.zero, wide), ...chunks(ix.floorDiv(ix.mod(extent, wide), width), ix.scale(ix.floorDiv(extent, wide), wide), width)];
  // of two lanes only one can be left over, which is as quick alone
  const masked = left !== undefined && left > 0 && width > 2 && !mayTrap(loop.body);
  const known: Scope = innerScope(scope), parts = new Set([...gathered.values()].flatMap((g) => g.parts));
  for (const g of gathered.values()) g.parts.forEach((buffer, i) => known.buffers.set(buffer, g.dtypes[i]));
  const partly = (): Block => [over(width, existing(at(ix.add(tail, ix.axis(lane))).map(inParts), ix.ge0(ix.shift(ix.scale(ix.axis(lane), -1), (left ?? 0) - 1)), known, parts))];
  const alone = (): Block => { if (left === 0) return []; const name = fresh(axis); return [{ kind: 'for', axis: name, extent: rest, mode: loop.mode, body: at(ix.add(tail, ix.axis(name))) }]; };
  if (gathered.size === 0) return [...body, ...(masked ? partly() : alone())];
  const all = [...gathered.values()];
  return [{ kind: 'block', body: [
    ...all.flatMap((g) => g.parts.flatMap((buffer, i): Block => [
      { kind: 'alloc', buffer, space: 'register', dtype: g.dtypes[i], shape: [wide] },
      over(wide, [{ kind: 'store', to: { buffer, at: [ix.axis(lane)] }, guard: [], value: identityOf(g, i) }]),
    ])),
    ...body, ...(masked ? partly() : []),
    ...all.flatMap((g) => joined(g, wide, width, lane)),
    ...(masked ? [] : alone()),
  ] }];
};
const identityOf = ({ monoid, dtypes }: Pick<Gathered, 'monoid' | 'dtypes'>, i: number): Expr => ({ kind: 'const', dtype: dtypes[i], value: identityIn(dtypes[i], monoidRow(monoid).identity[i]) });

/** vectors into the first of them, and its lanes into the place that the fold is for */
const joined = ({ into, monoid, dtypes, parts }: Gathered, wide: number, width: number, lane: AxisId): Block => {
  const part = (at: Index): readonly Expr[] => parts.map((buffer, i) => ({ kind: 'load', from: { buffer, at: [at] }, guard: [], other: { kind: 'const', dtype: dtypes[i], value: 0 } }));
  const first = parts.map((buffer): Place => ({ buffer, at: [ix.axis(lane)] }));
  return [
    ...Array.from({ length: wide / width - 1 }, (_, i): Stmt => ({ kind: 'for', axis: lane, extent: ix.constant(width), mode: { at: 'vector' }, body: [{ kind: 'fold', into: first, monoid, values: part(ix.shift(ix.axis(lane), (i + 1) * width)) }] })),
    { kind: 'for', axis: lane, extent: ix.constant(width), mode: { at: 'unroll' }, body: [{ kind: 'fold', into, monoid, values: part(ix.axis(lane)) } satisfies Fold] },
  ];
};

// ---- Lanes that are not there

/** The statements where the guard holds: elsewhere nothing is read, stored or folded. */
const existing = (block: Block, guard: Guard, outer: Scope, parts: ReadonlySet<BufferId>): Block => {
  const scope = innerScope(outer);
  return block.map((s): Stmt => {
    const value = (e: Expr): Expr => guardedLoads(e, guard, scope);
    declare(s, scope);
    switch (s.kind) {
      case 'let': return { ...s, value: value(s.value) };
      case 'store': return { ...s, guard: [...s.guard, ...guard], value: value(s.value) };
      case 'fold': {
        const dtypes = s.into.map((p) => scope.buffers.get(p.buffer) ?? 'f32');
        const [place] = s.into, [given] = s.values, [dtype] = dtypes;
        // lanes have places of their own, which are not all there
        if (!parts.has(place.buffer)) {
          const before = guardedLoads({ kind: 'load', from: place, guard: [], other: { kind: 'const', dtype, value: 0 } }, guard, scope);
          return { kind: 'store', to: place, guard, value: { kind: 'apply', fn: mergeOf(s.monoid, dtype), dtype, args: [before, value(given)] } };
        }
        return { ...s, values: s.values.map((e, i) => ({ kind: 'apply', fn: 'select', dtype: dtypes[i], args: [{ kind: 'guard', guard }, value(e), identityOf({ monoid: s.monoid, dtypes }, i)] })) };
      }
      default: return s;
    }
  });
};
const mergeOf = (monoid: MonoidName, dtype: Computed): ScalarName => {
  switch (monoid) {
    case 'max': return dtype === 'bool' ? 'or' : monoid;
    case 'min': return dtype === 'bool' ? 'and' : monoid;
    case 'add': case 'mul': case 'and': case 'or': return monoid;
    case 'argMax': case 'argMin': case 'maxExpSum': case 'welford': throw new InternalError(`${monoid} is gathered in places of its own`);
  }
};
const guardedLoads = (e: Expr, guard: Guard, scope: Scope): Expr => {
  switch (e.kind) {
    case 'const': case 'index': case 'guard': case 'local': return e;
    case 'load': return { ...e, guard: [...e.guard, ...guard], other: e.guard.length === 0 ? { kind: 'const', dtype: scope.buffers.get(e.from.buffer) ?? 'f32', value: 0 } : e.other };
    case 'apply': return { ...e, args: e.args.map((arg) => guardedLoads(arg, guard, scope)) };
  }
};

// ---- Nests

/** a loop that is written out whole: to count and to jump would cost as much as what it does, and where it stands is known */
const isShort = (extent: Index, body: Block): boolean => { const count = ix.constantOf(extent); return count !== undefined && count <= 4 && count * writtenOut(body) <= 64; };
/** statements, those of unrolled loops as often as they are written */
const writtenOut = (block: Block): number => block.reduce((n, s) => n + (s.kind === 'for' && s.mode.at === 'unroll' ? (ix.constantOf(s.extent) ?? 1) : 1) * Math.max(1, blocksOf(s).reduce((all, inner) => all + writtenOut(inner), 0)), 0);

/**
 * A loop whose iterations hold loops: each of its statements in vectors, with a lane of the registers for each iteration.
 * What is left over stays as it was.
 */
export const nestInVectors = (loop: For, scope: Scope, { fresh, width }: Vectors): Block => {
  const { axis, extent, body } = loop, count = ix.constantOf(extent) ?? 0, registers = body.reduce((n, s) => n + (s.kind === 'alloc' ? s.shape.reduce((a, d) => a * d, 1) : 0), 0);
  const lanes = registers <= 2 && count >= abreast * width ? abreast * width : width, whole = Math.floor(count / lanes), left = count - whole * lanes;
  const lane = fresh('lane'), chunk = fresh(axis), rest = fresh(axis);
  const at = (where: Index): Block => copyOf(body, fresh, (other) => (other === axis ? where : undefined));
  return [
    { kind: 'for', axis: chunk, extent: ix.constant(whole), mode: loop.mode, body: perCopy(at(ix.add(ix.scale(ix.axis(chunk), lanes), ix.axis(lane))), scope, { axis: lane, count: lanes, mode: { at: 'vector' }, fresh }) },
    ...(left === 0 ? [] : [{ ...loop, axis: rest, extent: ix.constant(left), body: at(ix.shift(ix.axis(rest), whole * lanes)) }]),
  ];
};

/** Lanes of vectors, or copies that are written out. */
interface Copies { readonly axis: AxisId; readonly count: number; readonly mode: Mode; readonly fresh: Fresh }
/** Runs of plain statements become loops over lanes or copies; registers, and values that several runs need, get a place for each. */
export const perCopy = (block: Block, outer: Scope, { axis: lane, count: lanes, mode, fresh }: Copies): Block => {
  const registers = new Set(block.flatMap((s) => (s.kind === 'alloc' ? [s.buffer] : []))), held = new Map([...neededElsewhere(block)].map((local) => [local, fresh(local)] as const));
  const r: Renaming = {
    axis: () => undefined, buffer: (b) => b,
    local: (local) => { const buffer = held.get(local); return buffer === undefined ? { kind: 'local', local } : { kind: 'load', from: { buffer, at: [ix.axis(lane)] }, guard: [], other: { kind: 'const', dtype: scope.locals.get(local) ?? 'f32', value: 0 } }; },
  };
  const scope = innerScope(outer), over = (body: Block): Block => (body.length === 0 ? [] : [{ kind: 'for', axis: lane, extent: ix.constant(lanes), mode, body }]);
  const inside = (stmts: Block): Block => {
    const done: Stmt[] = [];
    let run: Stmt[] = [];
    const flush = (): void => { done.push(...over(run)); run = []; };
    for (const s of stmts) {
      declare(s, scope);
      const buffer = s.kind === 'let' ? held.get(s.local) : undefined, dtype = s.kind === 'let' ? scope.locals.get(s.local) ?? 'f32' : 'f32';
      if (s.kind === 'alloc') done.push({ ...s, shape: [...s.shape, lanes] });
      else if (s.kind === 'for' || s.kind === 'block') {
        flush();
        const body = inside(s.body);
        done.push(s.kind === 'for' && mode.at === 'vector' && isShort(s.extent, body) ? { ...s, mode: { at: 'unroll' }, body } : { ...s, body });
      }
      else if (s.kind === 'let' && buffer !== undefined) {
        done.push({ kind: 'alloc', buffer, space: 'register', dtype, shape: [lanes] });
        run.push({ kind: 'store', to: { buffer, at: [ix.axis(lane)] }, guard: [], value: perLaneExpr(renameExpr(r, s.value), registers, lane) });
      } else run.push(...renameBlock(r, [s]).map((x) => perLaneStmt(x, registers, lane)));
    }
    flush();
    return done;
  };
  return inside(block);
};

const placeOf = (p: Place, registers: ReadonlySet<BufferId>, lane: AxisId): Place => (registers.has(p.buffer) ? { buffer: p.buffer, at: [...p.at, ix.axis(lane)] } : p);
const perLaneExpr = (e: Expr, registers: ReadonlySet<BufferId>, lane: AxisId): Expr => {
  switch (e.kind) {
    case 'load': return { ...e, from: placeOf(e.from, registers, lane) };
    case 'apply': return { ...e, args: e.args.map((arg) => perLaneExpr(arg, registers, lane)) };
    case 'const': case 'index': case 'guard': case 'local': return e;
  }
};
const perLaneStmt = (s: Stmt, registers: ReadonlySet<BufferId>, lane: AxisId): Stmt => {
  switch (s.kind) {
    case 'let': return { ...s, value: perLaneExpr(s.value, registers, lane) };
    case 'store': return { ...s, to: placeOf(s.to, registers, lane), value: perLaneExpr(s.value, registers, lane) };
    case 'fold': return { ...s, into: s.into.map((p) => placeOf(p, registers, lane)), values: s.values.map((e) => perLaneExpr(e, registers, lane)) };
    default: return s;
  }
};

/** locals of one run of plain statements that another reads */
const neededElsewhere = (block: Block): ReadonlySet<string> => {
  const home = new Map<string, number>(), needed = new Set<string>();
  let run = 0;
  const visit = (stmts: Block): void => {
    run++;
    for (const s of stmts) {
      for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'local' && home.has(x.local) && home.get(x.local) !== run) needed.add(x.local); });
      if (s.kind === 'let') home.set(s.local, run);
      if (s.kind === 'for' || s.kind === 'block') { visit(s.body); run++; }
    }
  };
  visit(block);
  return needed;
};
