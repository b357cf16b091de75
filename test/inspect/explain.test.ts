import { describe, expect, it } from 'vitest';
import { add, argmax, exp, f32, fn, i32, matmul, mul, orThrow, relu, softmax, sub, sum, take } from '../../src/index.ts';
import { js } from '../../src/backends/js/js.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { calibrate, explain, type Explanation, type Machine } from '../../src/inspect/index.ts';
import { stepOf } from '../../src/train/steps.ts';
import { mnistTrainer } from '../../examples/mnist.ts';

const clock = (): number => performance.now();
const layer = fn([f32(['batch', 64]), f32([64, 96]), f32([96])], (x, w, b) => softmax(relu(add(matmul(x, w), b))), { name: 'layer', args: ['x', 'w', 'b'] });
/** reads through indices, folds by position, and overwrites what it is given */
const odd = fn([f32([40, 30]), i32([200]), f32([200, 30])], (table, at, step) => {
  const rows = take(table, at);
  return { table: sub(table, mul(table, 0.1)), best: argmax(add(rows, step), 1), all: sum(exp(rows)) };
}, { name: 'odd', args: ['table', 'at', 'step'] });
const machine: Machine = { operations: 20, bytes: [{ of: 1000, rate: 40 }, { of: 1_000_000, rate: 10 }], launch: 15 };

describe('predictions', () => {
  const explained = (of: Machine): Explanation => orThrow(explain(layer, { dims: { batch: 32 }, measure: { clock, machine: of } }));
  it('are the longer of arithmetic and memory, and the launch', () => {
    for (const k of explained(machine).kernels) {
      expect(k.predictedMs).toBeCloseTo(Math.max(k.arithmeticMs, k.memoryMs) + 15e-6, 12);
      expect(k.arithmeticMs).toBeCloseTo(k.operations / 20 / 1e6, 12);
    }
    const [{ memoryMs, loadedBytes }] = explained({ ...machine, bytes: [{ of: 1, rate: 2 }] }).kernels;
    // what is loaded again and again is moved once: x, w and b, and what is stored
    expect(loadedBytes).toBeGreaterThan(100_000);
    expect(memoryMs).toBeCloseTo(4 * (32 * 64 + 64 * 96 + 96 + 32 * 96) / 2 / 1e6, 9);
  });
  it('say what holds a kernel up', () => {
    const bound = (of: Machine): string => explained(of).kernels[0].bound;
    expect([bound({ ...machine, operations: 0.001 }), bound({ ...machine, bytes: [{ of: 1, rate: 0.001 }] }), bound({ ...machine, launch: 1e9 })]).toEqual(['arithmetic', 'memory', 'launch']);
  });
  it('take the planner’s figures where nothing is measured', () => {
    const { kernels, machine: assumed, text } = orThrow(explain(layer, { dims: { batch: 32 }, backend: js() }));
    expect(assumed).toEqual({ operations: 2, bytes: [{ of: 1, rate: 8 }], launch: 50 });
    expect(kernels.every((k) => k.predictedMs > 0 && k.measuredMs === undefined && k.roofline === undefined)).toBe(true);
    expect(text).not.toMatch(/measured|roofline/);
  });
});

describe.each([['wasm', () => wasm({ threads: 1 }), 1.5], ['js', () => js(), 1.5], ['wasm with two threads', () => wasm({ threads: 2 }), Infinity]] as const)('measured on %s', (_, make, most) => {
  it('the machine gives figures, and is measured once', () => {
    const backend = make(), own = calibrate(backend, clock), rates = own.bytes.map((b) => b.rate);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    expect([own.operations, own.launch, ...rates].every((x) => Number.isFinite(x) && x > 0)).toBe(true);
    expect(calibrate(backend, () => { throw new Error('measured again'); })).toBe(own);
  });
  // others may use the machine meanwhile: its figures are then too low
  it.each([['a layer', layer, {}], ['indices, positions and state', odd, { donate: [0], dims: {} }], ['a training step', stepOf(mnistTrainer), { donate: [0] }]] as const)('%s: every kernel has a time and a part of the roofline', { retry: 3 }, (_name, f, options) => {
    const backend = make(), dims = { batch: { max: 24 } }, told = orThrow(explain(f, { dims, backend, ...options, measure: { clock } })), quiet = orThrow(explain(f, { dims, backend, ...options }));
    for (const k of told.kernels) {
      expect([k.name, Number(k.measuredMs) > 0, k.predictedMs > 0]).toEqual([k.name, true, true]);
      expect(k.roofline, k.name).toBeGreaterThan(0);
      expect(k.roofline, k.name).toBeLessThanOrEqual(most);
    }
    // no figure of a machine reaches the plan
    const texts = ({ steps }: Explanation): readonly string[] => steps.map((s) => s.text);
    expect(texts(told)).toEqual(texts(quiet));
    expect(told.text.split('\n').filter((l) => !/measured|on this machine/.test(l))).toEqual(quiet.text.split('\n').filter((l) => !/^ {5}predicted/.test(l)));
  });
});

it('kernels that cannot be run from here are not timed, and it says so', () => {
  const { kernels, text } = orThrow(explain(layer, { dims: { batch: 32 }, backend: gpujs({ mode: 'cpu' }), measure: { clock } }));
  expect(kernels.every((k) => k.measuredMs === undefined && k.predictedMs > 0)).toBe(true);
  expect(text).toContain('no kernel was timed: those of gpujs cannot be run one by one from here');
});

describe('what was not fused', () => {
  const { kernels, text } = orThrow(explain(stepOf(mnistTrainer), { dims: { batch: { max: 32 } } })), names = kernels.map((k) => k.name);
  it('is told of every kernel, by the kernels that there are', () => {
    for (const { name, notFused } of kernels) {
      expect(notFused.length, name).toBeGreaterThan(0);
      for (const r of notFused) expect([names.includes(r.kernel), r.kernel === name, r.gain > 0]).toEqual([true, false, true]);
    }
    // of both sides
    const pairs = new Set(kernels.flatMap((k) => k.notFused.map((r) => `${k.name} ${r.kernel} ${r.because}`)));
    for (const pair of pairs) { const [a, b, ...because] = pair.split(' '); expect(pairs).toContain([b, a, ...because].join(' ')); }
  });
  it('takes a line for each reason, and all of them on demand', () => {
    for (const part of text.split('\n\n').slice(1)) {
      const lines = part.split('\n').filter((l) => l.startsWith('     not fused'));
      expect(lines.length).toBeLessThanOrEqual(6);
      expect(new Set(lines.map((l) => /: (.*?) \(/.exec(l)?.[1])).size).toBe(lines.length);
    }
    const whole = orThrow(explain(stepOf(mnistTrainer), { dims: { batch: { max: 32 } }, all: true })).text;
    expect(whole.match(/^ {5}refused by /gm)?.length).toBeGreaterThan(40);
  });
  it('is nothing where one kernel does it all', () => {
    expect(orThrow(explain(fn([f32([4])], (x) => exp(x)))).text).not.toContain('not fused');
  });
});

it('a kernel whose rows run in blocks names the one that folds what they hand on, and counts it too', () => {
  const { kernels, counts, text } = orThrow(explain(stepOf(mnistTrainer), { donate: [0], dims: { batch: { max: 128 } }, backend: wasm({ threads: 1 }) })), inParts = kernels.filter((k) => k.rest !== undefined);
  expect(inParts.map((k) => [k.nest, k.rest])).toEqual([['rows', `${inParts[0].name}_rest`]]);
  expect(text).toContain(`its rows run in blocks; ${inParts[0].rest} folds what they hand on`);
  for (const of of ['loadedBytes', 'storedBytes', 'operations'] as const) expect(kernels.reduce((n, k) => n + k[of], 0)).toBe(counts[of]);
});
