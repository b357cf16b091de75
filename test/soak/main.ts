import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

/**
 * The laws with many more runs, from another seed each time: what the suite, whose seeds are fixed, has not tried yet. And
 * programs that come and go, ten thousand times.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
interface Options { readonly factor: string; readonly rounds: string; readonly seed?: string; readonly only: string }

const round = (seed: number, factor: string, only: string): Promise<number> => new Promise((resolve) => {
  console.log(`seed ${seed}, ${factor} times the runs; the same again: npm run soak -- --rounds 1 --seed ${seed} --factor ${factor}`);
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout=3600000', '--hookTimeout=3600000', ...only.split(',')], {
    cwd: root, stdio: 'inherit', env: { ...process.env, FLUXION_SEED: String(seed), FLUXION_RUNS: factor },
  });
  child.on('close', (code) => resolve(code ?? 1));
});

const { factor, rounds, seed, only } = new Command('soak')
  .description('the laws on generated programs with many more runs, from random seeds, which are printed')
  .option('--factor <n>', 'how many times the usual runs', '10')
  .option('--rounds <n>', 'how many seeds', '1')
  .option('--seed <n>', 'the first of them, unless it is to be drawn')
  .option('--only <files>', 'test files, with commas between', 'test/laws,test/backends/wasm/threadsProcess,test/backends/wasm/contractions,test/backends/wasm/doubles,test/backends/js/emit,test/passes/loop/passes')
  .parse().opts<Options>();
const first = seed === undefined ? 1000 + Math.floor(Math.random() * 1_000_000) : Number(seed);
for (let i = 0; i < Number(rounds) && process.exitCode === undefined; i++) {
  if (await round(first + i, factor, only) !== 0) process.exitCode = 1;
}
