import { byteSize } from '../../core/dtype.ts';
import type { BufferId, Program, Step } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { memoryOf } from '../../ir/loop/aliases.ts';

const alignment = 16;
const align = (n: number): number => Math.ceil(n / alignment) * alignment;

/** A temporary's bytes, and the first and the last moment that it is used. */
export interface Lifetime { readonly buffer: BufferId; readonly bytes: number; readonly from: number; readonly to: number }

/**
 * Places the temporaries in one arena. Two share bytes only if one is dead before the other is written: also the operand
 * of the step that writes the other is not dead. Largest first, each at the lowest offset that is free for its whole life.
 */
export const planMemory = (program: Program, target: Target): Program => {
  const offsets = new Map<BufferId, number>(), placed: (Lifetime & { readonly offset: number })[] = [];
  const bySize = [...lifetimes(program, target)].sort((a, b) => b.bytes - a.bytes || a.from - b.from || (a.buffer < b.buffer ? -1 : 1));
  let bytes = 0;
  for (const life of bySize) {
    let offset = 0;
    // those that live at the same time, by their offsets
    for (const other of placed) {
      if (other.from > life.to || life.from > other.to) continue;
      if (offset + life.bytes <= other.offset) break;
      offset = Math.max(offset, align(other.offset + other.bytes));
    }
    placed.splice(firstFrom(placed, offset), 0, { ...life, offset });
    offsets.set(life.buffer, offset);
    bytes = Math.max(bytes, align(offset + life.bytes));
  }
  return { ...program, arena: { bytes, offsets } };
};

/** where in a list by offsets one of this offset stands first */
const firstFrom = (placed: readonly { readonly offset: number }[], offset: number): number => {
  let low = 0, high = placed.length;
  while (low < high) { const middle = (low + high) >> 1; if (placed[middle].offset < offset) low = middle + 1; else high = middle; }
  return low;
};

/**
 * The lives of the temporaries that have memory of their own. Moments are steps; with several threads they are what lies
 * between two barriers, for there every step may run at any time.
 */
export const lifetimes = (program: Program, target: Target): readonly Lifetime[] => {
  const first = new Map<BufferId, number>(), last = new Map<BufferId, number>();
  let moment = 0;
  for (const step of program.steps) {
    if (target.blocks === undefined || step.kind === 'barrier') moment++;
    for (const name of namesIn(step)) {
      const id = memoryOf(program, name);
      if (!first.has(id)) first.set(id, moment);
      last.set(id, moment);
    }
  }
  return [...program.buffers].flatMap(([buffer, { role, sameAs, dtype, layout }]) => (role !== 'temporary' || sameAs !== undefined ? []
    // what no step names still has a place: the verifier asks for one
    : [{ buffer, bytes: layout.size * byteSize[dtype], from: first.get(buffer) ?? 0, to: last.get(buffer) ?? 0 }]));
};

/** the buffers a step touches; all of a loop's or branch's live through the whole of it */
const namesIn = (step: Step): readonly BufferId[] => {
  switch (step.kind) {
    case 'run': return step.args;
    case 'barrier': return [];
    case 'loop': return [...(step.while === undefined ? [] : [step.while]), ...step.body.flatMap(namesIn)];
    case 'branch': return [step.on, ...step.cases.flatMap((c) => c.flatMap(namesIn))];
  }
};
