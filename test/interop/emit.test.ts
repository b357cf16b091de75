import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { js } from '../../src/backends/js/js.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { add, arrayOf, bf16, call, compile, constant, exp, f32, fn, halfPrecision, intArray, array, key, keyWords, matmul, mul, orThrow, relu, sum, tanh, treeLeaves, type F32, type NDArray } from '../../src/index.ts';
import { emit, emitTrainer } from '../../src/interop/index.ts';
import { dense, input, sequential, sparseCategoricalCrossentropy } from '../../src/nn/index.ts';
import { adam } from '../../src/optim/index.ts';
import { initialOf, stepOf, trainer, type Trainer } from '../../src/train/index.ts';

let folder = '';
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'emitted-')); });
afterAll(() => { rmSync(folder, { recursive: true }); });
/** runs a script beside the written files, where text may not become code; what it prints, as JSON */
const alone = (files: Readonly<Record<string, string>>, script: string): unknown => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'caller.mjs'), script);
  return JSON.parse(execFileSync(process.execPath, ['--disallow-code-generation-from-strings', join(folder, 'caller.mjs')], { encoding: 'utf8' }));
};
const bits = 'const bits = (a) => [...new Uint32Array(a.buffer, a.byteOffset, a.length)];';
const bitsOf = (a: NDArray<unknown>): readonly number[] => [...new Uint32Array(Float32Array.from(a.data).buffer)];

const small = trainer({ model: sequential(input([12]), dense(9, 'relu'), dense(4, 'softmax')), optimizer: adam(), loss: sparseCategoricalCrossentropy, metrics: ['accuracy'] });
const asTrainer = (t: unknown): Trainer => {
  // SAFETY: a trainer without the types of its model
  return t as Trainer;
};
const x = Float32Array.from({ length: 7 * 12 }, (_, i) => Math.sin(i)), y = Int32Array.from({ length: 7 }, (_, i) => i % 4);

describe.each([['wasm', wasm({ threads: 1 })], ['js', js()]] as const)('a training saved as a module, %s', (_, backend) => {
  const dims = { batch: { max: 8 } }, made = orThrow(emitTrainer(asTrainer(small), { name: 'training', dims, backend }));

  it('needs nothing else, and computes the same bits', () => {
    const start = orThrow(compile(initialOf(asTrainer(small)), { backend })), step = orThrow(compile(stepOf(asTrainer(small)), { backend, donate: [0], dims }));
    // SAFETY: what a run gives may be given to the next
    const run = step as unknown as (...args: readonly unknown[]) => { readonly state: unknown; readonly loss: NDArray<unknown> };
    let state: unknown = (start as unknown as (k: unknown) => unknown)(key(5));
    const losses: (readonly number[])[] = [];
    for (let i = 0; i < 4; i++) { const result = run(state, array(x, [7, 12]), intArray(y, [7]), key(1)); ({ state } = result); losses.push(bitsOf(result.loss)); }
    const weights = treeLeaves((state as { variables: { params: unknown } }).variables.params).map(({ value }) => bitsOf(value as unknown as NDArray<unknown>));
    const found = alone(made.files, `import { create } from './training.mjs';
${bits}
const { init, step, infer, evaluate } = create(), x = Float32Array.from({ length: 84 }, (_, i) => Math.sin(i)), y = Int32Array.from({ length: 7 }, (_, i) => i % 4);
let state = init(new Uint32Array([${keyWords(key(5))?.join() ?? "0"}])), losses = [];
for (let i = 0; i < 4; i++) { const result = step(state, x, y, new Uint32Array([${keyWords(key(1))?.join() ?? "0"}])); state = result.state; losses.push(bits(result.loss)); }
const { params } = state.variables, zero = () => new Float32Array(1);
const out = infer(state.variables, x), sums = evaluate(state.variables, { loss: zero(), accuracy: zero() }, x, y);
console.log(JSON.stringify({ losses, weights: params.flatMap((l) => [bits(l.kernel), bits(l.bias)]), shape: out.length, rows: [...Array(7).keys()].map((r) => Math.abs(out.subarray(4 * r, 4 * r + 4).reduce((a, b) => a + b) - 1) < 1e-5), loss: sums.loss[0] > 0 }));`);
    expect(found).toEqual({ losses, weights: weights.filter((w) => w.length > 0), shape: 28, rows: Array.from({ length: 7 }, () => true), loss: true });
  });
  it('says what is wrong with what it is given', () => expect(alone(made.files, `import { create } from './training.mjs';
const { init, infer } = create(), state = init(new Uint32Array([0, 5])), said = [];
for (const x of [[1, 2], new Float64Array(12), new Float32Array(13), new Float32Array(12 * 9)]) try { infer(state.variables, x); said.push('nothing'); } catch (e) { said.push(e.message); }
console.log(JSON.stringify(said));`)).toEqual([
    'infer: x must be a Float32Array', 'infer: x must be a Float32Array', 'infer: x must have a multiple of 12 elements, at most 96, but has 13', 'infer: x must have a multiple of 12 elements, at most 96, but has 108',
  ]));
});

it('functions by name, with declarations that say their shapes', () => {
  const f = fn([{ w: f32([3, 2]) }, f32([4, 3])], ({ w }, v) => ({ out: relu(matmul(v, w)), total: mul(sum(v), constant(2)) }), { args: ['params', 'v'] });
  const { files } = orThrow(emit({ forward: f, twice: fn([f32([2])], (v) => mul(v, 2)) }, { name: 'two' }));
  expect(alone(files, `import { create } from './two.mjs';
const { forward, twice } = create(), { out, total } = forward({ w: Float32Array.of(1, 0, 0, 1, 1, 1) }, Float32Array.from({ length: 12 }, (_, i) => i - 5));
console.log(JSON.stringify([[...out], [...total], [...twice(Float32Array.of(3, 4))]]));`)).toEqual([[0, 0, 0, 0, 4, 5, 10, 11], [12], [6, 8]]);
  expect(files['two.d.mts']).toBe(`export interface Programs {
  readonly forward: (params: {
    readonly w: Float32Array /* f32[3, 2] */;
  }, v: Float32Array /* f32[4, 3] */) => {
    readonly out: Float32Array /* f32[4, 2] */;
    readonly total: Float32Array /* f32[] */;
  };
  readonly twice: (arg0: Float32Array /* f32[2] */) => Float32Array /* f32[2] */;
}
/** Programs with memory of their own: what a call returns for a donated state the next call overwrites, also that of another state. Create one for each. */
export declare const create: () => Programs;
`);
});

it('names that are words of JavaScript or of the module, and values that are no tensors', () => {
  const names = ['out', 'in0', 'class', 'programs', 'check', 'Float32Array', 'arguments', 'size0'], f = fn(names.map(() => f32([1])), (...all: readonly F32<[1]>[]) => ({ 'the sum': all.reduce((a, b) => add(a, b)), count: 5, what: 'sums', none: undefined }), { args: names });
  const { files } = orThrow(emit({ 'my-f': f, '1f': f }, { name: 'names' }));
  expect(alone(files, `import { create } from './names.mjs';
const programs = create(), ones = Array.from({ length: ${names.length} }, () => Float32Array.of(1));
console.log(JSON.stringify(['my-f', '1f'].map((name) => { const { 'the sum': sum, ...rest } = programs[name](...ones); return [...sum, rest]; })));`)).toEqual([[8, { count: 5, what: 'sums' }], [8, { count: 5, what: 'sums' }]]);
  expect(files['names.d.mts']).toContain('(out_: Float32Array /* f32[1] */, in0_: Float32Array /* f32[1] */, class_: ');
  expect(files['names.d.mts']).toContain('readonly count: 5;');
});

it.each([['wasm', wasm({ threads: 1 })], ['js', js()]] as const)('blocks that repeat and numbers kept as halves, %s', (_, backend) => {
  const layer = fn([f32([4, 4]), f32([4, 4])], (h, w) => tanh(matmul(h, w)));
  const deep = fn([f32([4, 4]), f32([4, 4])], (h, w) => layer(call(layer)(call(layer)(h, w), w), w)), stored = fn([bf16([4]), f32([4])], (a, b) => ({ sum: add(a, 1), product: halfPrecision((v: F32<[4]>) => mul(exp(v), v), 'f16')(b) }));
  const numbers = Float32Array.from({ length: 16 }, (_n, i) => Math.sin(i)), words = Uint16Array.of(0x3f80, 0x4049, 0xc2f7, 0x7f80), at = numbers.subarray(0, 4);
  const { files } = orThrow(emit({ deep, stored }, { name: 'halves', backend })), here = orThrow(compile(deep, { backend }))(numbers, numbers), kept = orThrow(compile(stored, { backend }))(arrayOf('bf16', [1, 3.140625, -123.5, Infinity], [4]), at);
  expect(alone(files, `import { create } from './halves.mjs';
const { deep, stored } = create(), x = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)), { sum, product } = stored(Uint16Array.of(${words.join()}), x.slice(0, 4));
console.log(JSON.stringify([[...deep(x, x)], [sum.constructor.name, ...sum], [...product]]));`)).toEqual([[...here.data], ['Uint16Array', 0x4000, 0x4084, 0xc2f5, 0x7f80], [...kept.product.data]]);
  expect([...kept.sum.data]).toEqual([2, 4.125, -122.5, Infinity]);
});
