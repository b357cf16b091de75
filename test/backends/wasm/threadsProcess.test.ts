import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bits } from './bits.ts';
import { machine, results, running, text } from './threaded.ts';
import { rounds } from './threadTexts.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
interface Ended { readonly said: Readonly<Record<string, unknown>>; readonly after: number }
/** what a process says on its last line, and how long it stays after that, in milliseconds */
const runs = (file: string, flags: readonly string[] = []): Promise<Ended> => new Promise((resolve, reject) => {
  let said = 0;
  const env = { ...process.env, TSX_TSCONFIG_PATH: `${root}tsconfig.json` };
  const child = execFile(process.execPath, [...flags, '--import', 'tsx', fileURLToPath(new URL(`fixtures/${file}`, import.meta.url))], { cwd: root, env, timeout: 55_000 }, (error, out) => {
    if (error !== null) reject(error);
    else resolve({ said: JSON.parse(out) as Ended['said'], after: performance.now() - said });
  });
  child.stdout?.on('data', () => { said = performance.now(); });
});

describe('a process with threads', () => {
  it.each([[[]], [['--disallow-code-generation-from-strings']]])('rests while nothing is run, and ends by itself %j', async (flags) => {
    const { said, after } = await runs('leaving.ts', flags);
    expect(said).toEqual({ threads: '2', idle: expect.any(Number) });
    expect(said['idle']).toBeLessThan(150);
    expect(after).toBeLessThan(5000);
  });
  it.runIf(existsSync('/proc/self/task'))('loses them with the backend that nobody holds', async () => {
    expect((await runs('forgotten.ts', ['--expose-gc'])).said).toEqual({ more: 6, left: 0 });
  });
});

/** 500, and 10,000 in `npm run soak` */
const cycles = process.env['FLUXION_RUNS'] === undefined ? 500 : 1000 * Number(process.env['FLUXION_RUNS']);
describe('programs that come and go', () => {
  it(`${cycles} times leave nothing`, async () => {
    const m = machine(2), program = text(rounds(16, 10)), inputs = new Map([['x', Float32Array.from({ length: 16 }, (_, i) => i)]]);
    const cycle = async (wait: boolean): Promise<readonly string[]> => {
      const loaded = m.load(program);
      if (wait) await running(2, m.said);
      const found = bits(results(m, program, loaded, inputs));
      loaded.dispose();
      loaded.dispose();
      return found;
    };
    const wanted = await cycle(true), room = 64 * 701, top = m.memory.take(room), bytes = m.memory.memory.buffer.byteLength;
    for (let i = 0; i < cycles; i++) expect(await cycle(i % 10 !== 0)).toEqual(wanted);
    expect(m.memory.stats().liveBytes).toBe(0);
    expect(m.memory.take(room)).toBe(top + room);
    expect(m.memory.memory.buffer.byteLength).toBe(bytes);
    expect(m.workers).toHaveLength(1);
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    expect(m.said()).toEqual({ threads: '1', oneThread: 'no program needs more' });
    await cycle(false);
    expect(m.workers).toHaveLength(2);
    for (const worker of m.workers) worker.end();
  });
});
