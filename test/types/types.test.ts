import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
/** what tsc prints, whether it is content or not */
const tsc = (...args: readonly string[]): Promise<string> => new Promise((done) => {
  execFile(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '--noEmit', '--pretty', 'false', ...args], { cwd: root }, (_, out, err) => { done(out + err); });
});
/** by one checker: several divide the files among them, and count again what more than one of them needs */
const instantiations = async (project: string): Promise<number> => Number(/Instantiations:\s+(\d+)/.exec(await tsc('-p', project, '--extendedDiagnostics', '--singleThreaded'))?.[1]);

describe('what tsc says', () => {
  it('of right programs: nothing', async () => { expect(await tsc('-p', 'test/types/tsconfig.json')).toBe(''); }, 120_000);
  it('of wrong programs: mistakes.txt', async () => {
    await expect(await tsc('-p', 'test/types/tsconfig.mistakes.json')).toMatchFileSnapshot('mistakes.txt');
  }, 120_000);
  it('names every mistake of the file but the one that only follows', () => {
    const mistaken = ['mistakes', 'misuse'].flatMap((name) => read(`${name}.ts`).split('\n').flatMap((line, i) => (/^export const (?!followed)/.test(line) ? [`${name} ${i + 1}`] : [])));
    const told = [...read('mistakes.txt').matchAll(/^test\/types\/(\w+)\.ts\((\d+),/gm)].map(([, name, line]) => `${name} ${line}`);
    expect(told).toEqual(mistaken);
  });
  it('costs no more than it did: instantiations of the exact-type programs beyond the library’s own', async () => {
    const [all, library] = await Promise.all([instantiations('test/types/tsconfig.json'), instantiations('test/types/tsconfig.baseline.json')]);
    expect(library).toBeGreaterThan(0);
    expect(all - library).toBeGreaterThan(1000);
    expect(all - library).toBeLessThan(budget);
  }, 120_000);
});
/** measured 64,554, 9,156 of them of programs that were added: what loops carry, parts, linear algebra; raised only with a reason */
const budget = 66_000;
