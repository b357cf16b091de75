import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, describe, expect, it } from 'vitest';
import { orThrow, render, treeLeaves, type NDArray, type Result } from '../../src/index.ts';
import { saveWeights } from '../../src/interop/index.ts';
import { dense, input, sequential } from '../../src/nn/index.ts';
import { adam, sgd } from '../../src/optim/index.ts';
import { fit, loadTrained, saveTrained, trainer, type Callback } from '../../src/train/index.ts';
import { classifier, sectors } from './problems.ts';

const folder = mkdtempSync(join(tmpdir(), 'fluxion-train-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const bits = (tree: unknown): unknown => treeLeaves(tree).map(({ path, value }) => [path.join('.'), [...(value as unknown as NDArray<unknown>).data]]);
const said = (r: Result<unknown>): string => (E.isLeft(r) ? render(r.left).replaceAll(folder, '') : 'nothing');
const options = { batchSize: 16, epochs: 3, progress: false } as const;
const stop: Callback = { name: 'stop', onStepEnd: (epoch, step) => (epoch === 1 && step === 1 ? 'stop' : undefined) };

describe('the state of a training in a file', () => {
  it('goes on to the bits of a training that never stopped', async () => {
    const path = join(folder, 'run.safetensors');
    await orThrow(fit(classifier(), sectors, { ...options, callbacks: [stop], saveTo: path }));
    const loaded = await orThrow(loadTrained(path, classifier())), whole = await orThrow(fit(classifier(), sectors, options));
    expect(loaded.position).toEqual({ epoch: 1, step: 2 });
    const resumed = await orThrow(fit(loaded, sectors, options));
    expect(bits([resumed.variables, resumed.slots])).toEqual(bits([whole.variables, whole.slots]));
    expect(resumed.history).toEqual(whole.history);
  });
  it('keeps numbers that JSON has not', async () => {
    const path = join(folder, 'nan.safetensors'), trained = await orThrow(fit(classifier(), sectors, options));
    await orThrow(saveTrained(path, { ...trained, history: [{ loss: NaN, accuracy: -Infinity }] }));
    expect((await orThrow(loadTrained(path, classifier()))).history).toEqual([{ loss: NaN, accuracy: -Infinity }]);
  });
  it('is refused where it is of another model or optimiser, with every name that differs', async () => {
    const path = join(folder, 'other.safetensors');
    await orThrow(fit(classifier(), sectors, { ...options, epochs: 1, saveTo: path }));
    const wider = trainer({ ...classifier(), metrics: [], model: sequential(input([2]), dense(8, 'relu'), dense(3, 'softmax')) });
    expect(said(await loadTrained(path, wider)())).toMatch(/FX6108: \/other\.safetensors: 'variables\.params\.0\.kernel' is f32 \[2, 12\], but f32 \[2, 8\] is wanted/);
    const plain = trainer({ model: classifier().model, optimizer: sgd(), loss: classifier().loss });
    expect(said(await loadTrained(path, plain)())).toMatch(/FX6108: .*is in the file, but nothing asks for it/);
    expect(said(await loadTrained(path, trainer({ model: classifier().model, optimizer: adam(), loss: classifier().loss }))())).toBe('nothing');
  });
  it('is refused where there is none, or it is cut', async () => {
    const path = join(folder, 'weights.safetensors'), trained = await orThrow(fit(classifier(), sectors, { ...options, epochs: 0 }));
    await orThrow(saveWeights(path, trained.variables));
    expect(said(await loadTrained(path, classifier())())).toMatch(/FX6110: \/weights\.safetensors: holds no state of a training/);
    await orThrow(saveTrained(path, trained));
    truncateSync(path, readFileSync(path).length - 5);
    expect(said(await loadTrained(path, classifier())())).toMatch(/FX6103/);
    expect(said(await loadTrained(join(folder, 'absent'), classifier())())).toMatch(/FX6102/);
  });
  it('that cannot be written ends the training with what is wrong', async () => {
    const path = join(folder, 'no', 'such', 'folder.safetensors');
    expect(said(await fit(classifier(), sectors, { ...options, saveTo: path })())).toMatch(/FX6101: .*cannot be written: ENOENT/);
  });
  it('is never half a file: what stood there stays until it is whole', async () => {
    const path = join(folder, 'whole.safetensors');
    writeFileSync(path, 'before');
    await orThrow(fit(classifier(), sectors, { ...options, epochs: 1, saveTo: path }));
    expect((await orThrow(loadTrained(path, classifier()))).history).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  it('ends the training at a step, with everything saved; progress is a line an epoch where there is no terminal', async () => {
    const path = join(folder, 'interrupted.safetensors');
    const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('fixtures/interrupted.ts', import.meta.url)), path], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '', err = '';
    child.stdout.on('data', (text) => { out += text; if (out === 'training\n') child.kill('SIGINT'); });
    child.stderr.on('data', (text) => { err += text; });
    const code = await new Promise((done) => { child.on('close', done); });
    expect([code, out]).toEqual([0, expect.stringMatching(/^training\nstopped by a signal after \d+ epochs and \d steps\n$/)]);
    expect(err.split('\n')[0]).toMatch(/^epoch 1\/1000000 {2}\d+\.\d s {2}loss \d\.\d{4} {2}accuracy \d\.\d{4}$/);
    const loaded = await orThrow(loadTrained(path, classifier()));
    expect(out).toContain(`after ${loaded.history.length} epochs and ${loaded.position.step} steps`);
  }, 60_000);
});
