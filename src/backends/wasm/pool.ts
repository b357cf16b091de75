import { diagnostic } from '../../core/diagnostic.ts';
import { diagnosticError } from '../../core/render.ts';
import { control, lost, present } from './control.ts';
import type { WasmMemory, WasmModule } from './platform.ts';
import { workerSource } from './worker.ts';
import type { StartWorker, Worker } from './workers.ts';

export type Run = (table: number, thread: number, threads: number) => void;

/** Threads that run programs together with the one that made them. */
export interface Pool {
  /** all have started, and know all programs that they were told of */
  readonly ready: () => boolean;
  /** why it can be used no longer */
  readonly ended: () => string | undefined;
  /** makes a program known */
  readonly add: (id: number, module: WasmModule) => void;
  readonly remove: (id: number) => void;
  /** A run by all threads. What any of them throws is a diagnostic, and the end of the pool. */
  readonly run: (program: { readonly id: number; readonly name: string; readonly run: Run }, table: number, naps: number) => void;
  readonly end: (why: string) => void;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `words` is the address of the words of `control`, which are the pool's alone. It waits for no thread to start. */
export const startPool = (memory: WasmMemory, words: number, threads: number, start: StartWorker): Pool => {
  // memory that is shared grows in place: what lies below its end when it was seen stays where it is
  const view = new Int32Array(memory.buffer), at = (offset: number): number => (words + offset) / 4, workers: Worker[] = [];
  view.fill(0, at(0), at(control.bytes));
  let why: string | undefined, posted = 0;
  const end = (reason: string): void => { why ??= reason; for (const worker of workers.splice(0)) worker.end(); };
  const wake = (): void => {
    Atomics.add(view, at(control.wake), 1);
    if (Atomics.load(view, at(control.parked)) > 0) Atomics.notify(view, at(control.wake));
  };
  const post = (message: (thread: number) => unknown): void => {
    // first, so that a thread that reads the message does not think that it was the last one
    Atomics.store(view, at(control.posted), ++posted);
    try { workers.forEach((worker, i) => worker.post(message(i + 1))); } catch (error) { end(`nothing could be sent to threads: ${messageOf(error)}`); }
    wake();
  };
  const said = (): string => String.fromCharCode(...new Uint16Array(memory.buffer, words + control.text, Atomics.load(view, at(control.length))));
  const ended = (): string | undefined => {
    const failed = why === undefined ? Atomics.load(view, at(control.failed)) : 0;
    if (failed !== 0) end(`thread ${failed} stopped: ${said()}`);
    return why;
  };
  /** those that say nothing for as long as it takes a thread at a barrier to see that another has failed */
  const missing = (): string => {
    const alive = (thread: number): boolean => Atomics.load(view, at(control.received) + thread) === present, others = Array.from({ length: threads - 1 }, (_, i) => i + 1);
    for (let waited = 0; waited < 3 && others.filter((t) => !alive(t)).length > 1; waited++) Atomics.wait(view, at(control.failed), lost, 100);
    const silent = others.filter((t) => !alive(t)).map((t) => t + 1);
    return silent.length === 0 ? 'a thread did not answer in time' : `thread ${silent.join(', ')} did not answer in time`;
  };
  try {
    for (let thread = 1; thread < threads; thread++) workers.push(start(workerSource, (reason) => end(`thread ${thread + 1} stopped: ${reason}`)));
    post((thread) => ({ memory, words, thread, threads }));
  } catch (error) {
    end(`no thread could be started: ${messageOf(error)}`);
  }
  return {
    ended, end,
    ready: () => ended() === undefined && workers.every((_, i) => Atomics.load(view, at(control.received) + i + 1) === posted),
    add: (id, module) => post(() => ({ id, module })),
    remove: (id) => post(() => ({ id })),
    run: ({ id, name, run }, table, naps) => {
      view[at(control.program)] = id;
      view[at(control.table)] = table;
      view[at(control.patience)] = Math.min(naps, 2 ** 30);
      Atomics.add(view, at(control.runs), 1);
      wake();
      try { run(table, 0, threads); } catch (error) {
        const own = Atomics.compareExchange(view, at(control.failed), 0, 1) === 0, failed = Atomics.load(view, at(control.failed));
        Atomics.notify(view, at(control.generation));
        const what = own ? `thread 1 stopped: ${messageOf(error)}` : failed === lost ? missing() : `thread ${failed} stopped: ${said()}`;
        end(what);
        throw diagnosticError([diagnostic('FX5202', `wasm: ${what}, while ${threads} ran ${name}`, { hint: 'what the call was to overwrite is lost; wasm({ threads: 1 }) needs no threads' })]);
      }
    },
  };
};
