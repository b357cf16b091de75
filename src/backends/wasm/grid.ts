import { constantOf, type Index } from '../../core/affine.ts';
import { memoryOf } from '../../ir/loop/aliases.ts';
import type { BufferId, Kernel, Program, Step, Stmt } from '../../ir/loop/syntax.ts';
import { localsIn, readIn, writtenIn } from '../../ir/loop/visit.ts';
import { get, i32, select, when, type Code, type Local } from './code.ts';
import { writeLoop, writeStmt, type Share } from './kernel.ts';
import { forgetLoads, hold, integer, openScope, put, within, type Writer } from './writer.ts';

/*
 * Kernels for several threads. A grid loop is divided by units of `grain` iterations, the same way for each loop, so that
 * loops of equal units are divided equally; grid loops inside it are not. What grid loops need of the statements beside
 * them each thread computes for itself; the rest is the first thread's.
 */
export interface Threads { readonly thread: () => Code; readonly threads: () => Code }

type Loop = Extract<Stmt, { kind: 'for' }>;
const isGrid = (s: Stmt): s is Loop => s.kind === 'for' && s.mode.at === 'grid';

/** Whether there are loops to divide. Where there are, steps meet at a barrier wherever one needs what another thread did. */
export const isScheduled = (program: Program): boolean => [...program.kernels.values()].some((k) => k.body.some(isGrid));

export const writeShared = (w: Writer, kernel: Kernel, own: Threads): void => {
  const needed = neededByGrids(kernel);
  kernel.body.forEach((s) => {
    if (isGrid(s)) return s.mode.at === 'grid' ? writeLoop(w, s.axis, s.extent, s.body, shareOf(w, s.extent, s.mode.grain, own)) : undefined;
    if (forAll(s, needed)) return writeStmt(w, s, kernel.body);
    const alone = within(w, openScope(), () => writeStmt(w, s, kernel.body));
    forgetLoads(w, writtenIn([s]));
    return put(w, when(i32.eqz(own.thread()), alone.code));
  });
};
/** values cost nothing and places no code, and others of the first thread may want them */
const forAll = (s: Stmt, needed: ReadonlySet<Stmt>): boolean => s.kind === 'let' || s.kind === 'alloc' || needed.has(s);

/** the statements beside grid loops that these depend on */
const known = new WeakMap<Kernel, ReadonlySet<Stmt>>();
const neededByGrids = (kernel: Kernel): ReadonlySet<Stmt> => {
  const before = known.get(kernel);
  if (before !== undefined) return before;
  const needed = new Set<Stmt>(), wanted = new Set<string>(), mine = new Set(kernel.params.map((p) => p.name));
  for (const s of [...kernel.body].reverse()) {
    const gives = s.kind === 'let' ? [s.local] : [...writtenIn([s])].filter((b) => !mine.has(b));
    if (!isGrid(s) && !gives.some((name) => wanted.has(name))) continue;
    if (!isGrid(s)) needed.add(s);
    for (const name of [...localsIn([s]), ...readIn([s])]) wanted.add(name);
  }
  known.set(kernel, needed);
  return needed;
};

/** Of U units of work for T threads each gets U / T, and of the rest, from the last thread backward, one each. */
const shareOf = (w: Writer, extent: Index, grain: number, { thread, threads }: Threads): Share => {
  const count = constantOf(extent), held = (code: Code): Local => hold(w, 'i32', code), n = count === undefined ? held(integer(w, extent)) : undefined;
  const all = n === undefined ? i32.const(count ?? 0) : get(n);
  const units = n === undefined ? i32.const(Math.ceil((count ?? 0) / grain)) : get(held(grain === 1 ? all : i32.divU(i32.add(all, i32.const(grain - 1)), i32.const(grain))));
  const each = held(i32.divU(units, threads())), ahead = held(i32.sub(i32.add(thread(), i32.remU(units, threads())), threads()));
  const more = i32.gtS(get(ahead), i32.const(0)), first = held(i32.add(i32.mul(thread(), get(each)), select(more, get(ahead), i32.const(0))));
  const next = i32.add(i32.add(get(first), get(each)), i32.geS(get(ahead), i32.const(0))), end = held(i32.mul(next, i32.const(grain)));
  return { from: held(i32.mul(get(first), i32.const(grain))), to: held(select(i32.ltS(get(end), all), get(end), all)) };
};

/**
 * How a kernel is run by several threads: `shared` among them; by the first alone (`alone`), where it has no grid loop; or
 * by the first alone while the others wait (`apart`), where statements beside its grid loops touch what these write, or
 * store what these need.
 */
export type Division = 'shared' | 'alone' | 'apart';

export const divisionOf = (program: Program, kernel: Kernel): Division => {
  if (!kernel.body.some(isGrid)) return 'alone';
  const same = sameMemory(program, kernel), meet = (a: ReadonlySet<BufferId>, b: ReadonlySet<BufferId>): boolean => [...a].some((x) => [...b].some((y) => same(x, y)));
  const grids = kernel.body.filter(isGrid), needed = [...neededByGrids(kernel)], firsts = kernel.body.filter((s) => !isGrid(s) && !needed.includes(s));
  const mine = new Set(kernel.params.map((p) => p.name)), written = writtenIn(grids), stored = new Set([...writtenIn(firsts)].filter((b) => mine.has(b)));
  const apart = meet(writtenIn(needed), mine) || meet(written, readIn(needed)) || meet(stored, readIn(needed))
    || meet(written, readIn(firsts)) || meet(written, stored) || meet(stored, readIn(grids));
  return apart ? 'apart' : 'shared';
};

/** whether some step hands the kernel one memory as both */
const sameMemory = (program: Program, { name, params }: Kernel): ((a: BufferId, b: BufferId) => boolean) => {
  const memories: (ReadonlyMap<BufferId, BufferId>)[] = [];
  const see = (step: Step): void => {
    switch (step.kind) {
      case 'barrier': return;
      case 'loop': return step.body.forEach(see);
      case 'branch': return step.cases.forEach((steps) => steps.forEach(see));
      case 'run': if (step.kernel === name) memories.push(new Map(params.map((p, i) => [p.name, memoryOf(program, step.args[i])])));
    }
  };
  program.steps.forEach(see);
  return (a, b) => a === b || memories.some((m) => m.has(a) && m.get(a) === m.get(b));
};
