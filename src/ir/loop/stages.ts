import { constantOf, equalIndex, add, axis as ofAxis, leaves, scale, showIndex } from '../../core/affine.ts';
import type { AxisId, Index } from '../../core/affine.ts';
import type { Block, BufferId, Expr, Kernel, Mode, Place, Stage, Stmt } from './syntax.ts';

/*
 * What each stage of the loop IR adds to or takes from the language:
 *   naive      no grid, vector or unrolled loop
 *   scheduled  grid loops, only around everything else
 *   tiled      no contract; register arrays indexed only by constants and unrolled or vector axes
 *   flat       tiled, and one grid axis around one store at exactly that axis (or at 4 times it and a vector axis of
 *              4), no scratch, at most 7 parameters: what a fragment shader can do
 */
type Say = (message: string) => void;

interface Surroundings {
  readonly modes: ReadonlyMap<AxisId, Mode['at']>;
  /** inside a loop that is no grid, a test or a scope */
  readonly nested: boolean;
  readonly registers: Set<BufferId>;
}

/** What the stage forbids and the kernel does. */
export const stageFindings = (kernel: Kernel, stage: Stage): readonly string[] => {
  const found: string[] = [];
  const say: Say = (message) => void found.push(`kernel ${kernel.name} (${stage}): ${message}`);
  block(kernel.body, { modes: new Map(), nested: false, registers: new Set() }, stage, say);
  if (stage === 'flat') flat(kernel, say);
  return found;
};

const block = (stmts: Block, s: Surroundings, stage: Stage, say: Say): void => {
  const inner = { ...s, registers: new Set(s.registers) };
  for (const stmt of stmts) statement(stmt, inner, stage, say);
};

const statement = (stmt: Stmt, s: Surroundings, stage: Stage, say: Say): void => {
  if (stage === 'tiled' || stage === 'flat') registers(stmt, s, say);
  switch (stmt.kind) {
    case 'for': {
      loop(stmt, s, stage, say);
      const modes = new Map(s.modes).set(stmt.axis, stmt.mode.at);
      return block(stmt.body, { ...s, modes, nested: s.nested || stmt.mode.at !== 'grid' }, stage, say);
    }
    case 'alloc': {
      if (stmt.space === 'register') s.registers.add(stmt.buffer);
      if (stmt.space === 'scratch' && stage === 'flat') say(`scratch ${stmt.buffer}`);
      return;
    }
    case 'if': return block(stmt.then, { ...s, nested: true }, stage, say), block(stmt.else, { ...s, nested: true }, stage, say);
    case 'block': return block(stmt.body, { ...s, nested: true }, stage, say);
    case 'contract': {
      if (stage === 'tiled' || stage === 'flat') say('a contraction');
      return block(stmt.then, { ...s, nested: true }, stage, say);
    }
    case 'let': case 'store': case 'fold': return;
  }
};

const loop = ({ axis, extent, mode }: Extract<Stmt, { kind: 'for' }>, s: Surroundings, stage: Stage, say: Say): void => {
  const natural = (n: number | undefined): boolean => n === undefined || (Number.isInteger(n) && n > 0);
  if (stage === 'naive' && mode.at !== 'serial') say(`the ${mode.at} loop over ${axis}`);
  if (mode.at === 'grid' && s.nested) say(`the grid loop over ${axis} stands inside another loop, test or scope`);
  if (mode.at === 'grid' && !natural(mode.grain)) say(`a grain of ${mode.grain}`);
  if (mode.at === 'unroll' && !natural(mode.fence)) say(`a fence of ${mode.fence}`);
  if ((mode.at === 'unroll' || mode.at === 'vector') && constantOf(extent) === undefined) say(`the ${mode.at} loop over ${axis} has no constant extent`);
};

// ---- Registers

const placesIn = (expr: Expr): readonly Place[] => {
  switch (expr.kind) {
    case 'load': return [expr.from, ...placesIn(expr.other)];
    case 'apply': return expr.args.flatMap(placesIn);
    case 'const': case 'index': case 'guard': case 'local': return [];
  }
};
/** the places that the statement itself mentions, without those of the statements inside it */
const ownPlaces = (stmt: Stmt): readonly Place[] => {
  switch (stmt.kind) {
    case 'let': return placesIn(stmt.value);
    case 'store': return [stmt.to, ...placesIn(stmt.value)];
    case 'fold': return [...stmt.into, ...stmt.values.flatMap(placesIn)];
    case 'if': return placesIn(stmt.test);
    case 'contract': return [stmt.a, stmt.b, ...(stmt.init === undefined ? [] : [stmt.init])].flatMap(placesIn);
    case 'for': case 'alloc': case 'block': return [];
  }
};
const known = (index: Index, s: Surroundings): boolean => leaves(index).every((leaf) => {
  const at = leaf.kind === 'axis' ? s.modes.get(leaf.axis) : undefined;
  return at === 'unroll' || at === 'vector';
});
const registers = (stmt: Stmt, s: Surroundings, say: Say): void => {
  for (const { buffer, at } of ownPlaces(stmt)) {
    const odd = s.registers.has(buffer) ? at.find((index) => !known(index, s)) : undefined;
    if (odd !== undefined) say(`register ${buffer}[${showIndex(odd)}] is indexed by what is known only at run time`);
  }
};

// ---- Flat

const flat = (kernel: Kernel, say: Say): void => {
  if (kernel.params.length > 7) say(`${kernel.params.length} buffers, of at most 7`);
  const written = kernel.params.filter((p) => p.access !== 'read');
  if (written.length !== 1 || written[0].access !== 'write') say('exactly one parameter must be written, and only written');
  const [grid, ...more] = kernel.body;
  if (more.length > 0 || grid?.kind !== 'for' || grid.mode.at !== 'grid') return say('the body is not one grid loop');
  const outputs = new Set(written.map((p) => p.name));
  const stores = storesTo(grid.body, outputs, []);
  if (stores.length !== 1) return say(`${stores.length} stores, not one`);
  const [{ place, guarded, axes }] = stores;
  if (guarded) say(`the store to ${place.buffer} is conditional`);
  if (!atGrid(place, grid.axis, axes)) say(`the store to ${place.buffer}[${place.at.map(showIndex).join(', ')}] is not at ${grid.axis}, nor at 4*${grid.axis} and a vector axis of 4`);
};

interface Found { readonly place: Place; readonly guarded: boolean; readonly axes: readonly Extract<Stmt, { kind: 'for' }>[] }
const storesTo = (stmts: Block, outputs: ReadonlySet<BufferId>, axes: Found['axes']): readonly Found[] => stmts.flatMap((stmt) => {
  switch (stmt.kind) {
    case 'for': return storesTo(stmt.body, outputs, [...axes, stmt]);
    case 'block': return storesTo(stmt.body, outputs, axes);
    case 'if': return [...storesTo(stmt.then, outputs, axes), ...storesTo(stmt.else, outputs, axes)].map((f) => ({ ...f, guarded: true }));
    case 'contract': return storesTo(stmt.then, outputs, axes);
    case 'store': return outputs.has(stmt.to.buffer) ? [{ place: stmt.to, guarded: stmt.guard.length > 0, axes }] : [];
    case 'fold': return stmt.into.filter((p) => outputs.has(p.buffer)).map((place) => ({ place, guarded: false, axes }));
    case 'let': case 'alloc': return [];
  }
});

const atGrid = ({ at }: Place, grid: AxisId, axes: Found['axes']): boolean => {
  if (at.length !== 1) return false;
  if (axes.length === 0) return equalIndex(at[0], ofAxis(grid));
  const [{ axis, extent, mode }, ...more] = axes;
  const vector = more.length === 0 && mode.at === 'vector' && constantOf(extent) === 4;
  return vector && equalIndex(at[0], add(scale(ofAxis(grid), 4), ofAxis(axis)));
};
