import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { mnistTrainer } from '../../examples/mnist.ts';
import type { LoopBackend } from '../../src/backends/backend.ts';
import { js } from '../../src/backends/js/js.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { defaultStages, stagesOf, type Stages } from '../../src/compile/stages.ts';
import { typedArray, type DType } from '../../src/core/dtype.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import { add, array, compile, compute, conv2d, div, f32, fn, gelu, i32, intArray, key, logSoftmax, matmul, maxPool, mean, mul, neg, oneHot, orThrow, relu, softplus, sqrt, square, sub, sum, tanh, valueAndGrad, variance, type Dyn, type NDArray, type Tensor } from '../../src/index.ts';
import { createBuilder } from '../../src/ir/graph/builder.ts';
import { interpret } from '../../src/ir/graph/interpret.ts';
import type { Module } from '../../src/ir/graph/syntax.ts';
import { transcribe } from '../../src/ir/graph/walk.ts';
import { count } from '../../src/ir/loop/counts.ts';
import { init } from '../../src/nn/index.ts';
import { inlineComposites } from '../../src/passes/graph/clean.ts';
import { expandTransforms } from '../../src/passes/graph/expandTransforms.ts';
import { printPlan } from '../../src/passes/plan/print.ts';
import { runPasses } from '../../src/passes/run.ts';
import { generator } from '../../src/testing/graphs.ts';
import { evaluate, fit, stepOf } from '../../src/train/index.ts';
import { runModule } from '../laws/run.ts';
import { classifier, sectors } from '../train/problems.ts';

const lowered = (f: unknown, batch: number) => orThrow(lower(f, { dims: { batch: { max: batch } } }));
const staged = (module: Module, donated: readonly number[], backend: LoopBackend = js()): Stages => stagesOf(module, backend, { ...defaultStages, verify: true, donated });
/** the first argument's leaves */
const stateOf = (l: ReturnType<typeof lowered>): readonly number[] => l.params.flatMap((p, i) => (p.path[0] === '0' ? [i] : []));

describe("a trainer's step is one program", () => {
  const l = lowered(stepOf(mnistTrainer), 128), { plan, program } = staged(l.module, stateOf(l));
  it('of ten kernels', () => expect(plan.groups).toHaveLength(10));
  it('for whose sake threads meet twice, and at the end: another kernel adds up what they have of the loss', () => expect(count(staged(l.module, stateOf(l), wasm({ threads: 2 })).program, { batch: 128 })).toMatchObject({ kernels: 11, barriers: 2 }));
  it('with softmax, cross-entropy, their gradient and the accuracy in one of them', () => {
    const rows = plan.groups.filter((g) => g.members.some((n) => n.op === 'map' && n.attrs.fn === 'exp'));
    expect(rows).toHaveLength(1);
    const monoids = rows[0].members.flatMap((n) => (n.op === 'reduce' ? [n.attrs.monoid] : []));
    expect(monoids).toEqual(expect.arrayContaining(['max', 'add', 'argMax']));
    // the gradient of the logits leaves it
    expect(rows[0].roots.some((r) => r.type.shape.length === 2)).toBe(true);
  });
  it('which overwrites all its state and stores nothing larger than a layer or its weights', () => {
    expect(plan.inPlace.size).toBe(stateOf(l).length);
    const temporaries = [...program.buffers.values()].filter((b) => b.role === 'temporary').map((b) => b.layout.size);
    expect(Math.max(...temporaries)).toBeLessThanOrEqual(784 * 128);
    expect(temporaries.filter((n) => n > 128 * 128)).toEqual([]);
  });
});

describe('a chain of thousands of functions', () => {
  it.each([['of vectors', [64]], ['of numbers', []]] as const)('%s, is kernels of so many each', (_, shape: readonly number[]) => {
    const { plan } = staged(orThrow(lower(fn([f32([...shape])], (x) => Array.from({ length: 1000 }).reduce<Tensor<Dyn, 'f32'>>((h) => tanh(add(mul(h, 0.5), x)), x)))).module, [], wasm({ threads: 1 }));
    expect(Math.max(...plan.groups.map((g) => g.members.length))).toBeLessThanOrEqual(48);
    expect(plan.groups.length).toBeLessThan(1000 / 5);
  });
});

describe('a step of a convolutional network', () => {
  const network = fn([[f32([3, 3, 1, 16]), f32([16]), f32([3, 3, 16, 32]), f32([32])] as const, f32([64, 28, 28, 1])], (p, x) => {
    const [w1, b1, w2, b2] = p, pooled = maxPool(relu(add(conv2d(x, w1), b1)), 2);
    return mean(square(maxPool(relu(add(conv2d(pooled, w2), b2)), 2)));
  });
  const step = fn([[f32([3, 3, 1, 16]), f32([16]), f32([3, 3, 16, 32]), f32([32])] as const, f32([64, 28, 28, 1])], (p, x) => valueAndGrad(network)(p, x));
  const { plan } = staged(orThrow(lower(step)).module, [], wasm({ threads: 1 })), largest = (shape: readonly unknown[]): number => shape.reduce<number>((n, d) => n * Number(d), 1);
  it('stores no windows: nothing is larger than a layer', () => {
    const stored = [...plan.stored].filter((n) => n.type.dtype === 'f32').map((n) => largest(n.type.shape));
    expect(Math.max(...stored)).toBe(64 * 24 * 24 * 16);
    // one contraction forward for each layer, one for each filter's gradient, one for the gradient of what the second read
    expect(plan.groups.filter((g) => g.nest.kind === 'contract')).toHaveLength(5);
  });
  it('computes of each layer, and of its gradient, only what the pooling after it reads', () => {
    const sides = plan.groups.filter((g) => g.nest.kind === 'contract').map((g) => g.roots[0].type.shape.slice(1, 3));
    // the gradient of the first filter, which is small, image by image
    expect(sides).toEqual([[24, 24], [10, 10], [12, 12], [3, 3], [3, 16]]);
  });
  it('writes the border of what is read in windows once', () => expect(plan.groups.filter((g) => g.members.some((n) => n.op === 'pad')).map((g) => g.members.length)).toEqual([1]));
});

/** composites dissolved, their own rules of derivation with them, before anything is differentiated */
const dissolved = (module: Module): Module => {
  const b = createBuilder();
  transcribe(module, b, (node, inputs) => (node.op === 'composite' ? b.node('composite', { name: node.attrs.name, attributes: {}, body: node.attrs.body }, inputs) : undefined));
  return runPasses(b.finish(module.main), [inlineComposites]);
};
describe('no composite is known by its name', () => {
  const normalised = (x: ReturnType<typeof f32<['batch', 6]>>) => div(sub(x, mean(x, -1, { keepdims: true })), sqrt(add(variance(x, -1, { keepdims: true }), 1e-5)));
  const mixed = fn([{ w: f32([6, 6]), v: f32([6, 4]) }, f32(['batch', 6]), i32(['batch'])], (p, x, y) => {
    const [loss, grads] = valueAndGrad((q: typeof p) => neg(mean(sum(mul(logSoftmax(matmul(softplus(gelu(matmul(normalised(x), q.w))), q.v)), oneHot(y, 4)), -1))))(p);
    return { w: sub(p.w, mul(grads.w, 0.1)), v: sub(p.v, mul(grads.v, 0.1)), loss };
  });
  it.each([['the tutorial’s step', stepOf(mnistTrainer), 128], ['gelu, softplus, normalisation and logSoftmax', mixed, 16]] as const)('%s has the same plan and counts with all of them dissolved', (_, f, batch) => {
    const l = lowered(f, batch), whole = staged(l.module, stateOf(l)), open = staged(dissolved(l.module), stateOf(l));
    expect(printPlan(open.plan)).toBe(printPlan(whole.plan));
    expect(count(open.program, { batch })).toEqual(count(whole.program, { batch }));
  });
  it.each([['a trainer’s step', stepOf(classifier()), 16], ['gelu, softplus, normalisation and logSoftmax', mixed, 16]] as const)('%s gives the same numbers, gradients among them, and those of the meaning', (_, f, batch) => {
    const { module } = orThrow(lower(f, { dims: { batch } })), main = module.graphs.get(module.main), random = generator(5);
    const args = (main?.params ?? []).map(({ type: { dtype, shape } }) => typedArray<DType>(dtype, Array.from({ length: shape.reduce<number>((n, d) => n * Number(d), 1) }, () => (dtype === 'f32' ? random() : Math.floor(3 * random())))));
    const [whole, open] = [module, dissolved(module)].map((m) => runModule(js(), m, args) ?? []), wanted = interpret(runPasses(module, [expandTransforms]), args, { precision: 'f64' });
    expect(whole).toHaveLength(wanted.length);
    expect(open).toEqual(whole);
    whole.forEach((data, i) => data.forEach((x, k) => expect(Math.abs(x - wanted[i][k])).toBeLessThan(1e-4 * (1 + Math.abs(wanted[i][k])))));
  });
});

it('no size of the tutorial’s network stands in the source', () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  const found = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts')).flatMap((file) => {
    // comments and examples may speak of it
    const code = readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '').replaceAll(/'[^'\n]*'|`[^`]*`/g, '');
    return [...code.matchAll(/(?<![\w.])(784|100352|16384|101770|118282|60_?000|10_?000|128)(?![\w.])/g)].map((m) => `${file}: ${m[1]}`);
  });
  // none is a size of a network: the type of a data set's flat images, the batch that emit, evaluate and predict take unless
  // told otherwise, ten seconds, and a place in the words of threads
  expect(found.sort()).toEqual(['backends/wasm/control.ts: 128', 'cli/batch.ts: 128', 'data/mnist.ts: 784', 'train/evaluate.ts: 128', 'train/evaluate.ts: 128', 'train/progress.ts: 10_000']);
});

const floats = new Float32Array(4);
const arrayNames = ['Float32Array', 'Float64Array', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array'] as const;
/** puts something in place of a field until it is put back */
const replaced = (holder: object, name: string, by: (original: (...args: never[]) => unknown) => unknown): (() => void) => {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  if (descriptor === undefined) throw new Error(`there is no ${name}`);
  Object.defineProperty(holder, name, { ...descriptor, value: by(descriptor.value as (...args: never[]) => unknown) });
  return () => { Object.defineProperty(holder, name, descriptor); };
};
/** How many buffers are made while `run` runs: by constructors of every kind of array, their `from` and `of`, and methods that copy. */
const buffersMade = (run: () => void): number => {
  let made = 0;
  const buffer = ArrayBuffer, sharedBuffer = SharedArrayBuffer, typed = Object.getPrototypeOf(Float32Array) as { readonly prototype: object };
  // a view of a buffer that is there makes none
  const constructor = (original: (...args: never[]) => unknown): unknown => new Proxy(original, { construct: (target, args, own) => { if (!(args[0] instanceof buffer || args[0] instanceof sharedBuffer)) made++; return Reflect.construct(target, args, own) as object; } });
  const method = (original: (...args: never[]) => unknown): unknown => function counted(this: unknown, ...args: never[]) { made++; return Reflect.apply(original, this, args); };
  const undo = [
    ...['slice', 'map', 'filter'].map((name) => replaced(typed.prototype, name, method)), ...['from', 'of'].map((name) => replaced(typed, name, method)), replaced(buffer.prototype, 'slice', method),
    ...['ArrayBuffer', 'SharedArrayBuffer', ...arrayNames].map((name) => replaced(globalThis, name, constructor)),
  ];
  try { run(); } finally { for (const put of undo) put(); }
  return made;
};

describe.each([['js', js], ['wasm', wasm]] as const)('a step on %s', (_, backendOf) => {
  const start = () => {
    const backend = backendOf();
    const t = classifier(), vars = init(t.model, key(0)), made = orThrow(compute({ variables: vars, slots: t.optimizer.init(vars.params) }, { backend }));
    const none = (): NDArray<[], 'f32'> => array(new Float32Array(1), []);
    const run = orThrow(compile(stepOf(t), { backend, donate: [0], dims: { batch: { max: 16 } } }));
    const x = array(Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)), [16, 2]), y = intArray(Int32Array.from({ length: 16 }, (_, i) => i % 3), [16]);
    // SAFETY: the state is like the step's own, of which only the types were read
    const call = run as unknown as (...args: readonly unknown[]) => { readonly state: unknown; readonly loss: NDArray<[], 'f32'> };
    let state: unknown = { ...made, totals: { loss: none(), accuracy: none() } };
    const k = key(1);
    return (): void => { const r = call(state, x, y, k); state = r.state; r.loss[Symbol.dispose](); };
  };
  it('constructs no ArrayBuffer after the second, neither by name nor by a method of another', () => {
    const step = start();
    step();
    step();
    expect(buffersMade(() => { for (let i = 0; i < 5; i++) step(); })).toBe(0);
  });
  it.each([
    ['new Uint32Array', () => new Uint32Array(2)], ['new BigInt64Array', () => new BigInt64Array(2)], ['new ArrayBuffer', () => new ArrayBuffer(8)],
    ['slice', () => floats.slice()], ['map', () => floats.map((v) => v)], ['from', () => Float64Array.from([1])], ['of', () => Uint8Array.of(1)], ['slice of a buffer', () => floats.buffer.slice(0)],
  ] as const)('%s would have been seen, a view would not', (_, make) => {
    expect(buffersMade(make)).toBeGreaterThan(0);
    expect(buffersMade(() => floats.subarray(1))).toBe(0);
  });
  it('leaves nothing on the heap: less than a megabyte after a thousand', async () => {
    v8.setFlagsFromString('--expose-gc');
    const gc = vm.runInNewContext('gc') as () => void, step = start();
    const settled = async (): Promise<number> => { for (let i = 0; i < 3; i++) { gc(); await new Promise((done) => { setImmediate(done); }); } return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers; };
    for (let i = 0; i < 100; i++) step();
    const before = await settled();
    for (let i = 0; i < 1000; i++) step();
    expect(await settled() - before).toBeLessThan(1 << 20);
  });
});

it('a trainer’s step and its evaluation pass the weights on with nothing copied', async () => {
  const t = classifier(), backend = js(), uploads: number[] = [];
  // all that goes up in an epoch are the sums of loss and accuracy, at nought: of the training and of its validation
  const trained = await orThrow(fit(t, sectors, { batchSize: 16, epochs: 3, validation: sectors, progress: false, backend, callbacks: [{ name: 'account', onEpochEnd: () => { uploads.push(backend.memory.stats().uploadedBytes); } }] }));
  expect(uploads[2] - uploads[1]).toBe(uploads[1] - uploads[0]);
  expect(uploads[2] - uploads[1]).toBe(2 * 4 + 2 * 4);
  const before = backend.memory.stats();
  await orThrow(evaluate(trained, sectors, { backend }));
  const after = backend.memory.stats();
  // the totals go up and come down: loss and accuracy
  expect([after.uploadedBytes - before.uploadedBytes, after.readBytes - before.readBytes]).toEqual([8, 8]);
});
