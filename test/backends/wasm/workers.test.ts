import { resolveObjectURL } from 'node:buffer';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { bits } from './bits.ts';
import { alone, machine, results, running, text } from './threaded.ts';
import { ways } from './threadTexts.ts';

/** A page's worker: it fetches its text from a blob, and knows no `require`. */
class PageWorker {
  onerror: ((event: { readonly message?: string }) => void) | null = null;
  private readonly worker: Promise<Worker>;
  constructor(url: string) {
    this.worker = (resolveObjectURL(url)?.text() ?? Promise.reject(new Error('no such blob'))).then((source) => {
      const worker = new Worker(`const { parentPort } = require('node:worker_threads'), { runInThisContext } = require('node:vm');
        delete globalThis.require;
        runInThisContext(${JSON.stringify(source)});
        parentPort.on('message', (data) => globalThis.onmessage({ data }));`, { eval: true, execArgv: [] });
      worker.on('error', (error) => this.onerror?.({ message: error.message }));
      return worker;
    });
  }
  postMessage(message: unknown): void { void this.worker.then((w) => { w.postMessage(message); }); }
  terminate(): void { void this.worker.then((w) => w.terminate()); }
}
const inputs = new Map([['x', Float32Array.from({ length: 120 }, (_, i) => i / 7)], ['w', Float32Array.of(0.5, 0.25, 0.75, 1)]]);

/** as if Node did not have what other modules are asked for with */
const withoutModules = (): void => { vi.stubGlobal('process', new Proxy(process, { get: (target, name) => (name === 'getBuiltinModule' ? undefined : Reflect.get(target, name) as unknown) })); };
afterEach(() => { vi.unstubAllGlobals(); });

it('a Node before 20.16 runs on one thread, and says why', () => {
  withoutModules();
  expect(wasm({ threads: 2 }).device()).toMatchObject({ threads: '1', oneThread: `Node ${process.versions.node} has no process.getBuiltinModule: threads need 20.16 or newer` });
});
describe('in a page', () => {
  it('workers from a blob run the same text', async () => {
    withoutModules();
    vi.stubGlobal('Worker', PageWorker);
    const m = machine(3), program = text(ways), loaded = m.load(program), one = alone();
    await running(3, m.said);
    vi.unstubAllGlobals();
    const wanted = bits(results(one, program, one.load(program), inputs, { n: 11 }));
    for (let i = 0; i < 20; i++) expect(bits(results(m, program, loaded, inputs, { n: 11 }))).toEqual(wanted);
    for (const worker of m.workers) worker.end();
  });
});
