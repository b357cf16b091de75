import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { busy, summary, type Row } from './measure.ts';

/** How soon a fresh process computes: the tutorial's network, data left aside. */
interface Times {
  readonly started: number; readonly loaded: number; readonly firstKernel: number; readonly begun: number; readonly compiled: number; readonly firstStep: number;
  readonly loss: number; readonly backend: string; readonly threads: number; readonly cpu: number;
}
/** milliseconds since the process began, but for two: what the library adds to the start of Node, and what compiling one network costs a process that has drawn its weights */
const stages: Readonly<Record<string, (t: Times) => number>> = {
  'library loads': (t) => t.loaded - t.started,
  'library loaded': (t) => t.loaded,
  'first kernel': (t) => t.firstKernel,
  'step compiled': (t) => t.compiled,
  'first step': (t) => t.firstStep,
  'compile, expression to first step': (t) => t.firstStep - t.begun,
};
const root = fileURLToPath(new URL('..', import.meta.url));

const run = (command: string, args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}${stdout}`);
  return stdout;
};
const fresh = (): Times => {
  // SAFETY: what bench/firstKernel.mjs prints
  return JSON.parse(run('node', ['bench/firstKernel.mjs'])) as Times;
};

/**
 * Milliseconds from the start of a process (`performance.timeOrigin`) to each stage, and of the compilation by itself, of so
 * many processes over the built package. Each must give the loss of the others, which for new weights and ten classes lies about log 10.
 */
export const firstKernels = (runs: number): readonly Row[] => {
  console.log(`builds dist, then runs ${runs} fresh Node processes over it; times are since each began`);
  run('npm', ['run', 'build']);
  const before = busy(), all = Array.from({ length: runs }, fresh), after = busy();
  const own = all.reduce((n, t) => n + t.cpu, after.own - before.own), others = { busy: Math.max(0, after.all - before.all - own), total: after.total - before.total };
  const checked = all.every(({ loss }) => loss === all[0].loss && Math.abs(loss - Math.log(10)) < 0.5);
  const [{ backend, threads }] = all;
  return Object.entries(stages).map(([stage, of]): Row =>
    ({ workload: `mnist-compile ${stage}`, subject: 'fluxion', backend, threads, ...summary(all.map(of), others), runs, checked }));
};
