import { readFileSync } from 'node:fs';
import type { Handle } from '../../src/backends/backend.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import type { TypedArray } from '../../src/core/dtype.ts';
import { invariant } from '../../src/core/invariant.ts';
import { parsed, parseProgram } from '../../src/ir/loop/parse.ts';
import type { Program } from '../../src/ir/loop/syntax.ts';
import { planMemory } from '../../src/passes/loop/planMemory.ts';
import { generator } from '../../src/testing/graphs.ts';
import { handAttention } from '../hand/attention.ts';
import { handConvGradient } from '../hand/convGradient.ts';
import { handStep } from '../hand/mlp.ts';
import type { HandProgram } from '../hand/program.ts';
import { handWasmStep, placesOf } from '../hand/step.ts';
import { local, type Lane, type Results, type Running, type Workload } from '../measure.ts';
import { attentionProblem, stepProblem } from '../problems.ts';
import { attentionMeaning, lastHead } from './attention.ts';

/**
 * What the `wasm` backend emits for loop programs that were written by hand, beside kernels written by hand for the same
 * programs, one thread each: how much of the limit is lost below the loops.
 */
export const gateWorkloads = (): readonly Workload[] => [step(), convGradient(), ...attentions()];

interface Loaded { readonly run: (inputs: readonly Handle[]) => readonly Handle[]; readonly upload: (data: TypedArray) => Handle; readonly read: (handle: Handle) => TypedArray; readonly free: (handle: Handle) => void; readonly program: Program; readonly close: () => void }
const load = (name: string): Loaded => {
  const backend = wasm({ threads: 1 }), { memory, target } = backend, file = `${name}.tiled.loop`;
  const program = planMemory(parsed(parseProgram(readFileSync(new URL(`../../test/golden/loop/${file}`, import.meta.url), 'utf8'), { file })), target), loaded = backend.load(program, backend.emit(program));
  return {
    program, run: (inputs) => loaded.run(inputs, {}), close: () => loaded.dispose(),
    upload: (data) => memory.upload(data instanceof Int32Array ? 'i32' : 'f32', data), read: (handle) => memory.read(handle), free: (handle) => memory.free(handle),
  };
};
const emitted = (start: () => Running): Lane => ({ subject: 'fluxion', backend: 'wasm', threads: 1, start });
const byHand = (start: () => Promise<HandProgram>): Lane => ({ subject: 'hand', backend: 'wasm', threads: 1, start: async () => {
  const { run, outputs, close } = await start();
  return local({ run, close, results: () => { run(); return outputs(); } });
} });
/** a program of arrays that stay */
const ofArrays = (name: string, inputs: { readonly [name: string]: Float32Array }): Running => {
  const { program, run, upload, read, free, close } = load(name), given = program.inputs.map((id) => { invariant(inputs[id] !== undefined, `no input ${id}`); return upload(inputs[id]); });
  return local({
    run: () => { for (const handle of run(given)) free(handle); }, close,
    results: () => { const out = run(given), results = Object.fromEntries(program.outputs.map((id, i) => [id, read(out[i])])); for (const handle of out) free(handle); return results; },
  });
};

const steps = 3;
/** the tutorial's step; its means are the losses of the same step in JavaScript, in doubles */
const step = (): Workload => {
  const problem = stepProblem([784, 128, 128, 10], 128), { sizes, batch, weights, batches } = problem, initial = Float32Array.from(weights.flatMap((w) => [...w]));
  const losses = (of: (i: number) => number): Results => ({ loss: Array.from({ length: steps }, (_, i) => of(i)) });
  type Step = { readonly restart: () => void; readonly loss: (i: number) => number; readonly close: () => void };
  const running = ({ restart, loss, close }: Step): Running => local({ run: (i) => { loss(i + 1); }, begin: () => { restart(); loss(0); }, close, results: () => { restart(); return losses(loss); } });
  const hand = ({ restart, x, labels, step: run, close }: ReturnType<typeof handStep>): Step => ({ restart, close, loss: (i) => { x.set(batches[i % batches.length].x); labels.set(batches[i % batches.length].labels); return run().loss; } });
  const text = (): Step => {
    const { run, upload, read, free, close } = load('trainStepThreads'), parameters = new Float32Array(118784);
    placesOf(sizes, [784, 128, 128, 12]).forEach((at, i) => { parameters[at] = initial[i]; });
    parameters.fill(-1e30, 118538, 118540);
    let state: readonly Handle[] = [];
    return {
      restart: () => { for (const handle of state) free(handle); state = [upload(new Int32Array(1)), upload(parameters), upload(new Float32Array(118784)), upload(new Float32Array(118784))]; },
      loss: (i) => {
        const { x, labels } = batches[i % batches.length], given = [upload(x), upload(labels)], [t, p, m, v, loss, accuracy] = run([...given, ...state]);
        state = [t, p, m, v];
        const [value] = read(loss);
        for (const handle of [...given, loss, accuracy]) free(handle);
        return value;
      },
      close,
    };
  };
  return {
    name: 'gate trainStepThreads', tolerance: 1e-4, reference: () => { const { restart, loss } = hand(handStep(sizes, batch, initial)); restart(); return losses(loss); },
    lanes: [emitted(() => running(text())), { subject: 'hand', backend: 'wasm', threads: 1, start: async () => running(hand(await handWasmStep(sizes, batch, initial, 1))) }],
  };
};

const convGradient = (): Workload => {
  const images = 64, random = generator(19), inside = (at: number): boolean => at >= 1 && at <= 14;
  const x = Float32Array.from({ length: images * 4096 }, (_, i) => (inside((i >> 8) & 15) && inside((i >> 4) & 15) ? random() - 0.5 : 0)), dy = Float32Array.from({ length: images * 6272 }, () => random() - 0.5);
  return {
    name: 'gate convGradient', tolerance: 1e-5, reference: () => convMeaning(images, x, dy),
    lanes: [emitted(() => ofArrays('convGradient', { x, dy })), byHand(() => handConvGradient(images, x, dy))],
  };
};
/** the same sums in plain loops of doubles */
const convMeaning = (images: number, x: Float32Array, dy: Float32Array): Results => {
  const dw = new Float64Array(4608), db = new Float64Array(32);
  for (let n = 0; n < images; n++) for (let r = 0; r < 14; r++) for (let s = 0; s < 14; s++) {
    const slopes = 6272 * n + 448 * r + 32 * s;
    for (let o = 0; o < 32; o++) db[o] += dy[slopes + o];
    for (let u = 0; u < 3; u++) for (let v = 0; v < 3; v++) for (let c = 0; c < 16; c++) {
      const pixel = x[4096 * n + 256 * (r + u) + 16 * (s + v) + c], at = 384 * u + 128 * v + 8 * c;
      for (let o = 0; o < 32; o++) dw[1152 * (o >> 3) + at + (o & 7)] += pixel * dy[slopes + o];
    }
  }
  return { dw, db };
};

/** causal attention of 8 × 256 × 64 */
const attentions = (): readonly Workload[] => {
  const problem = attentionProblem(8, 256, 64, { causal: true, backward: true }), { q, k, v, dOut } = problem, forward = { ...problem, backward: false };
  const known = async (): Promise<{ readonly out: Float32Array; readonly top: Float32Array }> => {
    const { run, outputs, close } = await handAttention(forward, 1);
    run();
    close();
    const { out, top } = outputs();
    return { out, top };
  };
  const one = (text: string, reference: () => Results, inputs: () => Promise<{ readonly [name: string]: Float32Array }>, hand: () => Promise<HandProgram>): Workload => ({
    name: `gate ${text}`, tolerance: 2e-5, reference, sample: (results) => Object.fromEntries(['out', 'dq', 'dk', 'dv'].filter((name) => results[name] !== undefined).map((name) => [name, lastHead(problem, results[name])])),
    lanes: [{ subject: 'fluxion', backend: 'wasm', threads: 1, start: async () => ofArrays(text, await inputs()) }, byHand(hand)],
  });
  let meaning: Results | undefined;
  const meant = (...names: readonly string[]) => (): Results => { meaning ??= attentionMeaning(problem); const all = meaning; return Object.fromEntries(names.map((name) => [name, all[name]])); };
  const alone = async (): Promise<HandProgram> => handAttention(problem, 1, { known: await known() });
  return [
    one('attentionRows', meant('out'), () => Promise.resolve({ q, k, v }), () => handAttention(forward, 1)),
    one('attentionOnline', meant('out'), () => Promise.resolve({ q, k, v }), () => handAttention(forward, 1, { online: true })),
    one('attentionRowsBackward', meant('dq', 'dk', 'dv'), () => Promise.resolve({ q, k, v, do: dOut }), alone),
    one('attentionOnlineBackward', meant('dq', 'dk', 'dv'), async () => { const { out, top } = await known(); return { q, k, v, do: dOut, out, lse: top }; }, alone),
  ];
};
