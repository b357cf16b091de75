import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { mnistTrainer } from '../../examples/mnist.ts';
import { js } from '../../src/backends/js/js.ts';
import { defaultStages, stagesOf, type Stages } from '../../src/compile/stages.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import { add, array, compile, compute, div, f32, fn, gelu, i32, intArray, key, logSoftmax, matmul, mean, mul, neg, oneHot, orThrow, softplus, sqrt, sub, sum, valueAndGrad, variance, type NDArray } from '../../src/index.ts';
import { createBuilder } from '../../src/ir/graph/builder.ts';
import type { Module } from '../../src/ir/graph/syntax.ts';
import { transcribe } from '../../src/ir/graph/walk.ts';
import { count } from '../../src/ir/loop/counts.ts';
import { init } from '../../src/nn/index.ts';
import { inlineComposites } from '../../src/passes/graph/clean.ts';
import { printPlan } from '../../src/passes/plan/print.ts';
import { runPasses } from '../../src/passes/run.ts';
import { stepOf } from '../../src/train/index.ts';
import { classifier } from '../train/problems.ts';

const lowered = (f: unknown, batch: number) => orThrow(lower(f, { dims: { batch: { max: batch } } }));
const staged = (module: Module, donated: readonly number[]): Stages => stagesOf(module, js(), { ...defaultStages, verify: true, donated });
/** the first argument's leaves */
const stateOf = (l: ReturnType<typeof lowered>): readonly number[] => l.params.flatMap((p, i) => (p.path[0] === '0' ? [i] : []));

describe("a trainer's step is one program", () => {
  const l = lowered(stepOf(mnistTrainer), 128), { plan, program } = staged(l.module, stateOf(l));
  it('of ten kernels', () => expect(plan.groups).toHaveLength(10));
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
});

it('no size of the tutorial’s network stands in the source', () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  const found = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts')).flatMap((file) => {
    // comments and examples may speak of it
    const code = readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '').replaceAll(/'[^'\n]*'|`[^`]*`/g, '');
    return [...code.matchAll(/(?<![\w.])(784|100352|16384|101770|118282|60_?000|10_?000|128)(?![\w.])/g)].map((m) => `${file}: ${m[1]}`);
  });
  // none is a size of a network: the type of a data set's flat images, the batch that evaluate and predict take unless told
  // otherwise, and ten seconds
  expect(found).toEqual(['data/mnist.ts: 784', 'train/evaluate.ts: 128', 'train/evaluate.ts: 128', 'train/progress.ts: 10_000']);
});

describe('a step on js', () => {
  const start = () => {
    const t = classifier(), vars = init(t.model, key(0)), made = orThrow(compute({ variables: vars, slots: t.optimizer.init(vars.params) }));
    const none = (): NDArray<[], 'f32'> => array(new Float32Array(1), []);
    const run = orThrow(compile(stepOf(t), { donate: [0], dims: { batch: { max: 16 } } }));
    const x = array(Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)), [16, 2]), y = intArray(Int32Array.from({ length: 16 }, (_, i) => i % 3), [16]);
    // SAFETY: the state is like the step's own, of which only the types were read
    const call = run as unknown as (...args: readonly unknown[]) => { readonly state: unknown; readonly loss: NDArray<[], 'f32'> };
    let state: unknown = { ...made, totals: { loss: none(), accuracy: none() } };
    const k = key(1);
    return (): void => { const r = call(state, x, y, k); state = r.state; r.loss[Symbol.dispose](); };
  };
  it('constructs no ArrayBuffer after the second', () => {
    const step = start(), kept = globalThis.ArrayBuffer, arrays = ['Float32Array', 'Float64Array', 'Int32Array', 'Uint8Array'] as const;
    step();
    step();
    let made = 0;
    // SAFETY: the constructors are put back below
    const world = globalThis as unknown as Record<string, unknown>, before = arrays.map((name) => world[name]);
    const counted = (original: unknown): unknown => new Proxy(original as new (...args: unknown[]) => object, { construct: (target, args) => { if (!(args[0] instanceof kept)) made++; return new target(...args); } });
    world['ArrayBuffer'] = counted(kept);
    arrays.forEach((name, i) => { world[name] = counted(before[i]); });
    try { for (let i = 0; i < 5; i++) step(); } finally {
      world['ArrayBuffer'] = kept;
      arrays.forEach((name, i) => { world[name] = before[i]; });
    }
    expect(made).toBe(0);
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
