import type { Bounds } from '../../core/affine.ts';
import { computedAs, typedArray } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Buffer, Kernel, Program } from '../../ir/loop/syntax.ts';
import type { Artifact } from '../backend.ts';
import { aliasedKernels } from '../../ir/loop/aliases.ts';
import { ofKernels } from '../../ir/loop/visit.ts';
import { emitBarrier } from './barrier.ts';
import { get, i32, type Code, type Local } from './code.ts';
import { emitDriver, scratchOf, type Arg, type KernelFn } from './driver.ts';
import { divisionOf, isScheduled, writeShared } from './grid.ts';
import { writeBlock } from './kernel.ts';
import { createMaths, type MathFunctions } from './maths.ts';
import { createModule, type MemoryType, type ModuleWriter } from './module.ts';
import { savedText } from './saved.ts';
import { createWriter, scratchBase, type Root, type Writer } from './writer.ts';

/**
 * A program as one module over an imported memory. It exports `run(table, thread, threads)`, where the table's words are
 * the addresses of the arena, of scratch, of what threads share and of the buffers of `tableOf`, then its sizes; and
 * `scratchBytes()`, what scratch must hold for each thread. Over a memory that threads share a program that was made for
 * threads can be run by several at once.
 */
const emitModule = (program: Program, memory: MemoryType): { readonly bytes: Uint8Array; readonly scratchBytes: number } => {
  const module = createModule(), maths = createMaths(module), aliased = aliasedKernels(program), barrier = memory.shared && isScheduled(program) ? emitBarrier(module) : undefined;
  const kernels = ofKernels(program, (kernel) => emitKernel(module, maths, kernel, program, { aliased: aliased.has(kernel.name), threads: barrier !== undefined }));
  const run = emitDriver(module, program, kernels, barrier), scratch = module.fn('scratchBytes', ['i32']);
  const scratchBytes = scratchOf(kernels);
  scratch.finish(i32.const(scratchBytes));
  return { bytes: module.bytes(new Map([['run', run], ['scratchBytes', scratch]]), memory), scratchBytes };
};

/** The module, and the text in which it is saved, made when it is read; `wasm` in it is base64. */
export const emit = (program: Program, shared: boolean): Artifact => {
  const { bytes, scratchBytes } = emitModule(program, { shared, pages: 1, most: 65536 }), name = program.name.replace(/[^\w.-]/g, '_');
  const head = `// ${name}: ${program.kernels.size} kernels, ${bytes.length} bytes, ${program.arena?.bytes ?? 0} bytes of temporaries${shared ? ', over a shared memory' : ''}\n`;
  let files: Artifact['files'] | undefined;
  return { backend: 'wasm', module: bytes, get files() { return files ??= { [`${name}.mjs`]: head + savedText(program, bytes, shared, scratchBytes) }; } };
};

const emitKernel = (module: ModuleWriter, maths: MathFunctions, kernel: Kernel, program: Program, own: { readonly aliased: boolean; readonly threads: boolean }): KernelFn => {
  const division = divisionOf(program, kernel);
  const fn = module.fn(kernel.name), args: Arg[] = [], known = new Map<string, Local>();
  const taken = (arg: Arg): Code => {
    const key = 'name' in arg ? `${arg.kind} ${arg.name}` : arg.kind, before = known.get(key);
    if (before !== undefined) return get(before);
    const param = fn.param('i32');
    known.set(key, param);
    args.push(arg);
    return get(param);
  };
  const [first] = kernel.params;
  const bounds: Bounds = (leaf) => (leaf.kind === 'size' ? { lo: 0, hi: program.syms.get(leaf.sym) ?? Infinity } : leaf.kind === 'data' ? { lo: leaf.lo, hi: leaf.hi } : { lo: 0, hi: Infinity });
  const root: Root = {
    pointer: (base, _, terms) => (terms.length > 0 ? undefined : taken(base === scratchBase ? { kind: 'scratch' } : { kind: 'buffer', name: base })),
    atom: (atom) => {
      invariant(atom.kind === 'axis' || atom.kind === 'size', 'only sizes and axes come from outside');
      return taken(atom.kind === 'axis' ? { kind: 'axis', name: atom.axis } : { kind: 'size', name: atom.sym });
    },
    value: () => undefined, held: () => undefined, bounds,
    truth: () => taken({ kind: 'buffer', name: first.name }),
  };
  const w: Writer = createWriter({ module, maths, fn, root, aliased: own.aliased, scratch: { used: 0, most: 0 } });
  for (const p of kernel.params) w.memory.set(p.name, { at: 'param', dtype: computedAs(p.dtype), stored: p.dtype });
  if (own.threads && division === 'shared') writeShared(w, kernel, { thread: () => taken({ kind: 'thread' }), threads: () => taken({ kind: 'threads' }) });
  else writeBlock(w, kernel.body);
  fn.finish(w.scopes[0].code);
  return { fn, args, scratch: w.scratch.most, division };
};

/** the numbers of a constant buffer */
export const constantData = ({ dtype, layout, value }: Buffer) => (value === undefined || typeof value === 'number' ? typedArray(dtype, layout.size).fill(value ?? 0) : value);
