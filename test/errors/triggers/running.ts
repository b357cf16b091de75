import * as E from 'fp-ts/lib/Either.js';
import { isNonEmpty } from 'fp-ts/lib/ReadonlyArray.js';
import { add, array, compile, compileAsync, exp, f32, f64, fn, i32, mul, orThrow, prod, customVjp, emit, sum, type F32 } from 'fluxion';
import { js, wasm, type Backend } from 'fluxion/backends';
import { gpujs } from 'fluxion/gpujs';
import { rule, schedule } from 'fluxion/ir';
import { checkGradients, checkRule } from 'fluxion/testing';
import { arraysOf } from '../../../src/expr/ndarray.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import { procedural } from '../../../src/passes/graph/rewrite.ts';
import { checkModule } from '../../../src/testing/derivativeCheck.ts';
import { fakeDevice } from '../../backends/gpujs/fake.ts';
import { machine, running as inThreads, text } from '../../backends/wasm/threaded.ts';
import { said, unchecked } from '../../messages.ts';
import { thrown, type Triggers } from './trigger.ts';

const both = fn([f32(['n', 2]), f32(['n'])], (x, y) => [sum(x), y], { args: ['x', 'y'] });
const step = fn([f32([2])], (x) => add(x, 1), { args: ['x'] });
/** a backend that adds one to everything */
const lying = (): Backend<'sync'> => {
  const honest = js();
  return { ...honest, name: 'lying', load: (program, artifact) => {
    const loaded = honest.load(program, artifact), plusOne = (x: number): number => x + 1;
    return { ...loaded, run: (inputs, sizes) => loaded.run(inputs, sizes).map((h) => honest.memory.upload(h.dtype, Float32Array.from(honest.memory.read(h), plusOne))) };
  } };
};
const withoutEval = (run: () => string): string => {
  const { Function: original } = globalThis;
  // SAFETY: stands in for a page whose policy forbids it
  globalThis.Function = function refuse() { throw new EvalError('Refused to evaluate a string as JavaScript'); } as unknown as FunctionConstructor;
  try {
    return run();
  } finally {
    globalThis.Function = original;
  }
};
const withoutWasm = (run: () => string): string => {
  // SAFETY: stands in for a page whose policy forbids it; this project's types do not tell of WebAssembly
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: { Module: unknown } }, { Module: original } = WebAssembly;
  WebAssembly.Module = function refuse() { throw new Error('Wasm code generation disallowed by embedder'); };
  try {
    return run();
  } finally {
    WebAssembly.Module = original;
  }
};
/** a function whose two derivatives are of two minds */
const torn = (): string => {
  const b = createBuilder(), type = { dtype: 'f64', shape: [2] } as const;
  const params = (graph: string, names: readonly string[]) => names.map((name, i) => b.parameter(graph, i, name, type));
  const body = params('f', ['x']), back = params('back', ['x', 'y', 'ct']), along = params('along', ['x', 'dx']), [x] = params('main', ['x']);
  b.addGraph({ name: 'f', params: body, results: [b.map('exp', [body[0]])] });
  b.addGraph({ name: 'back', params: back, results: [b.map('mul', [back[2], back[1]])] });
  b.addGraph({ name: 'along', params: along, results: [b.map('exp', [along[0]]), along[1]] });
  b.addGraph({ name: 'main', params: [x], results: [b.node('composite', { name: 'f', attributes: {}, body: 'f', vjp: 'back', jvp: 'along' }, [x])] });
  const found = checkModule(b.finish('main'), [Float64Array.of(1, 2)]);
  return 'compared' in found || !isNonEmpty(found) ? 'nothing is wrong' : said(E.left(found));
};
/** the second of two threads reads far beyond the memory */
const astray = async (): Promise<string> => {
  const { load, memory, said: saidBy } = machine(2), run = load(text(`program astray buffer x: f32[2] input buffer y: f32[2] output
    kernel k(x: read f32[2], y: write f32[2]) { for i < 2 grid(1) { store y[i] = x[500000000*i] } } steps { run k(x, y) barrier }`));
  await inThreads(2, saidBy);
  return thrown(() => run.run([memory.upload('f32', Float32Array.of(1, 2))], {}));
};

/** backends, arguments of a call, validation and checks */
export const running: Triggers = {
  FX5001: () => said(compile(fn([f32([2 ** 31])], (x) => exp(x), { args: ['x'] }))),
  FX5002: () => withoutEval(() => said(compile(step, { backend: js() }))),
  FX5101: () => said(compile(fn([f64([2])], (x) => exp(x), { args: ['x'] }), { backend: gpujs({ mode: 'cpu' }) })),
  FX5102: () => said(compile(step, { backend: unchecked({ ...gpujs({ mode: 'webgl2' }), timing: 'sync' }) })),
  FX5103: () => said(orThrow(compile(fn([i32([1])], (x) => sum(x)), { backend: gpujs({ mode: 'cpu' }) })).safe([(1 << 24) + 1])),
  FX5104: async () => {
    const run = await orThrow(compileAsync(step, { backend: fakeDevice(() => 'the device was lost').backend }));
    return said(await run.safe([1, 2]));
  },
  FX5201: () => thrown(() => wasm({ threads: 1 }).memory.upload('f32', unchecked({ length: 2 ** 30 }))),
  FX5202: astray,
  FX5203: () => said(compile(step, { backend: wasm({ threads: 1.5 }) })),
  FX5204: () => withoutWasm(() => said(compile(step, { backend: wasm({ threads: 1 }) }))),
  FX7001: () => said(orThrow(compile(step)).safe(new Float32Array(3))),
  FX7002: () => said(orThrow(compile(step)).safe(unchecked(Int32Array.of(1, 2)))),
  FX7003: () => { const run = orThrow(compile(step, { donate: [0] })), a = run([1, 2]); run(a); return thrown(() => a.data); },
  FX7004: () => thrown(() => arraysOf({ dtype: 'f32', shape: [2] }, { trace: {} })({ read: () => Promise.resolve(new Float32Array(2)), dispose: () => undefined }).data),
  FX7005: () => said(orThrow(compile(both)).safe([[1, 2], [3, 4]], [1, 2, 3])),
  FX7006: () => said(orThrow(compile(both, { dims: { n: { max: 1 } } })).safe([[1, 2], [3, 4]], [1, 2])),
  FX7007: () => said(compile(step, { backend: unchecked(gpujs({ mode: 'webgpu' })) })),
  FX7008: () => [said(Reflect.apply(orThrow(compile(step)).safe, undefined, [[1, 2], 3])), said(compile(step, { donate: [1] }))].join('\n'),
  FX3201: () => said(compile(step, { schedules: [schedule('map_0', { tile: { m: 0 } })] })),
  FX3202: () => said(compile(step, { schedules: [schedule('contract_7', { blocks: 1 })] })),
  FX3203: () => said(compile(step, { passes: (all) => [...all, { name: 'mine', run: () => unchecked(undefined) }] })),
  FX7010: () => said(compile(fn([f32([2])], (x) => exp(x)), { validate: true, rules: [rule('exp x = x, wrongly', (p, x) => p.exp(x), (_, x) => x, { class: 'fast' })] })),
  FX7011: () => said(compile(fn([f32([2])], (x) => exp(x)), { validate: true, backend: lying() })),
  FX7012: () => said(emit({})),
  FX7013: () => said(emit({ f: fn([f32([2, 'n'])], (x) => exp(x), { args: ['x'] }) }, { dims: { n: { max: 3 } } })),
  FX8001: () => {
    const square = customVjp((x: F32<[1]>) => mul(x, x), (x) => [mul(x, x), x], (x, ct) => [mul(ct, x)]);
    return said(checkGradients(fn([f32([1])], (x) => sum(square(x)), { args: ['x'] }), [array([2], [1])]));
  },
  FX8002: torn,
  FX8003: () => said(checkGradients(fn([i32([3])], (x) => prod(x)), [[1, 2, 3]])),
  FX8004: () => said(checkGradients(fn([f32([2])], (x) => sum(mul(x, 1e38))), [[3, NaN]])),
  FX8010: () => said(checkRule(rule('x - y = x + y', (p, x, y) => p.sub(x, y), (p, x, y) => p.map('add', x, y), { class: 'reassociates' }))),
  FX8011: () => said(checkRule(procedural('lazy', 'map', 'exact', () => undefined, [(b, p) => b.map('exp', [p([2])])]))),
  FX8012: () => said(checkRule(procedural('narrowing', 'reshape', 'exact', ({ inputs: [x] }) => x, [(b, p) => b.reshape(p([2, 3]), [6])]))),
};
