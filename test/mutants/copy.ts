import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './source.ts';

/** `refused`: by the type check alone */
export type Outcome = 'killed' | 'hung' | 'refused' | 'survived';
export interface Run { readonly outcome: Outcome; readonly ms: number; readonly output: string }
/** A copy of the tree in which one mutant at a time stands. */
export interface Copy {
  /** the tests one path after the other until one fails, over the tree as it is, or with a mutant; what runs longer than `limit` milliseconds hangs */
  readonly test: (tests: readonly string[], limit: number, mutant?: Mutant) => Promise<Run>;
  /** whether the tree with a mutant is well typed */
  readonly isTyped: (mutant: Mutant) => Promise<boolean>;
  readonly dispose: () => void;
}

const parts = ['src', 'test', 'bench', 'examples', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

export const createCopy = (root: string): Copy => {
  const folder = mkdtempSync(join(tmpdir(), 'fluxion-mutants-'));
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const test: Copy['test'] = async (tests, limit, mutant) => {
    const restore = mutant === undefined ? (): void => undefined : apply(folder, mutant);
    try { return await runTests(folder, tests, limit); } finally { restore(); }
  };
  const checked = async (): Promise<boolean> => (await runNode(folder, typeCheck, 300_000)).outcome === 'survived';
  let soundWithout: boolean | undefined;
  const isTyped: Copy['isTyped'] = async (mutant) => {
    soundWithout ??= await checked();
    if (!soundWithout) throw new Error('the tree without a mutant is not well typed');
    const restore = apply(folder, mutant);
    try { return await checked(); } finally { restore(); }
  };
  return { test, isTyped, dispose: () => rmSync(folder, { recursive: true, force: true }) };
};

const apply = (folder: string, { file, line, after }: Mutant): (() => void) => {
  const path = join(folder, file), source = readFileSync(path, 'utf8'), lines = source.split('\n');
  writeFileSync(path, lines.map((text, i) => (i === line - 1 ? after : text)).join('\n'));
  return () => writeFileSync(path, source);
};

const runTests = async (folder: string, [first, ...rest]: readonly string[], limit: number): Promise<Run> => {
  const run = await runPath(folder, first, limit);
  if (run.outcome !== 'survived' || rest.length === 0) return run;
  const later = await runTests(folder, rest, limit - run.ms);
  return { ...later, ms: run.ms + later.ms };
};
const runPath = (folder: string, path: string, limit: number): Promise<Run> => runNode(folder, ['vitest/vitest.mjs', 'run', '--bail=1', '--maxWorkers=1', '--reporter=dot', path], limit);
/** what has been checked before is not checked again */
const typeCheck: readonly [string, ...string[]] = ['typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit', '--incremental', '--tsBuildInfoFile', 'types.json'];
const runNode = (folder: string, [script, ...args]: readonly [string, ...string[]], limit: number): Promise<Run> => new Promise((resolve) => {
  const start = performance.now();
  const child = spawn(process.execPath, [join(folder, 'node_modules', script), ...args], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CI: '1' } });
  let output = '', hung = false;
  const hear = (data: Buffer): void => { output = (output + data.toString()).slice(-20_000); };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const timer = setTimeout(() => {
    hung = true;
    // the whole group: a worker that loops does not hear its parent
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, limit);
  child.on('close', (code) => {
    clearTimeout(timer);
    resolve({ outcome: hung ? 'hung' : code === 0 ? 'survived' : 'killed', ms: performance.now() - start, output });
  });
});
