import { call, get, i32, branchIf, loop, tee, unsigned, when, set, type Code, type Local, type ValueType } from '../../../src/backends/wasm/code.ts';
import { createModule, type Fn } from '../../../src/backends/wasm/module.ts';
import { wasmPlatform, type WasmMemory, type WasmModule } from '../../../src/backends/wasm/platform.ts';

/**
 * The ground under the kernels written by hand: the project's encoder with what only they use. Addresses are bytes, and
 * all sizes are known when a kernel is written.
 */
export interface HandModule {
  /** writes a function; what it gives writes a call of it */
  readonly define: (name: string, params: readonly ValueType[], body: (fn: Fn, ...params: readonly Local[]) => Code, results?: readonly ValueType[]) => Callee;
  /** room for so many numbers of four bytes: its address */
  readonly place: (numbers: number) => number;
  readonly instantiate: (shared: boolean) => Instance;
}
export type Callee = (...operands: readonly Code[]) => Code;
export interface Instance {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly exports: { readonly [name: string]: (...numbers: readonly number[]) => number };
}

/** below lie the words that threads meet at (`threads.ts`) and scalars */
const reserved = 4096, line = 256, page = 65536;

export const handModule = (): HandModule => {
  const { fn: declare, bytes } = createModule(), exported = new Map<string, Fn>();
  let top = reserved;
  return {
    define: (name, params, body, results) => {
      const fn = declare(name, results);
      exported.set(name, fn);
      fn.finish(body(fn, ...params.map(fn.param)));
      return (...operands) => call(fn.index, ...operands);
    },
    place: (numbers) => { const at = top; top += Math.ceil((4 * numbers) / line) * line; return at; },
    instantiate: (shared) => {
      // a vector at the end may be read beyond it
      const pages = Math.ceil((top + line) / page);
      const memory = new wasmPlatform.Memory({ initial: pages, maximum: pages, shared });
      const module = new wasmPlatform.Module(bytes(exported, { shared, pages, most: pages }));
      const { exports } = new wasmPlatform.Instance(module, { env: { memory } });
      // SAFETY: only functions of numbers are exported
      return { module, memory, f32: new Float32Array(memory.buffer), i32: new Int32Array(memory.buffer), exports: exports as Instance['exports'] };
    },
  };
};

export const plus = (base: Code, bytes: number): Code => (bytes === 0 ? base : i32.add(base, i32.const(bytes)));
export const times = (index: Code, n: number): Code => i32.mul(index, i32.const(n));
export const sum = (...terms: readonly Code[]): Code => terms.reduce((a, b) => i32.add(a, b));
export const advance = (pointer: Local, bytes: number): Code => (bytes === 0 ? [] : set(pointer, plus(get(pointer), bytes)));
export const block = (...body: readonly Code[]): Code => [0x02, 0x40, body, 0x0b];
export const fillZero = (address: Code, bytes: number): Code => [address, i32.const(0), i32.const(bytes), 0xfc, 0x0b, 0];
/** counts from `from` while less than `to` */
export const range = (index: Local, from: Code, to: Code, step: number, ...body: readonly Code[]): Code =>
  [set(index, from), block(branchIf(0, i32.geU(get(index), to)), loop(...body, branchIf(0, i32.ltU(tee(index, plus(get(index), step)), to))))];

/** of the threads proposal, alignment 4 */
const atomic = (opcode: number, offset: number): readonly Code[] => [0xfe, opcode, 2, unsigned(offset)];
export const atomics = {
  load: (at: Code, offset = 0): Code => [at, atomic(0x10, offset)],
  store: (at: Code, value: Code, offset = 0): Code => [at, value, atomic(0x17, offset)],
  add: (at: Code, value: Code, offset = 0): Code => [at, value, atomic(0x1e, offset)],
  notify: (at: Code, count: Code): Code => [at, count, atomic(0x00, 0)],
  /** without a time limit */
  wait: (at: Code, expected: Code): Code => [at, expected, [0x42, 0x7f], atomic(0x01, 0)],
};
export const drop = (value: Code): Code => [value, 0x1a];
export const forever = (...body: readonly Code[]): Code => loop(...body, [0x0c, 0]);
export { when };
