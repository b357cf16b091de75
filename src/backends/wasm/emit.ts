import type { Bounds, Index } from '../../core/affine.ts';
import { typedArray } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Buffer, BufferId, Kernel, Program, Step, Stmt } from '../../ir/loop/syntax.ts';
import type { Artifact } from '../backend.ts';
import { aliasedKernels } from '../../ir/loop/aliases.ts';
import { call, get, i32, loop, branchIf, set, when, type Code, type Local } from './code.ts';
import { writeBlock } from './kernel.ts';
import { createMaths, type MathFunctions } from './maths.ts';
import { createModule, type Fn, type MemoryType, type ModuleWriter } from './module.ts';
import { createWriter, scratchBase, type Root, type Writer } from './writer.ts';

/** Buffers that a run is told the address of, in order (all that are not temporaries or another's memory), and its sizes. */
export const tableOf = (program: Program): { readonly addresses: readonly BufferId[]; readonly sizes: readonly string[] } => ({
  addresses: [...program.buffers].filter(([, b]) => b.sameAs === undefined && b.role !== 'temporary').map(([id]) => id), sizes: [...program.syms.keys()],
});
/** words before the addresses of buffers */
export const tableHead = 2;

/** what a kernel's function is handed, in the order of its parameters */
type Arg = { readonly kind: 'buffer'; readonly name: BufferId } | { readonly kind: 'scratch' } | { readonly kind: 'size' | 'axis'; readonly name: string };
interface KernelFn { readonly fn: Fn; readonly args: readonly Arg[]; readonly scratch: number }

/**
 * A program as one module over an imported memory. It exports `run(table)`, where the table's words are the addresses of
 * the arena, of scratch and of the buffers of `tableOf`, then its sizes; and `scratchBytes()`, what scratch must hold.
 */
const emitModule = (program: Program, memory: MemoryType): Uint8Array => {
  const module = createModule(), maths = createMaths(module), aliased = aliasedKernels(program);
  const kernels = new Map([...program.kernels].map(([id, kernel]) => [id, emitKernel(module, maths, kernel, program, aliased.has(id))]));
  const run = driver(module, program, kernels), scratch = module.fn('scratchBytes', ['i32']);
  scratch.finish(i32.const(Math.max(0, ...[...kernels.values()].map((k) => k.scratch))));
  return module.bytes(new Map([['run', run], ['scratchBytes', scratch]]), memory);
};

/** The module inlined into a text; `wasm` is base64. */
export const emit = (program: Program): Artifact => {
  const bytes = emitModule(program, { shared: false, pages: 1, most: 65536 }), name = program.name.replace(/[^\w.-]/g, '_');
  const text = `// ${name}: ${program.kernels.size} kernels, ${bytes.length} bytes, ${program.arena?.bytes ?? 0} bytes of temporaries\nexport const wasm = '${base64(bytes)}';\n`;
  return { backend: 'wasm', files: { [`${name}.mjs`]: text } };
};
const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

const emitKernel = (module: ModuleWriter, maths: MathFunctions, kernel: Kernel, program: Program, aliased: boolean): KernelFn => {
  const fn = module.fn(kernel.name), args: Arg[] = [], known = new Map<string, Local>();
  const taken = (arg: Arg): Code => {
    const key = arg.kind === 'scratch' ? 'scratch' : `${arg.kind} ${arg.name}`, before = known.get(key);
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
  const w: Writer = createWriter({ module, maths, fn, root, aliased, scratch: { used: 0, most: 0 } });
  for (const p of kernel.params) w.memory.set(p.name, { at: 'param', dtype: p.dtype });
  const body: readonly Stmt[] = kernel.body;
  writeBlock(w, body);
  fn.finish(w.scopes[0].code);
  return { fn, args, scratch: w.scratch.most };
};

const driver = (module: ModuleWriter, program: Program, kernels: ReadonlyMap<string, KernelFn>): Fn => {
  const { arena } = program, { addresses, sizes } = tableOf(program);
  invariant(arena !== undefined, 'memory has not been planned');
  const fn = module.fn('run'), table = fn.param('i32'), axes = new Map<string, Local>();
  const word = (at: number): Code => i32.load(get(table), 4 * at);
  const address = (id: BufferId): Code => {
    const own = program.buffers.get(id)?.sameAs ?? id, at = addresses.indexOf(own);
    return at >= 0 ? word(tableHead + at) : i32.add(word(0), i32.const(arena.offsets.get(own) ?? 0));
  };
  const size = (name: string): Code => word(tableHead + addresses.length + sizes.indexOf(name));
  const axis = (name: string): Code => { const local = axes.get(name); invariant(local !== undefined, `no axis ${name}`); return get(local); };
  const value = ({ bias, terms }: Index): Code => terms.map(({ by, of }): Code => {
    invariant(of.kind === 'axis' || of.kind === 'size', 'the extent of a step is a sum of axes and sizes');
    return i32.mul(of.kind === 'axis' ? axis(of.axis) : size(of.sym), i32.const(by));
  }).reduce<Code>((a, b) => i32.add(a, b), i32.const(bias));
  const steps = (all: readonly Step[]): Code => all.map((step): Code => {
    switch (step.kind) {
      case 'barrier': return [];
      case 'run': {
        const kernel = kernels.get(step.kernel), params = program.kernels.get(step.kernel)?.params;
        invariant(kernel !== undefined && params !== undefined, `no kernel ${step.kernel}`);
        return call(kernel.fn.index, ...kernel.args.map((arg) => {
          switch (arg.kind) {
            case 'buffer': return address(step.args[params.findIndex((p) => p.name === arg.name)]);
            case 'scratch': return word(1);
            case 'size': return size(arg.name);
            case 'axis': return axis(arg.name);
          }
        }));
      }
      case 'loop': {
        const counter = fn.local('i32'), extent = fn.local('i32');
        axes.set(step.axis, counter);
        const goesOn = step.while === undefined ? i32.const(1) : flag(program, step.while, address(step.while));
        const more = i32.and(i32.ltS(get(counter), get(extent)), goesOn);
        return [set(extent, value(step.extent)), set(counter, i32.const(0)), when(more, loop(steps(step.body), set(counter, i32.add(get(counter), i32.const(1))), branchIf(0, more)))];
      }
      case 'branch': {
        const chosen = fn.local('i32'), [last, ...before] = [...step.cases].reverse();
        const cases = before.reverse().reduceRight<Code>((other, body, i) => when(i32.eq(get(chosen), i32.const(i)), steps(body), other), steps(last ?? []));
        return [set(chosen, flag(program, step.on, address(step.on))), cases];
      }
    }
  });
  fn.finish(steps(program.steps));
  return fn;
};
const flag = (program: Program, id: BufferId, address: Code): Code => (program.buffers.get(id)?.dtype === 'bool' ? i32.load8(address) : i32.load(address));

/** the numbers of a constant buffer */
export const constantData = ({ dtype, layout, value }: Buffer) => (value === undefined || typeof value === 'number' ? typedArray(dtype, layout.size).fill(value ?? 0) : value);
