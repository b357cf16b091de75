import { atomic, block, branch, branchIf, drop, get, i32, i64, loop, set, tee, trap, when } from './code.ts';
import { control, lost } from './control.ts';
import type { Fn, ModuleWriter } from './module.ts';

/** loads before a thread sleeps: a few times what threads are usually apart; to wake it takes as long as fifty thousand */
const spins = 50_000;
/** how long a thread sleeps before it looks whether another one has failed, in nanoseconds */
const nap = 100_000_000n;

/**
 * barrier(words, threads, thread) returns when all threads have called it. It spins, then sleeps. Where a thread has
 * failed, and where the first one has slept longer than its patience, it traps.
 */
export const emitBarrier = (module: ModuleWriter): Fn => {
  const fn = module.fn('barrier'), [words, threads, thread] = [fn.param('i32'), fn.param('i32'), fn.param('i32')], [generation, spun, left] = [fn.local('i32'), fn.local('i32'), fn.local('i32')];
  const at = get(words), opened = i32.ne(atomic.load([at], control.generation), get(generation)), sleeps = i32.add(at, i32.const(control.generation));
  const open = [
    atomic.store([at, i32.const(0)], control.arrived),
    atomic.store([at, i32.add(get(generation), i32.const(1))], control.generation),
    when(atomic.load([at], control.sleepers), drop(atomic.notify([sleeps, i32.const(-1)]))),
  ];
  const impatient = [set(left, i32.sub(get(left), i32.const(1))), when(i32.eqz(get(left)), [atomic.store([at, i32.const(lost)], control.failed), trap])];
  const sleep = block(loop(
    branchIf(1, opened),
    when(atomic.load([at], control.failed), trap),
    when(i32.eq(atomic.wait([sleeps, get(generation), i64.const(nap)]), i32.const(2)), when(i32.eqz(get(thread)), impatient)),
    branch(0),
  ));
  const wait = block(loop(
    branchIf(1, opened),
    branchIf(0, i32.ltS(tee(spun, i32.add(get(spun), i32.const(1))), i32.const(spins))),
    set(left, atomic.load([at], control.patience)),
    drop(atomic.add([at, i32.const(1)], control.sleepers)),
    sleep,
    drop(atomic.add([at, i32.const(-1)], control.sleepers)),
  ));
  fn.finish([
    set(generation, atomic.load([at], control.generation)),
    when(i32.eq(atomic.add([at, i32.const(1)], control.arrived), i32.sub(get(threads), i32.const(1))), open, wait),
  ]);
  return fn;
};
