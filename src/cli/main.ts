#!/usr/bin/env node
import { Command, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { js } from '../backends/js/js.ts';
import type { LoopBackend } from '../backends/backend.ts';
import { render } from '../core/render.ts';
import { commands, dimsOf, type Options, type Shown } from './commands.ts';
import { chosen, exportedFunctions } from './functions.ts';

const backendOf = async (name: string): Promise<LoopBackend> => {
  if (name === 'js') return js();
  const { gpujs } = await import('../backends/gpujs/index.ts');
  return gpujs({ mode: 'cpu' });
};

const fail = (diagnostics: Parameters<typeof render>[0]): void => {
  process.stderr.write(`${render(diagnostics)}\n`);
  process.exitCode = 1;
};
const run = async (show: Shown, file: string, name: string | undefined, options: Options): Promise<void> => {
  const dims = dimsOf(options.dims), all = await exportedFunctions(file);
  if (E.isLeft(dims)) return fail([dims.left]);
  if (E.isLeft(all)) return fail([all.left]);
  const f = chosen(file, all.right, name);
  if (E.isLeft(f)) return fail([f.left]);
  const shown = show(f.right.fn, { dims: dims.right, backend: await backendOf(options.backend), clock: () => performance.now() }, options);
  if (E.isLeft(shown)) return fail(shown.left);
  process.stdout.write(`${shown.right}\n`);
};

// what reads our output may stop reading: that is no error of ours
process.stdout.on('error', (error: Error & { readonly code?: string }) => { if (error.code === 'EPIPE') process.exit(0); throw error; });

const program = new Command('fluxion').description('Looks into functions that a module exports: fn values, and the training step of trainers.');
for (const [command, { what, show }] of Object.entries(commands)) {
  const sub = program.command(`${command} <file> [name]`).description(what)
    .option('--dims <size...>', 'sizes of named dimensions: batch=128, or "batch<=128" for the largest of many', [])
    .addOption(new Option('--backend <name>', 'whose kernels').choices(['js', 'gpujs']).default('js'));
  if (command === 'trace') sub.option('--pass <name>', 'only this step').option('--no-text', 'rules and times alone');
  if (command === 'print') sub.option('--after <pass>', 'after this step rather than as written');
  if (command === 'math') sub.addOption(new Option('--style <name>', 'how it is written').choices(['text', 'latex', 'typescript']).default('text'));
  sub.action((file: string, name: string | undefined, options: Options) => run(show, file, name, options));
}
await program.parseAsync();
// a module that was looked into may keep timers and handles open: they are not waited for
process.stdout.write('', () => process.exit());
