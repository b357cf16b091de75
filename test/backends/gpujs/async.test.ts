import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { remembering } from '../../../src/backends/gpujs/device.ts';
import { gpujsOver } from '../../../src/backends/gpujs/gpujs.ts';
import { js, type Backend } from '../../../src/backends/index.ts';
import { add, compile, compileAsync, exp, f32, fn, i32, matmul, mul, orThrow, render, softmax, sum, type NDArray, type Result } from '../../../src/index.ts';
import { evaluate, fit, predict } from '../../../src/train/index.ts';
import { classifier, sectors } from '../../train/problems.ts';
import { fakeDevice, type Fake } from './fake.ts';

const said = (r: Result<unknown>): string => (E.isLeft(r) ? render(r.left) : 'nothing');
const f = fn([f32(['n', 3]), f32([3, 4])], (x, w) => ({ p: softmax(matmul(x, w)), total: sum(mul(exp(x), 2)) }), { args: ['x', 'w'] });
const x = [[1, 2, 3], [0, -1, 0.5]], w = [[1, 2, 0, -1], [0, 1, 1, 0], [2, 0, 1, 1]];
const compiled = ({ backend }: Fake) => orThrow(compileAsync(f, { backend, dims: { n: { max: 4 } } }));
const numbers = async (a: NDArray<unknown>): Promise<readonly number[]> => [...await a.read()];

describe('a device that is waited for', () => {
  it('gives the numbers of one that is not, when they are read', async () => {
    const run = await compiled(fakeDevice()), { p, total } = await run(x, w);
    expect(() => p.data).toThrow(/FX7004/);
    const wanted = orThrow(compile(f, { dims: { n: { max: 4 } } }))(x, w);
    (await numbers(p)).forEach((v, i) => expect(v).toBeCloseTo(wanted.p.data[i], 5));
    expect((await numbers(total))[0]).toBeCloseTo(wanted.total.item(), 4);
  });
  it('holds nothing that nobody holds: handles are freed, deleted once', async () => {
    const fake = fakeDevice(), run = await compiled(fake);
    const once = async (): Promise<void> => { const { p, total } = await run(x, w); p[Symbol.dispose](); total[Symbol.dispose](); };
    await once();
    const [textures, { liveBytes }] = [fake.textures(), fake.backend.memory.stats()];
    for (let i = 0; i < 5; i++) await once();
    expect([fake.textures(), fake.backend.memory.stats().liveBytes]).toEqual([textures, liveBytes]);
    run[Symbol.dispose]();
    expect([fake.textures(), fake.backend.memory.stats().liveBytes]).toEqual([0, 0]);
  });
  it('refuses integers that it may have rounded, when they are read', async () => {
    const run = await orThrow(compileAsync(fn([i32([2])], (v) => sum(v)), { backend: fakeDevice().backend }));
    await expect((await run([1 << 23, 1 << 23])).read()).rejects.toThrow(/FX5103: gpujs: element 0 of i32 results is 16777216/);
  });
  it('trains as js does', async () => {
    const fake = fakeDevice(), options = { batchSize: 16, epochs: 2, progress: false } as const;
    const here = await orThrow(fit(classifier(), sectors, { ...options, backend: fake.backend })), there = await orThrow(fit(classifier(), sectors, { ...options, backend: js() }));
    here.history.forEach((logs, i) => expect(Math.abs(logs['loss'] - there.history[i]['loss'])).toBeLessThan(1e-4));
    const [ours, theirs] = [await orThrow(evaluate(here, sectors, { backend: fake.backend })), await orThrow(evaluate(there, sectors))];
    expect(ours.loss).toBeCloseTo(theirs.loss, 4);
    expect((await orThrow(predict(here, sectors.x, { backend: fake.backend }))).shape).toEqual([50, 3]);
  });
});

describe('while a call is under way', () => {
  it('another may be: each has its own numbers', async () => {
    const run = await compiled(fakeDevice()), sizes = [1, 2, 3, 4];
    const all = await Promise.all(sizes.map((n) => run(Array.from({ length: n }, () => [n, 0, 0]), w)));
    for (const [i, { total }] of all.entries()) expect((await numbers(total))[0]).toBeCloseTo(sizes[i] * 2 * (Math.exp(sizes[i]) + 2), 3);
  });
  it('and both may read one array, which goes to the device once', async () => {
    const fake = fakeDevice(), twice = await orThrow(compileAsync(fn([f32([4])], (v) => [sum(v), mul(v, 2)]), { backend: fake.backend }));
    const one = await orThrow(compileAsync(fn([f32([4])], (v) => add(v, 1)), { backend: fake.backend }));
    const a = await one([0, 1, 2, 3]), [[s], [, d]] = await Promise.all([twice(a), twice(a)]);
    expect([await numbers(s), await numbers(d)]).toEqual([[10], [2, 4, 6, 8]]);
    expect(fake.textures()).toBe(5);
  });
  it('what it reads, and what is read of it, may be disposed of', async () => {
    const fake = fakeDevice(), step = await orThrow(compileAsync(fn([f32([2])], (v) => exp(add(v, sum(v)))), { backend: fake.backend }));
    const a = await step([0, 0]), pending = step(a);
    a[Symbol.dispose]();
    step[Symbol.dispose]();
    const b = await pending, read = b.read();
    b[Symbol.dispose]();
    expect((await read)[0]).toBeCloseTo(Math.exp(3), 4);
    expect([fake.textures(), fake.backend.memory.stats().liveBytes]).toEqual([0, 0]);
    await expect(b.read()).rejects.toThrow(/FX7003: this array has been disposed of/);
  });
  it('what was donated to it is nobody else’s', async () => {
    const fake = fakeDevice(), step = await orThrow(compileAsync(fn([f32([2])], (v) => add(v, 1), { args: ['v'] }), { backend: fake.backend, donate: [0] }));
    const a = await step([1, 2]), pending = step(a);
    expect(said(await step.safe(a))).toMatch(/FX7003: v: this array was donated to a call that has not ended/);
    await expect(a.read()).rejects.toThrow(/FX7003: this array was donated to a call that has not ended/);
    expect(await numbers(await pending)).toEqual([3, 4]);
    expect(said(await step.safe(a))).toMatch(/FX7003: v: this array was donated to an earlier call/);
    expect(fake.textures()).toBe(1);
  });
});

describe('a device that fails', () => {
  it('in a launch: the call says so, frees what it made, and leaves what it was given', async () => {
    let broken = false;
    const fake = fakeDevice((asked) => (broken && asked === 'launch' ? 'the device was lost' : undefined));
    const step = await orThrow(compileAsync(fn([f32([2])], (v) => add(v, sum(v)), { args: ['v'] }), { backend: fake.backend, donate: [0] }));
    const a = await step([1, 2]), before = [fake.textures(), fake.backend.memory.stats().liveBytes];
    broken = true;
    expect(said(await step.safe(a))).toMatch(/^error FX5104: gpujs \(webgpu\): the kernel \w+ failed: the device was lost\n {2}hint: /);
    expect(said(await step.safe([5, 5]))).toMatch(/FX5104/);
    expect([fake.textures(), fake.backend.memory.stats().liveBytes]).toEqual(before);
    broken = false;
    expect(await numbers(await step(a))).toEqual([13, 14]);
  });
  it('in the second of two launches', async () => {
    const fake = fakeDevice((asked, nth) => (asked === 'launch' && nth === 1 ? 'the device was lost' : undefined));
    const run = await compiled(fake);
    await expect(run(x, w)).rejects.toThrow(/FX5104/);
    expect(fake.textures()).toBe(0);
  });
  it('in a reading', async () => {
    const fake = fakeDevice((asked) => (asked === 'read' ? 'the device was lost' : undefined)), { p } = await (await compiled(fake))(x, w);
    await expect(p.read()).rejects.toThrow(/^error FX5104: gpujs \(webgpu\): reading 16 numbers back failed: the device was lost/);
  });
  it('in opening: it is tried once', () => {
    let tried = 0;
    const open = remembering(() => { tried++; throw new Error('no adapter'); });
    for (let i = 0; i < 3; i++) {
      // SAFETY: the mode is a synchronous one
      expect(said(compile(fn([f32([2])], (v) => exp(v)), { backend: gpujsOver('headlessgl', open) as Backend<'sync'> }))).toMatch(/FX5102: gpujs: the mode 'headlessgl' is not available here: no adapter/);
    }
    expect(tried).toBe(1);
  });
  it('and is opened once for all that is compiled for it', async () => {
    const fake = fakeDevice();
    await compiled(fake);
    await compiled(fake);
    expect(fake.opened()).toBe(1);
  });
});

it('a report names the kernels’ class, before a run and after', async () => {
  const { backend } = fakeDevice(), run = await orThrow(compileAsync(fn([f32([2])], (v) => exp(v)), { backend }));
  expect(run.report?.device).toMatchObject({ mode: 'webgpu', kernel: 'CPUKernel', fallback: 'none' });
  await run([1, 2]);
  expect(run.report?.device).toMatchObject({ kernel: 'CPUKernel' });
});
