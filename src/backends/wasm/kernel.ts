import { constantOf, range, type AxisId, type Index, type Range } from '../../core/affine.ts';
import { byteSize, isFloat, isHalf, type Computed } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Block, BufferId, Expr, Place, Stmt } from '../../ir/loop/syntax.ts';
import { writtenIn } from '../../ir/loop/visit.ts';
import { monoidRow, type MonoidName } from '../../ir/monoids.ts';
import { branchIf, f32x4, f64x2, get, i32, i32x4, loop, set, tee, v128, when, type Code, type Local } from './code.ts';
import { firstExtremes, foldState, laterExtremes, mergeLanes, mergeScalar, type Cell } from './folds.ts';
import { give, givenTo, knownPosition } from './given.ts';
import { outlined } from './outline.ts';
import { narrowed } from './halves.ts';
import { comesTogether, lanesFor, wishesOf } from './lanes.ts';
import { once, typeOf } from './spell.ts';
import { acrossLanes, cellOf, guardCode, knownLanes, laneOf, lanes, numberOf, replaced, scalar, storeCode, vectorCell, whole } from './values.ts';
import { addressOf, bind, dtypeOf, forgetLoads, heldOf, hold, inLane, inLanes, integer, openScope, perVector, put, standing, storedAs, truth, within, type Writer } from './writer.ts';

/** Statements as code. The block that a statement stands in tells in which form its value is wanted. */
export const writeBlock = (w: Writer, block: Block): void => {
  const used = w.scratch.used, undo: (() => void)[] = [];
  for (const s of block) {
    if (s.kind === 'let') undo.push(hiding(w.values, s.local));
    if (s.kind === 'alloc') undo.push(hiding(w.memory, s.buffer));
    writeStmt(w, s, block);
  }
  w.scratch.used = used;
  for (const back of undo.reverse()) back();
};
/** puts back what a name stood for */
const hiding = <K, V>(map: Map<K, V>, name: K): (() => void) => {
  const before = map.get(name);
  return () => { if (before === undefined) map.delete(name); else map.set(name, before); };
};

export const writeStmt = (w: Writer, s: Stmt, block: Block): void => {
  switch (s.kind) {
    case 'let': return writeLet(w, s, block);
    case 'alloc': return writeAlloc(w, s, block);
    case 'store': {
      const known = inLanes(w) ? knownLanes(w, s.guard) : undefined;
      if (known !== undefined) return writeStore(w, s.to, s.value, known);
      return guarded(w, s.guard.length === 0 ? undefined : () => guardCode(w, s.guard), () => writeStore(w, s.to, s.value));
    }
    case 'fold': return writeFold(w, s);
    case 'for': return writeFor(w, s);
    case 'if': {
      const test = scalar(w, s.test), changed = writtenIn([s]);
      const then = within(w, openScope(), () => writeBlock(w, s.then)), otherwise = within(w, openScope(), () => writeBlock(w, s.else));
      forgetLoads(w, changed);
      return put(w, when(test, then.code, s.else.length > 0 ? otherwise.code : undefined));
    }
    case 'block': return s.outline === undefined ? writeBlock(w, s.body) : outlined(w, s.outline, s.body, writeBlock);
    case 'contract': invariant(false, 'a contraction that was not tiled');
  }
};
const guarded = (w: Writer, test: (() => Code) | undefined, body: () => void): void => {
  if (test === undefined) return body();
  const code = test();
  put(w, when(code, within(w, openScope(), body).code));
};

const writeLet = (w: Writer, { local, value }: Extract<Stmt, { kind: 'let' }>, block: Block): void => {
  const dtype = dtypeOf(w, value), type = typeOf(dtype), depth = w.scopes.length - 1;
  const range = dtype === 'i32' || dtype === 'u32' ? integerRange(w, value) : anywhere;
  if (inLanes(w)) { w.values.set(local, { dtype, depth, range, lanes: hold(w, 'v128', lanes(w, value)) }); return; }
  const wishes = wishesOf(block), alone = wishes.alone.has(local), together = wishes.together.has(local);
  // equal lanes are loaded as quickly as one number
  if (together && !alone) { w.values.set(local, { dtype, depth, range, splat: hold(w, 'v128', lanes(w, value)) }); return; }
  const single = hold(w, type, scalar(w, value));
  w.values.set(local, { dtype, depth, range, scalar: single });
  if (!together) return;
  w.values.set(local, { dtype, depth, range, scalar: single, splat: hold(w, 'v128', lanes(w, { kind: 'local', local })) });
};
const anywhere: Range = { lo: -Infinity, hi: Infinity };
const integerRange = (w: Writer, e: Expr): Range => (e.kind === 'const' ? { lo: e.value, hi: e.value } : e.kind === 'index' ? range(e.index, w.bounds) : anywhere);

const writeAlloc = (w: Writer, { buffer, space, dtype, shape }: Extract<Stmt, { kind: 'alloc' }>, block: Block): void => {
  if (space === 'scratch') {
    const bytes = shape.reduce((a, b) => a * b, byteSize[dtype]);
    w.memory.set(buffer, { at: 'scratch', dtype, shape, offset: w.scratch.used });
    w.scratch.used += Math.ceil(bytes / 64) * 64;
    w.scratch.most = Math.max(w.scratch.most, w.scratch.used);
    return;
  }
  const last = shape.at(-1) ?? 1, each = perVector(dtype), packed = wishesOf(block).packed.has(buffer) ? last - (last % each) : 0, cells = new Map<number, Local>();
  const all = shape.reduce((a, b) => a * b, 1);
  for (let row = 0; row < all; row += last) {
    for (let i = 0; i < packed; i += each) cells.set(row + i, w.fn.local('v128'));
    for (let i = packed; i < last; i++) cells.set(row + i, w.fn.local(typeOf(dtype)));
  }
  w.memory.set(buffer, { at: 'register', dtype, shape, cells, packed, lost: extremes(w, cells, dtype, shape, block, buffer), given: new Map() });
};

/** a companion for each vector that a maximum or minimum of floats is folded into; one for all of them where all become one number */
const extremes = (w: Writer, cells: ReadonlyMap<number, Local>, dtype: Computed, shape: readonly number[], block: Block, buffer: BufferId): Map<Local, Local> => {
  if (!isFloat(dtype) || !wishesOf(block).extremes.has(buffer)) return new Map<Local, Local>();
  const shared = shape.length === 1 && comesTogether(block, buffer, shape[0]) ? w.fn.local('v128') : undefined;
  return new Map([...cells.values()].filter((c) => c.type === 'v128').map((c) => [c, shared ?? w.fn.local('v128')]));
};

// ---- Stores and folds

/** `existing`: which lanes there are, all if it is left out */
const writeStore = (w: Writer, to: Place, value: Expr, existing?: readonly boolean[]): void => {
  if (!inLanes(w)) { const code = scalar(w, value); cellAt(w, to).write(code); return; }
  if (existing?.includes(true) === false) return;
  storeLanes(w, to, lanes(w, value), existing);
  if (value.kind === 'const' && existing?.includes(false) !== true) give(w, to, value.value);
};
/** one element of memory, or one number of a register */
const cellAt = (w: Writer, place: Place): Cell => {
  const held = heldOf(w, place.buffer), { dtype } = held;
  if (held.at === 'register') {
    const { cell, lane } = cellOf(w, held, place);
    if (lane === undefined) return { read: () => get(cell), write: (value) => put(w, set(cell, value)) };
    return { read: () => numberOf(dtype, whole(held, cell), lane), write: (value) => { const x = hold(w, typeOf(dtype), value); put(w, set(cell, replaced(dtype, get(cell), lane, get(x)))); held.given.delete(cell); } };
  }
  const address = addressOf(w, place);
  invariant(address !== undefined && address.step === 0, 'a place that differs from lane to lane');
  return {
    read: () => scalar(w, { kind: 'load', from: place, guard: [], other: { kind: 'const', dtype, value: 0 } }),
    write: (value) => { put(w, storeCode(w, storedAs(held), address.base, address.offset, value)); forgetLoads(w, new Set([place.buffer])); },
  };
};

const storeLanes = (w: Writer, to: Place, value: Code, existing?: readonly boolean[]): void => {
  const held = heldOf(w, to.buffer), { dtype } = held, stored = storedAs(held), whole = existing?.includes(false) !== true;
  if (whole && held.at === 'register') {
    const vector = vectorCell(w, held, to);
    if (vector !== undefined) {
      const lost = held.lost.get(vector);
      put(w, set(vector, value), lost === undefined ? [] : set(lost, i32x4.all(0)));
      held.given.delete(vector);
      return;
    }
  } else if (whole && held.at !== 'register') {
    const address = addressOf(w, to);
    if (address?.step === 1 && (dtype !== 'bool' || w.count === 4)) {
      if (isHalf(stored)) put(w, (w.count === 2 ? v128.store32Lane : v128.store64Lane)(address.base, narrowed(w.fn, stored, w.count === 2 ? once(w, value) : value), 0, address.offset));
      else if (w.count !== perVector(dtype)) put(w, v128.store64Lane(address.base, once(w, value), 0, address.offset));
      else if (dtype === 'bool') put(w, v128.store32Lane(address.base, v128.and(i32x4.toBytes(value), i32x4.all(0x01010101)), 0, address.offset));
      else put(w, v128.store(address.base, value, address.offset));
      forgetLoads(w, new Set([to.buffer]));
      return;
    }
  }
  const all = hold(w, 'v128', value);
  for (let lane = 0; lane < w.count; lane++) if (existing?.[lane] !== false) inLane(w, lane, () => cellAt(w, to).write(laneOf(w, dtype, get(all), lane)));
};

const writeFold = (w: Writer, { into, monoid, values }: Extract<Stmt, { kind: 'fold' }>): void => {
  const [place] = into, dtype = heldOf(w, place.buffer).dtype;
  if (monoidRow(monoid).state > 1) {
    const positioned = monoid === 'argMax' || monoid === 'argMin', merged = values.length === monoidRow(monoid).state && !(positioned && values[1].kind === 'index');
    if (positioned && inLanes(w)) return foldPositions(w, monoid, dtype, into, values);
    const held = values.map((v, i) => hold(w, positioned && i === 1 ? 'i32' : typeOf(dtype), scalar(w, v)));
    return foldState(w, monoid, dtype, into.map((p) => cellAt(w, p)), held, merged);
  }
  if (!inLanes(w)) { const value = scalar(w, values[0]), cell = cellAt(w, place); cell.write(mergeScalar(w, monoid, dtype, cell.read(), value)); return; }
  const varies = place.at.some((index) => standing(w, index)?.step !== 0);
  if (!varies) {
    const value = acrossLanes(w, dtype, lanes(w, values[0]), (a, b) => mergeScalar(w, monoid, dtype, a, b)), cell = cellAt(w, place);
    cell.write(mergeScalar(w, monoid, dtype, cell.read(), value));
    return;
  }
  if (foldExtreme(w, monoid, place, values[0])) return;
  const state = lanes(w, { kind: 'load', from: place, guard: [], other: { kind: 'const', dtype, value: 0 } }), value = lanes(w, values[0]), merged = mergeLanes(monoid, dtype, state, value);
  invariant(merged !== undefined, `${monoid} has no lanes`);
  storeLanes(w, place, merged);
};

const foldPositions = (w: Writer, monoid: 'argMax' | 'argMin', dtype: Computed, into: readonly Place[], values: readonly Expr[]): void => {
  const last = givenTo(w, into[1]), next = knownPosition(w, values[1]), isLater = last !== undefined && next !== undefined && last < next, isFirst = isLater && last < 0;
  const [best, at] = into.map((from, i) => hold(w, 'v128', lanes(w, { kind: 'load', from, guard: [], other: { kind: 'const', dtype: i === 1 ? 'i32' : dtype, value: 0 } })));
  const state = values.map((v) => hold(w, 'v128', lanes(w, v))), wins = isFirst ? undefined : hold(w, 'v128', (isLater ? laterExtremes : firstExtremes)(monoid, dtype, [best, at], state));
  [best, at].forEach((before, i) => { storeLanes(w, into[i], wins === undefined ? get(state[i]) : v128.bitselect(get(state[i]), get(before), get(wins))); });
  if (isLater) give(w, into[1], next);
};
const foldExtreme = (w: Writer, monoid: MonoidName, place: Place, value: Expr): boolean => {
  const held = heldOf(w, place.buffer), vector = held.at === 'register' ? vectorCell(w, held, place) : undefined, lost = held.at === 'register' && vector !== undefined ? held.lost.get(vector) : undefined;
  if ((monoid !== 'max' && monoid !== 'min') || vector === undefined || lost === undefined) return false;
  const x = get(hold(w, 'v128', lanes(w, value))), floats = held.dtype === 'f64' ? f64x2 : f32x4;
  put(w, set(vector, (monoid === 'max' ? floats.pmax : floats.pmin)(get(vector), x)), set(lost, v128.or(get(lost), floats.ne(x, x))));
  return true;
};

// ---- Loops

const writeFor = (w: Writer, s: Extract<Stmt, { kind: 'for' }>): void => {
  const { axis, extent, mode, body } = s, count = constantOf(extent);
  if (mode.at === 'vector' || mode.at === 'unroll') {
    invariant(count !== undefined, `the ${mode.at} loop over ${axis} has no constant extent`);
    return mode.at === 'unroll' ? unrolled(w, axis, count, mode.fence, body) : vector(w, axis, count, body);
  }
  if (count === 0) return;
  if (count === 1 && mode.at !== 'grid') return bind(w, axis, { kind: 'fixed', value: 0 }, () => writeBlock(w, body));
  writeLoop(w, axis, extent, body);
};
/** every `fence` copies a new basic block begins, behind a test that always holds: loads are not moved above it */
const unrolled = (w: Writer, axis: AxisId, count: number, fence: number | undefined, body: Block): void => {
  const step = fence ?? Math.max(count, 1);
  for (let from = 0; from < count; from += step) {
    const copies = (): void => { for (let i = from; i < Math.min(count, from + step); i++) bind(w, axis, { kind: 'fixed', value: i, of: count }, () => writeBlock(w, body)); };
    if (from === 0) copies();
    else put(w, when(truth(w), within(w, openScope(), copies).code));
  }
};
const vector = (w: Writer, axis: AxisId, count: number, body: Block): void => {
  const width = inLanes(w) ? undefined : lanesFor(w, body, axis), whole = width === undefined ? 0 : count - (count % width);
  if (width !== undefined) {
    w.count = width;
    for (let from = 0; from < whole; from += width) bind(w, axis, { kind: 'lanes', from, width }, () => writeBlock(w, body));
    w.count = 4;
  }
  for (let i = whole; i < count; i++) bind(w, axis, { kind: 'fixed', value: i }, () => writeBlock(w, body));
};

/** a thread's iterations of a loop */
export interface Share { readonly from: Local; readonly to: Local }
/** All iterations, or those of a share. */
export const writeLoop = (w: Writer, axis: AxisId, extent: Index, body: Block, share?: Share): void => {
  forgetLoads(w, writtenIn(body));
  const { lo, hi } = range(extent, w.bounds), limit = share === undefined ? constantOf(extent) : undefined;
  const n = share?.to ?? (limit === undefined ? hold(w, 'i32', integer(w, extent)) : undefined), from = share === undefined ? i32.const(0) : get(share.from);
  const scope = openScope(axis, share?.from);
  bind(w, axis, { kind: 'loop', depth: w.scopes.length, range: { lo: 0, hi: Math.max(0, hi - 1) } }, () => within(w, scope, () => writeBlock(w, body)));
  const count = n === undefined ? i32.const(limit ?? 0) : get(n), [first, ...others] = scope.moving.filter((m) => m.by !== 0);
  const advance = (m: { readonly pointer: Local; readonly by: number }): Code => i32.add(get(m.pointer), i32.const(m.by));
  const run = (): readonly Code[] => {
    if (scope.counter !== undefined || first === undefined) {
      const counter = scope.counter ?? w.fn.local('i32'), moved = scope.moving.map((m) => set(m.pointer, advance(m)));
      return [set(counter, from), loop(scope.code, moved, branchIf(0, i32.ltS(tee(counter, i32.add(get(counter), i32.const(1))), count)))];
    }
    // nothing reads the counter: a pointer says when the loop ends
    const end = w.fn.local('i32');
    return [set(end, i32.add(get(first.pointer), limit === undefined ? i32.mul(share === undefined ? count : i32.sub(count, from), i32.const(first.by)) : i32.const(limit * first.by))),
      loop(scope.code, others.map((m) => set(m.pointer, advance(m))), branchIf(0, i32.ne(tee(first.pointer, advance(first)), get(end))))];
  };
  put(w, share === undefined && lo >= 1 ? run() : when(i32.gtS(count, from), run()));
};
