import { Worker } from 'node:worker_threads';
import { branchIf, get, i32, loop, set, tee, type Code } from '../../../src/backends/wasm/code.ts';
import { atomics, block, drop, forever, plus, when, type HandModule, type Instance } from './module.ts';

/** Words of memory, by address: how many wait at the barrier, its generation, how many of them sleep; the call that workers take up, and which function it is. */
const barrierAt = 256, generation = 64, sleepers = 128, callAt = 512, chosenAt = 576, spins = 200_000;

/** Writes the barrier: whoever waits turns for a while, then sleeps. What it gives is the code of a meeting; of one thread it is none. */
export const barrier = ({ define }: HandModule, threads: number): Code => {
  if (threads === 1) return [];
  const meet = define('barrier', ['i32'], (fn, at) => {
    const seen = fn.local('i32'), turns = fn.local('i32'), passed = i32.ne(atomics.load(get(at), generation), get(seen)), word = plus(get(at), generation);
    const last: Code = [
      atomics.store(get(at), i32.const(0)), atomics.store(get(at), plus(get(seen), 1), generation),
      when(atomics.load(get(at), sleepers), drop(atomics.notify(word, i32.const(-1)))),
    ];
    const sleep: Code = [
      drop(atomics.add(get(at), i32.const(1), sleepers)),
      block(forever(branchIf(1, passed), drop(atomics.wait(word, get(seen))))),
      drop(atomics.add(get(at), i32.const(-1), sleepers)),
    ];
    return [
      set(seen, atomics.load(get(at), generation)),
      when(i32.eq(atomics.add(get(at), i32.const(1)), i32.const(threads - 1)), last,
        block(loop(branchIf(1, passed), branchIf(0, i32.ltS(tee(turns, plus(get(turns), 1)), i32.const(spins))), sleep))),
    ];
  });
  return meet(i32.const(barrierAt));
};

/** A function of the thread's number, each thread's body written for it, and a meeting at the end. */
export const perThread = (module: HandModule, name: string, threads: number, meet: Code, body: (thread: number) => Code): void => {
  module.define(name, ['i32'], (_, thread) => [threads === 1 ? body(0) : when(get(thread), body(1), body(0)), meet]);
};

/** where thread t of so many begins, of n items in whole tiles */
export const share = (n: number, thread: number, threads: number, tile: number): number => (thread === threads ? n : Math.floor((n * thread) / threads / tile) * tile);

export interface Crew { readonly run: (name: string) => void; readonly close: () => void }

const worker = `const { parentPort, workerData: { module, memory, names } } = require('node:worker_threads');
const { exports } = new WebAssembly.Instance(module, { env: { memory } }), words = new Int32Array(memory.buffer);
parentPort.postMessage('ready');
for (let seen = 0; ; seen++) {
  for (let turns = 0; Atomics.load(words, ${callAt / 4}) === seen;) if (++turns > ${spins}) Atomics.wait(words, ${callAt / 4}, seen);
  exports[names[words[${chosenAt / 4}]]](1);
}`;

/** One or two threads that run functions of one instance together. */
export const crew = async ({ module, memory, i32: words, exports }: Instance, threads: number, names: readonly string[]): Promise<Crew> => {
  if (threads === 1) return { run: (name) => { exports[name](0); }, close: () => undefined };
  const other = new Worker(worker, { eval: true, workerData: { module, memory, names } });
  await new Promise((ready, failed) => { other.once('message', ready); other.once('error', failed); });
  let calls = 0;
  return {
    run: (name) => {
      words[chosenAt / 4] = names.indexOf(name);
      Atomics.store(words, callAt / 4, ++calls);
      Atomics.notify(words, callAt / 4);
      exports[name](0);
    },
    close: () => { void other.terminate(); },
  };
};
