import type { Bindings } from '../../core/dim.ts';
import { count } from '../../ir/loop/counts.ts';
import type { Program } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { createChoice, type Choice } from './choice.ts';
import { control } from './control.ts';
import { wordsAt } from './driver.ts';
import type { WasmMemoryOf } from './memory.ts';
import type { WasmModule } from './platform.ts';
import { startPool, type Pool, type Run } from './pool.ts';
import type { StartWorker } from './workers.ts';

export interface ThreadOptions {
  readonly most: number;
  /** use them all wherever there is something to divide, not only where that is quicker */
  readonly always: boolean;
  readonly target: Target;
  readonly start: StartWorker;
  /** tenths of a second that the first thread waits for the others, beyond what the work may take */
  readonly naps: number;
}
/** The threads of one backend instance. They start when a program that is worth it runs again, or when one comes that is worth it once, and end a while after the last. */
export interface Threads {
  readonly most: number;
  readonly add: (program: Program, module: WasmModule, run: Run) => Threaded;
  readonly said: () => Readonly<Record<string, string>>;
}
/** A program that they can run. */
export interface Threaded {
  readonly run: (table: number, sizes: Bindings) => void;
  readonly dispose: () => void;
}

/** work below it is done before others are awake: nanoseconds at the target's own rates */
const least = 20_000;
/** work below it is worth no start of threads until it is done a second time: a start costs as much, on a core that compilers need too */
const leastOnce = 50_000_000;
/** pools that may fail before the backend keeps to one thread */
const mostFailures = 3;
/** how long threads stay when no program is left, in milliseconds */
const linger = 1000;
/** words of pools that have ended are used again only some pools later: their threads may still be on their way out */
const places = 4;

/** What outlives the backend: nothing in it leads back to it. */
interface Held { pool: Pool | undefined; ending: boolean; readonly programs: Map<number, Member> }
interface Member { readonly name: string; readonly module: WasmModule; readonly choices: Map<string, Sized> }
interface Sized { readonly work: number; readonly choice: Choice }

/** threads whose backend nobody holds any longer end with it */
const forgotten = new FinalizationRegistry<Held>((held) => held.pool?.end('the backend is gone'));
const endLater = (held: Held): void => {
  if (held.ending) return;
  held.ending = true;
  const timer: unknown = setTimeout(() => {
    held.ending = false;
    if (held.programs.size > 0) return;
    held.pool?.end('no program is left');
    held.pool = undefined;
  }, linger);
  // in Node a timer keeps the process from ending; in a page it is a number
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') timer.unref();
};

export const createThreads = (memory: WasmMemoryOf, { most, always, target, start, naps }: ThreadOptions): Threads => {
  const held: Held = { pool: undefined, ending: false, programs: new Map() }, blocks: number[] = [], failures: string[] = [];
  let started = 0, next = 1, words = 0;
  forgotten.register(memory, held);
  const work = (program: Program, sizes: Bindings): number => {
    const { operations, loadedBytes, storedBytes } = count(program, { ...Object.fromEntries(program.syms), ...sizes }), { cost } = target;
    return Math.max(operations / cost.operations, (loadedBytes + storedBytes) / cost.bytes);
  };
  const worthIt = (nanoseconds: number): boolean => always || nanoseconds >= least;
  const poolNow = (): Pool | undefined => {
    const why = held.pool?.ended();
    if (why !== undefined) { failures.push(why); held.pool = undefined; }
    if (held.pool !== undefined || failures.length >= mostFailures) return held.pool;
    words = blocks[started % places] ??= memory.take(control.bytes);
    started++;
    const pool = held.pool = startPool(memory.memory, words, most, start);
    for (const [id, { module }] of held.programs) pool.add(id, module);
    return pool;
  };
  const add: Threads['add'] = (program, module, run) => {
    const id = next++, { name } = program, choices = new Map<string, Sized>(), { syms } = program;
    const sizedFor = (sizes: Bindings): Sized => {
      const key = [...syms.keys()].map((sym) => sizes[sym]).join(), known = choices.get(key);
      if (known !== undefined) return known;
      const made = { work: work(program, sizes), choice: createChoice() };
      choices.set(key, made);
      return made;
    };
    const all = work(program, {}), worthEver = worthIt(all);
    let isKnown = always || all >= leastOnce;
    if (worthEver) {
      const pool = held.pool;
      held.programs.set(id, { name, module, choices });
      if (pool !== undefined) pool.add(id, module);
      else if (isKnown) poolNow();
    }
    const together = (pool: Pool, table: number, nanoseconds: number): void => {
      memory.words()[table / 4 + wordsAt] = words;
      // a hundred times what it should take alone: a thread that has died is told from one that is slow by nothing else
      pool.run({ id, name, run }, table, naps + Math.ceil(nanoseconds / 1e6));
    };
    return {
      run: (table, sizes) => {
        const sized = worthEver ? sizedFor(sizes) : undefined, pool = sized !== undefined && worthIt(sized.work) && (isKnown || held.pool !== undefined) ? poolNow() : undefined;
        isKnown = true;
        if (sized === undefined || pool === undefined || !pool.ready()) return run(table, 0, 1);
        if (always) return together(pool, table, sized.work);
        const way = sized.choice.next(), before = performance.now();
        if (way === 'alone') run(table, 0, 1);
        else together(pool, table, sized.work);
        sized.choice.ran((performance.now() - before) * 1e6);
      },
      dispose: () => {
        if (!held.programs.delete(id)) return;
        held.pool?.remove(id);
        if (held.programs.size === 0) endLater(held);
      },
    };
  };
  const said = (): Readonly<Record<string, string>> => {
    const alone = [...held.programs.values()].flatMap(({ name, choices }) => [...choices.values()].flatMap(({ choice }) => choice.slower().map((why) => `${name}: ${why}`)));
    const why = held.pool?.ended() ?? failures.at(-1), used = held.pool?.ready() === true ? most : 1;
    return {
      threads: `${used}`,
      ...(used === 1 && { oneThread: why ?? (held.pool !== undefined ? 'others are starting' : held.programs.size === 0 ? 'no program needs more' : 'none that needs more has run twice') }),
      ...(alone.length > 0 && { alone: alone.join('; ') }),
    };
  };
  return { most, add, said };
};
