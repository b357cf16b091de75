import { branchIf, f32, f32x4, get, i32, loop, set, tee, v128, type Code } from '../../src/backends/wasm/code.ts';
import type { Sizes } from '../problems.ts';
import { rateAt, type HandStep } from './mlp.ts';
import { handModule, plus, range, sum, times, when, type Callee, type HandModule } from './wasm/module.ts';
import { product } from './wasm/product.ts';
import { barrier, crew, perThread, share } from './wasm/threads.ts';
import { exp, log, maxLanes, rareLog, sumLanes } from './wasm/vectors.ts';

/**
 * The training step of a three-layer perceptron fused by hand into WebAssembly: the limit that the `wasm` backend is
 * measured against. Each thread takes half of the batch forward, through softmax and cross-entropy, and back to its
 * deltas; then half of the rows of every weight's gradient and some biases'; then half of one flat loop of Adam.
 * Parameters, gradients and both moments are four arrays of one order. Layers are padded to whole tiles: the weights there
 * are zeros and stay so; the biases of classes that are none are −10³⁰.
 */
export const handWasmStep = async (sizes: Sizes, batch: number, initial: Float32Array, threads: number): Promise<HandStep> => {
  const module = handModule(), layout = layoutOf(module, sizes, batch, threads);
  writeStep(module, layout, threads);
  const instance = module.instantiate(threads > 1), { f32: numbers } = instance, { x, labels, parameters, means, squares, parts, rate } = layout;
  const layers = placesOf(sizes, layout.padded);
  const { run, close } = await crew(instance, threads, ['step']);
  const at = (address: number, length: number): Float32Array => numbers.subarray(address / 4, address / 4 + length);
  let t = 0;
  const restart = (): void => {
    const weights = at(parameters, layout.count);
    t = 0;
    for (const array of [weights, at(means, layout.count), at(squares, layout.count)]) array.fill(0);
    initial.forEach((value, i) => { weights[layers[i]] = value; });
    weights.fill(-1e30, layout.offsets.b3 + sizes[3], layout.offsets.b3 + layout.padded[3]);
  };
  restart();
  return {
    restart, close,
    x: new Float32Array(instance.memory.buffer, x, batch * sizes[0]),
    labels: new Int32Array(instance.memory.buffer, labels, batch),
    step: () => {
      numbers[rate / 4] = rateAt(++t);
      run('step');
      const added = (word: number): number => Array.from({ length: threads }, (_, thread) => numbers[(parts + 64 * thread) / 4 + word]).reduce((a, b) => a + b, 0);
      return { loss: added(0) / batch, correct: added(1) };
    },
  };
};

/** classes in tiles of 2 × 12 or 4 × 8, whichever leaves less empty */
const classTile = (classes: number): { readonly rows: number; readonly vectors: number; readonly fence: number } =>
  (Math.ceil(classes / 12) * 12 < Math.ceil(classes / 8) * 8 ? { rows: 2, vectors: 3, fence: 1 } : { rows: 4, vectors: 2, fence: 2 });
const upTo = (multiple: number, n: number): number => Math.ceil(n / multiple) * multiple;

interface Layout {
  readonly batch: number; readonly padded: Sizes; readonly classes: ReturnType<typeof classTile>;
  /** addresses */
  readonly x: number; readonly labels: number; readonly h1: number; readonly h2: number; readonly logits: number; readonly d1: number; readonly d2: number;
  readonly parameters: number; readonly gradients: number; readonly means: number; readonly squares: number; readonly rooms: readonly number[]; readonly parts: number; readonly rate: number;
  /** in numbers, of each parameter and of all */
  readonly offsets: { readonly w1: number; readonly b1: number; readonly w2: number; readonly b2: number; readonly w3: number; readonly b3: number }; readonly count: number;
}
/** the step's arrays in memory */
const layoutOf = ({ place }: HandModule, [d0, d1, d2, d3]: Sizes, batch: number, threads: number): Layout => {
  const classes = classTile(d3), p1 = upTo(8, d1), p2 = upTo(8, d2), p3 = upTo(4 * classes.vectors, d3);
  const lengths = [d0 * p1, p1, p1 * p2, p2, p2 * p3, p3], [w1, b1, w2, b2, w3, b3] = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
  const count = upTo(16, b3 + p3);
  return {
    batch, padded: [d0, p1, p2, p3], classes, x: place(batch * d0), labels: place(batch), h1: place(batch * p1), h2: place(batch * p2), logits: place(batch * p3), d1: place(batch * p1), d2: place(batch * p2),
    parameters: place(count), gradients: place(count), means: place(count), squares: place(count), rooms: Array.from({ length: threads }, () => place(Math.max(p1, p2) * Math.max(p2, p3))), parts: place(16 * threads), rate: place(1),
    offsets: { w1, b1, w2, b2, w3, b3 }, count,
  };
};
/** where each parameter of the network, in the order of its layers, stands among the padded ones */
export const placesOf = (sizes: Sizes, padded: Sizes): readonly number[] => {
  let from = 0;
  return [0, 1, 2].flatMap((l) => {
    const [rows, columns, rowsIn, columnsIn] = [sizes[l], sizes[l + 1], padded[l], padded[l + 1]], at = from;
    from += (rowsIn + 1) * columnsIn;
    return [...Array.from({ length: rows * columns }, (_, i) => at + Math.floor(i / columns) * columnsIn + (i % columns)), ...Array.from({ length: columns }, (_, j) => at + rowsIn * columnsIn + j)];
  });
};

const writeStep = (module: HandModule, l: Layout, threads: number): void => {
  const [d0, p1, p2, p3] = l.padded, { batch, classes } = l, meet = barrier(module, threads);
  const forward1 = product(module, 'forward1', { m: batch, n: p1, k: d0, after: 'biasRelu' }), forward2 = product(module, 'forward2', { m: batch, n: p2, k: p1, after: 'biasRelu' });
  const forward3 = product(module, 'forward3', { m: batch, n: p3, k: p2, after: 'bias', ...classes });
  const back2 = product(module, 'back2', { m: batch, n: p2, k: p3, transposeB: true, after: 'mask' }), back1 = product(module, 'back1', { m: batch, n: p1, k: p2, transposeB: true, after: 'mask' });
  const slope3 = product(module, 'slope3', { m: p2, n: p3, k: batch, transposeA: true, ...classes }), slope2 = product(module, 'slope2', { m: p1, n: p2, k: batch, transposeA: true });
  const slope1 = product(module, 'slope1', { m: d0, n: p1, k: batch, transposeA: true });
  const loss = crossEntropy(module, l), biases = { b1: columnSums(module, 'slopeB1', batch, p1), b2: columnSums(module, 'slopeB2', batch, p2), b3: columnSums(module, 'slopeB3', batch, p3) }, adam = adamLoop(module, l);
  const of = (name: keyof Layout['offsets'], base = l.parameters): Code => i32.const(base + 4 * l.offsets[name]), slopeOf = (name: keyof Layout['offsets']): Code => of(name, l.gradients);
  const at = (address: number): Code => i32.const(address);
  perThread(module, 'step', threads, meet, (thread) => {
    const room = at(l.rooms[thread]), none = at(l.rooms[thread]), part = (n: number, tile: number): readonly [Code, Code] => [at(share(n, thread, threads, tile)), at(share(n, thread + 1, threads, tile))];
    const rows = part(batch, 4), last = thread === threads - 1;
    return [
      forward1(at(l.x), of('w1'), at(l.h1), none, ...rows, of('b1')), forward2(at(l.h1), of('w2'), at(l.h2), none, ...rows, of('b2')), forward3(at(l.h2), of('w3'), at(l.logits), none, ...rows, of('b3')),
      loss(...rows, at(l.parts + 64 * thread)),
      back2(at(l.logits), of('w3'), at(l.d2), room, ...rows, at(l.h2)), back1(at(l.d2), of('w2'), at(l.d1), room, ...rows, at(l.h1)),
      meet,
      slope1(at(l.x), at(l.d1), slopeOf('w1'), none, ...part(d0, 4)), slope2(at(l.h1), at(l.d2), slopeOf('w2'), none, ...part(p1, 4)), slope3(at(l.h2), at(l.logits), slopeOf('w3'), none, ...part(p2, 4)),
      thread === 0 ? biases.b1(at(l.d1), slopeOf('b1')) : [], last ? [biases.b2(at(l.d2), slopeOf('b2')), biases.b3(at(l.logits), slopeOf('b3'))] : [],
      meet,
      adam(...part(l.count, 16).map((n) => times(n, 4))),
    ];
  });
};

/** Rows from and to: logits become the loss's slopes; the sum of losses and how many rows have their own class on top go to an address. */
export const crossEntropy = (module: HandModule, { batch, logits, labels, padded: [, , , p3] }: Pick<Layout, 'batch' | 'logits' | 'labels' | 'padded'>): Callee => {
  const rare = rareLog(module), vectors = Array.from({ length: p3 / 4 }, (_, q) => 16 * q);
  return module.define('crossEntropy', ['i32', 'i32', 'i32'], (fn, from, to, into) => {
    const [row, end, label, own] = Array.from({ length: 4 }, () => fn.local('i32')), [losses, hits, total, top] = Array.from({ length: 4 }, () => fn.local('f32')), [most, e, all, scale] = Array.from({ length: 4 }, () => fn.local('v128'));
    const rowAt = (index: Code): Code => plus(times(index, 4 * p3), logits);
    return [
      set(row, rowAt(get(from))), set(end, rowAt(get(to))), set(label, plus(times(get(from), 4), labels)),
      when(i32.ltU(get(from), get(to)), loop(
        set(own, sum(get(row), times(i32.load(get(label)), 4))),
        set(most, vectors.map((o) => v128.load(get(row), o)).reduce((a, b) => f32x4.pmax(a, b))),
        set(top, maxLanes(fn, get(most))), set(most, f32x4.splat(get(top))),
        set(losses, f32.add(get(losses), f32.sub(get(top), f32.load(get(own))))),
        set(hits, f32.add(get(hits), f32.fromI32(f32.ge(f32.load(get(own)), get(top))))),
        set(all, f32x4.all(0)),
        vectors.map((o) => [set(e, exp(fn, f32x4.sub(v128.load(get(row), o), get(most)))), v128.store(get(row), get(e), o), set(all, f32x4.add(get(all), get(e)))]),
        set(total, sumLanes(fn, get(all))),
        set(losses, f32.add(get(losses), f32x4.lane(log(fn, f32x4.splat(get(total)), rare), 0))),
        set(scale, f32x4.splat(f32.div(f32.const(1 / batch), get(total)))),
        vectors.map((o) => v128.store(get(row), f32x4.mul(v128.load(get(row), o), get(scale)), o)),
        f32.store(get(own), f32.sub(f32.load(get(own)), f32.const(1 / batch))),
        set(label, plus(get(label), 4)), branchIf(0, i32.ltU(tee(row, plus(get(row), 4 * p3)), get(end))),
      )),
      f32.store(get(into), get(losses)), f32.store(get(into), get(hits), 4),
    ];
  });
};

/** (from, to): the sums of the columns of a matrix, 16 of them at a time */
const columnSums = ({ define }: HandModule, name: string, rows: number, width: number): Callee => define(name, ['i32', 'i32'], (fn, from, to) => {
  const column = fn.local('i32'), at = fn.local('i32'), end = fn.local('i32'), sums = Array.from({ length: 4 }, () => fn.local('v128'));
  const several = (count: number): Code => {
    const own = sums.slice(0, count);
    return [
      own.map((s) => set(s, f32x4.all(0))), set(at, sum(get(from), get(column))), set(end, plus(get(at), 4 * rows * width)),
      loop(own.map((s, q) => set(s, f32x4.add(get(s), v128.load(get(at), 16 * q)))), branchIf(0, i32.ltU(tee(at, plus(get(at), 4 * width)), get(end)))),
      own.map((s, q) => v128.store(sum(get(to), get(column)), get(s), 16 * q)),
    ];
  };
  const whole = width - (width % 16);
  return [range(column, i32.const(0), i32.const(4 * whole), 64, several(4)), whole === width ? [] : [set(column, i32.const(4 * whole)), several((width - whole) / 4)]];
});

/** bytes from and to in the four flat arrays */
const adamLoop = ({ define }: HandModule, { parameters, gradients, means, squares, rate }: Layout): Callee => define('adam', ['i32', 'i32'], (fn, from, to) => {
  const at = fn.local('i32'), [g, m, v, scale] = Array.from({ length: 4 }, () => fn.local('v128')), b1 = 0.9, b2 = 0.999;
  const mixed = (beta: number, old: number, x: Code): Code => f32x4.add(f32x4.mul(v128.load(get(at), old), f32x4.all(beta)), f32x4.mul(x, f32x4.all(1 - beta)));
  const vector = (o: number): Code => [
    set(g, v128.load(get(at), gradients + o)),
    v128.store(get(at), tee(m, mixed(b1, means + o, get(g))), means + o), v128.store(get(at), tee(v, mixed(b2, squares + o, f32x4.mul(get(g), get(g)))), squares + o),
    v128.store(get(at), f32x4.sub(v128.load(get(at), parameters + o), f32x4.div(f32x4.mul(get(scale), get(m)), f32x4.add(f32x4.sqrt(get(v)), f32x4.all(1e-7)))), parameters + o),
  ];
  return [set(scale, v128.load32Splat(i32.const(rate))), range(at, get(from), get(to), 32, vector(0), vector(16))];
});
