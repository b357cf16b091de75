import { byteSize } from '../../core/dtype.ts';
import type { BufferId, Program } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { buffersOf, memoryOf } from '../../ir/loop/aliases.ts';

const alignment = 16;
const align = (n: number): number => Math.ceil(n / alignment) * alignment;

/** A temporary's bytes, and the first and the last moment that it is used. */
export interface Lifetime { readonly buffer: BufferId; readonly bytes: number; readonly from: number; readonly to: number }

/**
 * Places the temporaries in one arena. Two share bytes only if one is dead before the other is written: also the operand
 * of the step that writes the other is not dead. Largest first, each at the lowest offset that is free for its whole life.
 */
export const planMemory = (program: Program, target: Target): Program => {
  const offsets = new Map<BufferId, number>();
  const bySize = [...lifetimes(program, target)].sort((a, b) => b.bytes - a.bytes || a.from - b.from || (a.buffer < b.buffer ? -1 : 1)), shelf = createShelf(bySize.length);
  let bytes = 0;
  for (const life of bySize) {
    const offset = shelf.place(life);
    offsets.set(life.buffer, offset);
    bytes = Math.max(bytes, align(offset + life.bytes));
  }
  return { ...program, arena: { bytes, offsets } };
};

/** What is placed, by offset; in arrays of numbers, for each of thousands of temporaries is compared with all before it. */
const createShelf = (most: number): { readonly place: (life: Lifetime) => number } => {
  const [from, to, start, end] = Array.from({ length: 4 }, () => new Float64Array(most));
  let count = 0;
  const insert = (life: Lifetime, offset: number): void => {
    let at = count;
    while (at > 0 && start[at - 1] >= offset) at--;
    for (const column of [from, to, start, end]) column.copyWithin(at + 1, at, count);
    [from[at], to[at], start[at], end[at]] = [life.from, life.to, offset, align(offset + life.bytes)];
    count++;
  };
  return { place: (life) => {
    let offset = 0;
    for (let i = 0; i < count; i++) {
      if (from[i] > life.to || life.from > to[i]) continue;
      if (offset + life.bytes <= start[i]) break;
      offset = Math.max(offset, end[i]);
    }
    insert(life, offset);
    return offset;
  } };
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
    for (const name of buffersOf(step)) {
      const id = memoryOf(program, name);
      if (!first.has(id)) first.set(id, moment);
      last.set(id, moment);
    }
  }
  return [...program.buffers].flatMap(([buffer, { role, sameAs, dtype, layout }]) => (role !== 'temporary' || sameAs !== undefined ? []
    // what no step names still has a place: the verifier asks for one
    : [{ buffer, bytes: layout.size * byteSize[dtype], from: first.get(buffer) ?? 0, to: last.get(buffer) ?? 0 }]));
};
