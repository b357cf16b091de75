import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { busy, summary, type Row } from './measure.ts';

/** How soon a fresh process computes: the tutorial's network, data left aside. */
interface Times { readonly loaded: number; readonly firstKernel: number; readonly compiled: number; readonly firstStep: number; readonly loss: number; readonly cpu: number }
const stages = { loaded: 'library loaded', firstKernel: 'first kernel', compiled: 'step compiled', firstStep: 'first step' } as const;
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
 * Milliseconds from the start of a process (`performance.timeOrigin`) to each stage, of so many processes over the built
 * package. Each must give the loss of the others, which for new weights and ten classes lies about log 10.
 */
export const firstKernels = (runs: number): readonly Row[] => {
  console.log(`builds dist, then runs ${runs} fresh Node processes over it; times are since each began`);
  run('npm', ['run', 'build']);
  const before = busy(), all = Array.from({ length: runs }, fresh), after = busy();
  const own = all.reduce((n, t) => n + t.cpu, after.own - before.own), others = { busy: Math.max(0, after.all - before.all - own), total: after.total - before.total };
  const checked = all.every(({ loss }) => loss === all[0].loss && Math.abs(loss - Math.log(10)) < 0.5);
  // SAFETY: the names are those of the table
  return (Object.keys(stages) as readonly (keyof typeof stages)[]).map((stage): Row =>
    ({ workload: `mnist-compile ${stages[stage]}`, subject: 'fluxion', backend: 'js', threads: 1, ...summary(all.map((t) => t[stage]), others), runs, checked }));
};
