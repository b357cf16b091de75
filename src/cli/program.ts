import { Command, CommanderError, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { js } from '../backends/js/js.ts';
import { wasm } from '../backends/wasm/wasm.ts';
import type { LoopBackend } from '../backends/backend.ts';
import type { Result } from '../core/diagnostic.ts';
import { render } from '../core/render.ts';
import { sizesFor } from './batch.ts';
import { commands, type Command as Shows, type Options } from './commands.ts';
import { emitFiles } from './emit.ts';
import { unknownDims } from './dims.ts';
import { chosen, exportedFunctions, placed, type Exported } from './functions.ts';
import { dimsOf, type Dims } from './sizes.ts';

/** where a command writes */
export interface Output { readonly out: (text: string) => void; readonly err: (text: string) => void }

const modes = ['cpu', 'webasm', 'headlessgl'] as const;
const backendOf = async ({ backend, mode }: Options): Promise<LoopBackend> => {
  if (backend === 'js') return js();
  if (backend === 'wasm') return wasm();
  const { gpujs } = await import('../backends/gpujs/index.ts');
  return gpujs({ mode: modes.find((m) => m === mode) ?? 'cpu' });
};

type Said = Result<string>;
/** what a command does with a function that it has found */
type Act = (found: Exported, dims: Dims, backend: LoopBackend, options: Options) => Said;
const shows = ({ show, note }: Shows): Act => (found, given, backend, options) => {
  const { dims, said } = note === undefined ? { dims: given, said: [] } : sizesFor(found, given);
  // a training step consumes the state that it is given, as `fit` runs it
  return E.map((text: string) => [text, ...said.map((line) => note?.(line))].join('\n'))(show(found.fn, { dims, backend, clock: () => performance.now(), ...(found.trainer && { donate: [0] }) }, options));
};
const emits: Act = (found, given, backend, { out = 'out' }) => {
  const { dims, said } = sizesFor(found, given);
  return E.map((text: string) => [text, ...said].join('\n'))(emitFiles(found, out, dims, backend));
};

/** what a command says of a function, or all that is wrong */
const saidOf = async (act: Act, file: string, name: string | undefined, options: Options): Promise<Said> => {
  const dims = dimsOf(options.dims), all = await exportedFunctions(file);
  if (E.isLeft(dims)) return E.left([dims.left]);
  if (E.isLeft(all)) return E.left([all.left]);
  const f = chosen(file, all.right, name);
  if (E.isLeft(f)) return E.left([f.left]);
  const [unknown, ...more] = unknownDims(f.right, dims.right);
  if (unknown !== undefined) return E.left([unknown, ...more]);
  const shown = act(f.right, dims.right, await backendOf(options), options);
  if (E.isRight(shown)) return shown;
  const [first, ...others] = shown.left.map(placed(f.right));
  return E.left([first, ...others]);
};

/** The command line as a function: what it is told in, text and an exit code out. */
export const runProgram = async (args: readonly string[], { out, err }: Output): Promise<number> => {
  let code = 0;
  const program = new Command('fluxion').description('Looks into functions that a module exports: fn values, and the training step of trainers.')
    .configureOutput({ writeOut: out, writeErr: err }).exitOverride();
  const all: readonly (readonly [string, string, Act])[] = [
    ...Object.entries(commands).map(([name, command]) => [name, command.what, shows(command)] as const),
    ['emit', 'the function, or a trainer’s programs, as a module that needs nothing else, with its declarations', emits],
  ];
  for (const [command, what, act] of all) {
    const sub = program.command(`${command} <file> [name]`).description(what)
      .option('--dims <size...>', 'sizes of named dimensions: batch=128, or "batch<=128" for the largest of many', [])
      .addOption(new Option('--backend <name>', 'whose kernels').choices(command === 'emit' ? ['wasm', 'js'] : ['wasm', 'js', 'gpujs']).default('wasm'))
      .addOption(new Option('--mode <name>', 'of gpujs').choices([...modes]).default('cpu'));
    if (command === 'emit') sub.option('--out <folder>', 'where the files go', 'out');
    if (command === 'explain') sub.option('--no-measure', 'what kernels should take, without timing them').option('--calibrate', 'measure the machine anew: others may have used it the last time', false).option('--all', 'every merge that was refused, as the planner met it', false);
    if (command === 'trace') sub.option('--pass <name>', 'only this step').option('--no-text', 'rules and times alone');
    if (command === 'print') sub.option('--after <pass>', 'after this step rather than as written');
    if (command === 'math') sub.addOption(new Option('--style <name>', 'how it is written').choices(['text', 'latex', 'typescript']).default('text'));
    sub.action(async (file: string, name: string | undefined, options: Options) => {
      const shown = await saidOf(act, file, name, options);
      if (E.isRight(shown)) return out(`${shown.right}\n`);
      err(`${render(shown.left)}\n`);
      code = 1;
    });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    code = error.exitCode;
  }
  return code;
};
