/** What of WebAssembly's JavaScript interface is used: the language's own library does not declare it. */
export interface WasmMemory { readonly buffer: ArrayBufferLike; readonly grow: (pages: number) => number }
export type WasmModule = { readonly [Symbol.toStringTag]: string };
export interface WasmInstance { readonly exports: { readonly [name: string]: unknown } }
interface Platform {
  readonly Memory: new (type: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: { readonly env: { readonly memory: WasmMemory } }) => WasmInstance;
}
// SAFETY: every engine that runs this has it; where a page forbids it, making a Module throws
export const { WebAssembly: wasmPlatform } = globalThis as unknown as { readonly WebAssembly: Platform };
