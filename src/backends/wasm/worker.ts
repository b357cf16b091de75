import { control, mostText, present } from './control.ts';

const word = (offset: number): string => `at + ${offset / 4}`;
/** loads before a thread that waits for work sleeps: some tenths of a millisecond, what lies between the steps of a loop */
const spins = 200_000;

/**
 * What a thread runs, as text: in Node a script with `require`, elsewhere a worker's. Its messages are its start
 * ({ memory, words, thread, threads }), a program ({ id, module }) and the end of one ({ id }). As long as no message
 * waits for it, it sits in `serve`, blocked; where one does, it returns to its event loop, which delivers it.
 */
export const workerSource = `'use strict';
const programs = new Map();
let memory, words, at, thread, threads, seen = 0, ran = 0, received = 0;
const load = (index) => Atomics.load(words, index);
const fail = (error) => {
  // it lives; what it has to say matters where nothing failed before, which it may only have noticed
  Atomics.store(words, ${word(control.received)} + thread, ${present});
  if (load(${word(control.failed)}) !== 0 || Atomics.compareExchange(words, ${word(control.claimed)}, 0, 1) !== 0) return;
  const text = String((error && error.message) || error).slice(0, ${mostText}), to = new Uint16Array(memory.buffer, 4 * at + ${control.text}, ${mostText});
  for (let i = 0; i < text.length; i++) to[i] = text.charCodeAt(i);
  Atomics.store(words, ${word(control.length)}, text.length);
  Atomics.store(words, ${word(control.failed)}, thread + 1);
  Atomics.notify(words, ${word(control.generation)});
};
const woken = () => {
  for (let i = 0; i < ${spins}; i++) if (load(${word(control.wake)}) !== seen) return;
  Atomics.add(words, ${word(control.parked)}, 1);
  while (load(${word(control.wake)}) === seen) Atomics.wait(words, ${word(control.wake)}, seen);
  Atomics.sub(words, ${word(control.parked)}, 1);
};
const serve = () => {
  while (load(${word(control.posted)}) === received) {
    woken();
    seen = load(${word(control.wake)});
    const runs = load(${word(control.runs)});
    if (runs === ran) continue;
    ran = runs;
    programs.get(load(${word(control.program)}))(load(${word(control.table)}), thread, threads);
  }
};
const receive = (message) => {
  if (message.memory) {
    ({ memory, thread, threads } = message);
    at = message.words / 4;
    words = new Int32Array(memory.buffer);
  }
  try {
    if (message.module) programs.set(message.id, new WebAssembly.Instance(message.module, { env: { memory } }).exports.run);
    else programs.delete(message.id);
    received++;
    Atomics.store(words, ${word(control.received)} + thread, received);
    serve();
  } catch (error) {
    fail(error);
  }
};
if (typeof require === 'function') require('node:worker_threads').parentPort.on('message', receive);
else globalThis.onmessage = ({ data }) => receive(data);
`;
