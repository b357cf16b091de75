import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it, vi } from 'vitest';
import { abs, array, f32, intArray, mean, mul, ones, orThrow, render, square, sub, treeLeaves, type Dyn, type F32, type NDArray, type Result } from '../../src/index.ts';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js, reference, type Backend } from '../../src/backends/index.ts';
import { earlyStopping, evaluate, fit, metric, predict, trainer, type Callback, type Trained } from '../../src/train/index.ts';
import { dense, input, layer, loss, meanSquaredError, sequential } from '../../src/nn/index.ts';
import { sgd } from '../../src/optim/index.ts';
import { classifier, line, regression, sectors } from './problems.ts';

/** every number of a tree of arrays */
export const bits = (tree: unknown): readonly (readonly [string, readonly number[]])[] =>
  treeLeaves(tree).map(({ path, value }) => [path.join('.'), [...(value as unknown as NDArray<unknown>).data]]);
const said = (r: Result<unknown>): string => (E.isLeft(r) ? render(r.left) : 'nothing');
const quiet = { progress: false } as const;

describe('fit', () => {
  it('learns, with a last batch that is not whole', async () => {
    const trained = await orThrow(fit(classifier(), sectors, { batchSize: 16, epochs: 60, ...quiet }));
    const { loss, accuracy } = await orThrow(evaluate(trained, sectors));
    expect(accuracy).toBeGreaterThan(0.9);
    expect(loss).toBeLessThan(trained.history[0]['loss'] / 3);
    expect(trained.history).toHaveLength(60);
    expect(trained.position).toEqual({ epoch: 60, step: 0 });
    expect(trained.slots.step.item()).toBe(60 * 4);
  });
  it('gives the same bits for the same seed, and others for another', async () => {
    const run = async (seed: number) => bits((await orThrow(fit(classifier(seed), sectors, { batchSize: 16, epochs: 2, ...quiet }))).variables);
    const [a, b, c] = [await run(3), await run(3), await run(4)];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });
  it('trains alike on every backend', async () => {
    const losses = async (backend: { readonly backend: Backend }) => (await orThrow(fit(classifier(), sectors, { batchSize: 16, epochs: 3, ...quiet, ...backend }))).history.map((l) => l['loss']);
    const wanted = await losses({ backend: reference() });
    for (const backend of [js(), gpujs({ mode: 'cpu' })]) (await losses({ backend })).forEach((x, i) => expect(Math.abs(x - wanted[i])).toBeLessThan(1e-4));
  });
  it('of the mean over an epoch gives what the examples give', async () => {
    // a rate of zero leaves the weights as they are: the epoch's mean is that of all examples
    const still = trainer({ model: classifier().model, optimizer: sgd({ learningRate: 0 }), loss: classifier().loss, metrics: ['accuracy'] });
    const trained = await orThrow(fit(still, sectors, { batchSize: 16, ...quiet }));
    const p = (await orThrow(predict(trained, sectors.x))).data, labels = sectors.y.data;
    const mean = Array.from(labels, (y, i) => -Math.log(p[3 * i + y])).reduce((a, b) => a + b) / 50;
    const right = labels.filter((y, i) => [0, 1, 2].every((c) => p[3 * i + c] <= p[3 * i + y])).length / 50;
    expect(trained.history[0]['loss']).toBeCloseTo(mean, 5);
    expect(trained.history[0]['accuracy']).toBeCloseTo(right, 6);
    expect(await orThrow(evaluate(trained, sectors, { batchSize: 7 }))).toEqual({ loss: expect.closeTo(mean, 5) as number, accuracy: expect.closeTo(right, 6) as number });
  });
  it('validates after every epoch, on a share or on other data', async () => {
    const shared = await orThrow(fit(classifier(), sectors, { batchSize: 16, epochs: 2, validation: 0.2, ...quiet }));
    expect(Object.keys(shared.history[1])).toEqual(['loss', 'accuracy', 'valLoss', 'valAccuracy']);
    expect(shared.slots.step.item()).toBe(2 * 3);
    const other = await orThrow(fit(classifier(), sectors, { batchSize: 16, epochs: 2, validation: sectors, ...quiet }));
    expect(other.history[1]['valLoss']).toBeCloseTo((await orThrow(evaluate(other, sectors))).loss, 6);
  });
  it('weighs examples: those of weight 0 teach nothing', async () => {
    const doubled = { x: array(Float32Array.of(0, 1, 0.5, 0.25), [4, 1]), y: array(Float32Array.of(1, 9, 2, 9), [4, 1]), size: 4 };
    const few = { x: array(Float32Array.of(0, 0.5), [2, 1]), y: array(Float32Array.of(1, 2), [2, 1]), size: 2 };
    const t = trainer({ model: sequential(input([1]), dense(1)), optimizer: sgd({ learningRate: 0.1 }), loss: meanSquaredError });
    const weighed = await orThrow(fit(t, doubled, { batchSize: 4, epochs: 5, sampleWeights: array(Float32Array.of(2, 0, 2, 0), [4]), shuffle: false, ...quiet }));
    const alone = await orThrow(fit(t, few, { batchSize: 2, epochs: 5, shuffle: false, ...quiet }));
    const [w, a] = [bits(weighed.variables), bits(alone.variables)];
    w.forEach(([, xs], i) => xs.forEach((x, j) => expect(x).toBeCloseTo(a[i][1][j], 6)));
  });
  it('takes all examples at once where there are fewer than a batch has by itself', async () => {
    const few = { x: array([[0, 0], [1, 1], [0, 1]], [3, 2]), y: intArray([0, 2, 1], [3]), size: 3 };
    expect((await orThrow(fit(classifier(), few, quiet))).slots.step.item()).toBe(1);
    expect((await orThrow(fit(classifier(), sectors, { validation: 0.5, ...quiet }))).slots.step.item()).toBe(1);
  });
  it('warns of a loss that is no number, once, and goes on', async () => {
    const lost = { ...line, x: array(Float32Array.from(line.x.data, (x, i) => (i === 7 ? Infinity : x)), [40, 1]) };
    const trained = await orThrow(fit(regression, lost, { epochs: 3, batchSize: 40, ...quiet }));
    expect(trained.warnings?.map((w) => [w.severity, w.code, w.message])).toEqual([['warning', 'FX6408', expect.stringMatching(/^fit: loss is (NaN|Infinity) in epoch 1$/)]]);
    expect(trained.history).toHaveLength(3);
    const judged = await orThrow(fit(regression, line, { batchSize: 40, validation: lost, ...quiet }));
    expect(judged.warnings?.[0].message).toMatch(/^fit: valLoss is /);
    expect(await orThrow(fit(regression, line, quiet))).not.toHaveProperty('warnings');
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await orThrow(fit(regression, lost, { epochs: 3, batchSize: 40 }));
    expect(told.mock.calls.map(([text]) => String(text)).filter((text) => text.startsWith('warning FX6408'))).toHaveLength(1);
    told.mockRestore();
  });
  it('lets other work have its turn', async () => {
    let turns = 0;
    const timer = setInterval(() => { turns++; }, 1);
    await orThrow(fit(classifier(), sectors, { batchSize: 1, epochs: 40, ...quiet }));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });
  it('of no epochs is the first state', async () => {
    const trained = await orThrow(fit(regression, line, { epochs: 0, ...quiet }));
    expect([trained.history, trained.slots.step.item(), trained.position]).toEqual([[], 0, { epoch: 0, step: 0 }]);
  });
});

describe('a training that stops', () => {
  const options = { batchSize: 16, epochs: 4, ...quiet } as const;
  const stopAt = (epoch: number, step: number): Callback => ({ name: 'stop', onStepEnd: (e, s) => (e === epoch && s === step ? 'stop' : undefined) });
  const same = (a: Trained, b: Trained): void => {
    expect(bits([a.variables, a.slots])).toEqual(bits([b.variables, b.slots]));
    expect([a.history, a.position]).toEqual([b.history, b.position]);
  };
  it('goes on to the same bits, from the middle of an epoch or its end', async () => {
    const whole = await orThrow(fit(classifier(), sectors, options));
    for (const [epoch, step] of [[0, 0], [1, 2], [2, 3]] as const) {
      const part = await orThrow(fit(classifier(), sectors, { ...options, callbacks: [stopAt(epoch, step)] }));
      expect(part.stopped).toBe('callback');
      same(await orThrow(fit(part, sectors, options)), whole);
      // what was given can be gone on from again: nothing of it was consumed
      same(await orThrow(fit(part, sectors, options)), whole);
    }
  });
  it('by a signal, at the boundary of a step', async () => {
    const controller = new AbortController();
    const abort: Callback = { name: 'abort', onStepEnd: (epoch, step) => { if (epoch === 1 && step === 1) controller.abort(); } };
    const part = await orThrow(fit(classifier(), sectors, { ...options, signal: controller.signal, callbacks: [abort] }));
    expect([part.stopped, part.position]).toEqual(['signal', { epoch: 1, step: 2 }]);
    same(await orThrow(fit(part, sectors, options)), await orThrow(fit(classifier(), sectors, options)));
  });
  it('by itself where it gets no better', async () => {
    const trained = await orThrow(fit(regression, line, { epochs: 500, batchSize: 40, callbacks: [earlyStopping({ monitor: 'loss', patience: 2, minDelta: 1e-4 })], ...quiet }));
    expect(trained.stopped).toBe('callback');
    expect(trained.history.length).toBeLessThan(500);
    const losses = trained.history.map((l) => l['loss']), best = losses.reduce((at, x, i) => (x < losses[at] - 1e-4 ? i : at), 0);
    expect(losses.length - 1 - best).toBe(3);
  });
});

describe('metrics', () => {
  const of = async (t: Parameters<typeof fit>[0], data: { readonly x: NDArray<unknown>; readonly y: NDArray<unknown>; readonly size: number }): Promise<Readonly<Record<string, number>>> => {
    const trained = await orThrow(fit(t, data as never, { epochs: 0, batchSize: data.size, ...quiet }));
    return orThrow(evaluate(trained, data as never));
  };
  // what it predicts is its input: there must be something to train, which is 1
  const identity = (n: number) => sequential(input([n]), layer('identity', f32(['batch', n]), () => ({ by: ones([1]) }), (p, v) => mul(v, p.by)));
  const x = array(Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.6, 0.4), [3, 2]);
  const base = { optimizer: sgd(), loss: meanSquaredError } as const;
  it('accuracy of one-hot rows, and of one probability', async () => {
    expect((await of(trainer({ ...base, model: identity(2), metrics: ['accuracy'] }), { x, y: array([[1, 0], [1, 0], [1, 0]], [3, 2]), size: 3 }))['accuracy']).toBeCloseTo(2 / 3, 6);
    expect((await of(trainer({ ...base, model: identity(1), metrics: ['accuracy'] }), { x: array(Float32Array.of(0.9, 0.2, 0.6), [3, 1]), y: array(Float32Array.of(1, 0, 0), [3, 1]), size: 3 }))['accuracy']).toBeCloseTo(2 / 3, 6);
  });
  it('top five, errors, and ones of one’s own', async () => {
    const scores = array(Float32Array.from([7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1]), [2, 7]), classes = { ...base, loss: classifier().loss, model: identity(7) };
    expect((await of(trainer({ ...classes, metrics: ['topKAccuracy', 'accuracy'] }), { x: scores, y: intArray([4, 5], [2]), size: 2 }))).toMatchObject({ topKAccuracy: 0.5, accuracy: 0 });
    const errors = trainer({ ...base, model: identity(1), metrics: ['meanAbsoluteError', 'meanSquaredError', metric('size', (p) => abs(p))] });
    expect(await of(errors, { x: array(Float32Array.of(1, -3), [2, 1]), y: array(Float32Array.of(0, 0), [2, 1]), size: 2 })).toMatchObject({ loss: 5, meanAbsoluteError: 2, meanSquaredError: 5, size: 2 });
  });
});

describe('predict', () => {
  it('gives all examples, in whatever batches', async () => {
    const trained = await orThrow(fit(classifier(), sectors, { batchSize: 25, ...quiet }));
    const [all, some] = [await orThrow(predict(trained, sectors.x)), await orThrow(predict(trained, sectors.x, { batchSize: 7, backend: reference() }))];
    expect(all.shape).toEqual([50, 3]);
    some.data.forEach((p, i) => expect(p).toBeCloseTo(all.data[i], 5));
    expect(all.data.slice(0, 3).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });
});

describe('what fit refuses', () => {
  const refusal = async (data: unknown, options: object = {}, t: Parameters<typeof fit>[0] = classifier()): Promise<string> => said(await fit(t, data as never, { ...quiet, ...options })());
  const images = { x: array(new Float32Array(28 * 28 * 2), [2, 28, 28, 1]), y: intArray([0, 1], [2]), size: 2 };
  it('data of other shapes and dtypes', async () => {
    const flat = trainer({ model: sequential(input([784]), dense(10, 'softmax')), optimizer: sgd(), loss: classifier().loss });
    expect(await refusal(images, { batchSize: 2 }, flat)).toBe('error FX6402: fit: the model takes [batch, 784], but data.x is [2, 28, 28, 1]\n  shapes: [batch, 784], [2, 28, 28, 1]\n  hint: reshape each example to [784]: mnist({ flat: true })');
    expect(await refusal({ ...sectors, y: line.y })).toMatch(/FX6402: fit: sparseCategoricalCrossentropy takes i32 labels, but data.y is f32/);
    expect(await refusal({ ...sectors, x: intArray(new Int32Array(100), [50, 2]) })).toMatch(/FX6402: fit: the model takes f32, but data.x is i32/);
    expect(await refusal({ ...sectors, y: intArray(new Int32Array(100), [50, 2]) })).toMatch(/FX6208/);
  });
  it('labels that are no class', async () => {
    expect(await refusal({ ...sectors, y: intArray(Int32Array.from({ length: 50 }, (_, i) => (i === 7 ? 3 : 0)), [50]) })).toMatch(/FX6403: fit: label 7 is 3, but the model has classes 0 to 2/);
    expect(await refusal({ ...sectors, y: intArray(Int32Array.from({ length: 50 }, (_, i) => (i === 9 ? -1 : 0)), [50]) })).toMatch(/FX6403: fit: label 9 is -1/);
  });
  it('NaN, where it is asked to look', async () => {
    const spoilt = { ...sectors, x: array(Float32Array.from(sectors.x.data, (v, i) => (i === 11 ? NaN : v)), [50, 2]) };
    expect(await refusal(spoilt, { checkData: true, batchSize: 10 })).toMatch(/FX6404: fit: data.x holds NaN in example 5/);
    expect(await refusal(spoilt, { batchSize: 10 })).toBe('nothing');
  });
  it('options that make no sense', async () => {
    expect(await refusal(sectors, { batchSize: 0 })).toMatch(/FX6009/);
    expect(await refusal(sectors, { batchSize: 51 })).toMatch(/FX6009: fit: a batch size of 51 is more than the 50 examples/);
    expect(await refusal(sectors, { epochs: 1.5 })).toMatch(/FX6405: fit: 1.5 is not a count of epochs/);
    expect(await refusal(sectors, { validation: 1 })).toMatch(/FX6405: fit: a validation share of 1 leaves nothing/);
    expect(await refusal(sectors, { sampleWeights: array(new Float32Array(3), [3]) })).toMatch(/FX6406: fit: sampleWeights must be f32 \[50\]/);
    expect(await refusal({ x: array(new Float32Array(0), [0, 2]), y: intArray(new Int32Array(0), [0]), size: 0 })).toMatch(/FX6007/);
  });
  it('data sets that do not hold what they say, and what is none', async () => {
    const other = { ...sectors, y: intArray(new Int32Array(49), [49]) };
    expect(await refusal(other)).toMatch(/FX6008: fit: x holds 50 examples, but y holds 49\n {2}shapes: \[50, 2\], \[49\]/);
    for (const size of [49, 51, 10.5, undefined]) expect(await refusal({ ...sectors, size })).toMatch(`FX6008: fit: the size of the data set is ${size}, but x and y hold 50 examples`);
    expect(await refusal(sectors, { validation: other })).toMatch(/FX6008: fit: validation: x holds 50/);
    expect(await refusal(undefined)).toMatch(/FX6402: fit: the data are undefined, not a data set/);
    expect(await refusal({ x: [[1, 2]], y: sectors.y, size: 1 })).toMatch(/FX6402: fit: data\.x is a list, not an array of examples\n {2}hint: array\(rows, shape\)/);
    expect(await refusal({ x: sectors.x, size: 50 })).toMatch(/FX6402: fit: data\.y is undefined/);
    const trained = await orThrow(fit(classifier(), sectors, { epochs: 0, ...quiet }));
    expect(said(await evaluate(trained, { ...sectors, size: 20 })())).toMatch(/FX6008: evaluate: the size of the data set is 20/);
    expect(said(await evaluate(trained, undefined as never)())).toMatch(/FX6402: evaluate: the data are undefined/);
    expect(said(await predict(trained, [[1, 2]] as never)())).toMatch(/FX6402: predict: x is a list/);
  });
  it('a loss or a metric of a whole batch', async () => {
    const net = sequential(input([1]), dense(1)), total = loss('f32', (p: F32<Dyn>, t: F32<Dyn>) => mean(square(sub(p, t))), { name: 'total' });
    const wrong = trainer({ model: net, optimizer: sgd(), loss: total });
    expect(await refusal(line, {}, wrong)).toMatch(/FX6407: trainer: the loss 'total' gives \[\], not a number for each example: \[batch\]\n {2}at .*fit\.test\.ts/);
    const columns = loss('f32', (p: F32<Dyn>, t: F32<Dyn>) => mean(square(sub(p, t)), 0), { name: 'columns' });
    expect(await refusal(line, {}, trainer({ model: net, optimizer: sgd(), loss: columns }))).toMatch(/FX6407: trainer: the loss 'columns' gives \[1\]/);
    expect(await refusal(line, {}, trainer({ model: net, optimizer: sgd(), loss: meanSquaredError, metrics: [metric('bias', (p, t) => mean(sub(p, t as F32<Dyn>)))] }))).toMatch(/FX6407: trainer: the metric 'bias' gives \[\]/);
    const trained = { ...await orThrow(fit(regression, line, { epochs: 0, ...quiet })), loss: total };
    expect(said(await evaluate(trained as never, line as never)())).toMatch(/FX6407/);
  });
  it('a callback that looks at a number which there is not', async () => {
    expect(await refusal(sectors, { callbacks: [earlyStopping()] })).toMatch(/FX6405: fit: earlyStopping: no number of an epoch is called 'valLoss'\n {2}hint: the names are loss, accuracy; fit has others with the option validation/);
    expect(await refusal(sectors, { validation: 0.2, callbacks: [earlyStopping({ monitor: 'acc' })] })).toMatch(/'acc'\n {2}hint: the names are loss, accuracy, valLoss, valAccuracy$/);
    expect(await refusal(sectors, { callbacks: [earlyStopping({ monitor: 'loss', patience: NaN })] })).toMatch(/FX6405: fit: earlyStopping: a patience of NaN/);
    expect(await refusal(sectors, { validation: 0.2, callbacks: [earlyStopping()] })).toBe('nothing');
  });
  it('a trainer with mistakes, all of them, before the first step', async () => {
    // SAFETY: wrong on purpose
    const t = trainer({ model: classifier().model, optimizer: sgd(), loss: classifier().loss, metrics: ['acuracy' as 'accuracy'] });
    expect(await refusal(sectors, {}, t)).toMatch(/FX6401: trainer: no metric is called 'acuracy'\n {2}hint: the names are accuracy, /);
    const dense0 = trainer({ model: sequential(input([2]), dense(0), dense(3)), optimizer: sgd(), loss: classifier().loss });
    expect(await refusal(sectors, {}, dense0)).toMatch(/FX6202: .*dense: 0 is not a count of units\n {2}at .*fit\.test\.ts/);
  });
});
