import { describe, expect, it } from 'vitest';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js, reference, wasm, type Backend } from '../../src/backends/index.ts';
import { array, arrayOf, compile, compute, f32, fn, gather, grad, i32, intArray, mul, orThrow, scatter, sin, stack, sum, take, vmap, type GatherOptions, type ScatterOptions, type Tensor } from '../../src/index.ts';
import { checkGradients } from '../../src/testing/index.ts';

type Any = Tensor<number[], 'f32'>;
type Ids = Tensor<number[], 'i32'>;
type List = readonly number[];
const count = (shape: List): number => shape.reduce((n, d) => n * d, 1);
const flat = (at: List, shape: List): number => at.reduce((n, i, k) => n * shape[k] + i, 0);
const unflat = (n: number, shape: List): List => shape.map((d, i) => Math.floor(n / count(shape.slice(i + 1))) % d);
const numbers = (n: number, phase: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.fround(Math.sin(1.7 * i + phase)));

/** dimension numbers, in gather's words, with operands that they fit */
interface Case { readonly x: List; readonly ids: List; readonly data: List; readonly result: List; readonly slices: List; readonly offset: List; readonly collapsed: List; readonly map: List; readonly vector: number; readonly batching: List; readonly startsBatching: List }
const gatherOptions = (c: Case): GatherOptions => ({ offsetDims: c.offset, collapsedSliceDims: c.collapsed, startIndexMap: c.map, indexVectorDim: c.vector, sliceSizes: c.slices, operandBatchingDims: c.batching, startIndicesBatchingDims: c.startsBatching });
const scatterOptions = (c: Case, kind: ScatterOptions['kind']): ScatterOptions => ({ kind, updateWindowDims: c.offset, insertedWindowDims: c.collapsed, scatterDimsToOperandDims: c.map, indexVectorDim: c.vector, inputBatchingDims: c.batching, scatterIndicesBatchingDims: c.startsBatching });

/** the same numbers for the same seed: Numerical Recipes' generator */
const drawing = (seed: number): ((below: number) => number) => {
  let state = (seed * 2654435761) >>> 0;
  return (below) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor((state / 4294967296) * below); };
};
const randomCase = (seed: number, least = 0): Case => {
  const draw = drawing(seed), shuffled = (xs: List): List => xs.map((x) => [draw(1000), x]).sort(([a], [b]) => a - b).map(([, x]) => x), upTo = (n: number): List => Array.from({ length: n }, (_, i) => i);
  const rank = draw(4), x = upTo(rank).map(() => 1 + draw(4)), roles = x.map(() => draw(4));
  const of = (...wanted: List): List => upTo(rank).filter((i) => wanted.includes(roles[i]));
  const collapsed = of(0), batching = of(1), wide = of(2, 3), slices = x.map((d, i) => (wide.includes(i) ? (draw(3) === 0 ? d : Math.max(least, draw(d + 1))) : 1));
  const map = shuffled(of(0, 2, 3)).filter(() => draw(3) > 0), own = upTo(draw(3)).map(() => Math.max(least, draw(4)));
  // the axes of the starts but for the index vector: those of their own, and in between those of the batches
  const places = shuffled(upTo(own.length + batching.length)), sizes = places.map((p) => (p < own.length ? own[p] : x[batching[p - own.length]]));
  const implicit = map.length === 1 && draw(2) === 0, vector = implicit ? sizes.length : draw(sizes.length + 1);
  const ids = implicit ? sizes : [...sizes.slice(0, vector), map.length, ...sizes.slice(vector)];
  const startsBatching = batching.map((_, i) => places.indexOf(own.length + i)).map((axis) => (axis < vector ? axis : axis + 1));
  const all = sizes.length + wide.length, offset = shuffled(upTo(all)).slice(0, wide.length).sort((a, b) => a - b), lengths = wide.map((i) => slices[i]), rest = [...sizes];
  const result = upTo(all).map((i) => (offset.includes(i) ? lengths[offset.indexOf(i)] : rest.shift() ?? 0));
  return { x, ids, data: upTo(count(ids)).map(() => draw(9) - 3), result, slices, offset, collapsed, map, vector, batching, startsBatching };
};

/** where an element of the result or the updates belongs in x, from the specification's formula: full start + batch + offset */
const placeOf = (c: Case, at: List, clamp: boolean): List => {
  const batch = at.filter((_, i) => !c.offset.includes(i)), offset = c.offset.map((i) => at[i]), whole = c.x.map((_, i) => i).filter((i) => !c.collapsed.includes(i) && !c.batching.includes(i));
  const startAt = (i: number): number => c.data[flat(c.vector === c.ids.length ? batch : [...batch.slice(0, c.vector), i, ...batch.slice(c.vector)], c.ids)];
  return c.x.map((size, axis) => {
    const i = c.map.indexOf(axis), start = i < 0 ? 0 : clamp ? Math.max(0, Math.min(startAt(i), size - c.slices[axis])) : startAt(i);
    const b = c.batching.indexOf(axis), example = b < 0 ? 0 : batch[c.startsBatching[b] - (c.startsBatching[b] < c.vector ? 0 : 1)];
    return start + example + (whole.includes(axis) ? offset[whole.indexOf(axis)] : 0);
  });
};
const gatheredBy = (c: Case, x: ArrayLike<number>): List => Array.from({ length: count(c.result) }, (_, n) => x[flat(placeOf(c, unflat(n, c.result), true), c.x)]);
const merge = { set: (_: number, u: number) => u, add: (a: number, u: number) => a + u, min: Math.min, max: Math.max } as const;
const scatteredBy = (c: Case, kind: ScatterOptions['kind'], x: ArrayLike<number>, updates: ArrayLike<number>): List => {
  const out = Array.from(x);
  for (let n = 0; n < count(c.result); n++) {
    const at = placeOf(c, unflat(n, c.result), false);
    if (at.every((i, axis) => i >= 0 && i < c.x[axis])) out[flat(at, c.x)] = merge[kind](out[flat(at, c.x)], updates[n]);
  }
  return out;
};

const backends: readonly Backend<'sync'>[] = [reference(), js(), wasm({ threads: 1 })], kinds = ['set', 'add', 'min', 'max'] as const;
const ints = (data: List, shape: List): Ids => intArray(Int32Array.from(data), [...shape]) as Ids;
const floats = (shape: List, phase: number): Any => array(numbers(count(shape), phase), [...shape]) as Any;
interface Got { readonly shape: List; readonly data: Float32Array }
const read = (c: Case, backend: Backend<'sync'>): Got => {
  const program = fn([f32([...c.x]), i32([...c.ids])], (x, s) => gather(x as Any, s as Ids, gatherOptions(c)));
  return orThrow(compile(program, { backend }))(floats(c.x, 0) as never, ints(c.data, c.ids) as never) as unknown as Got;
};
const written = (c: Case, kind: ScatterOptions['kind'], backend: Backend<'sync'>): Got => {
  const program = fn([f32([...c.x]), i32([...c.ids]), f32([...c.result])], (x, s, u) => scatter(x as Any, s as Ids, u as Any, scatterOptions(c, kind)));
  return orThrow(compile(program, { backend }))(floats(c.x, 0) as never, ints(c.data, c.ids) as never, floats(c.result, 1) as never) as unknown as Got;
};
const expectClose = (got: Got, shape: List, wanted: List, what: string): void => {
  expect([...got.shape], what).toEqual(shape);
  expect(got.data.length, what).toBe(wanted.length);
  wanted.forEach((w, i) => expect(got.data[i], `element ${i} ${what}`).toBeCloseTo(w, 5));
};
const seeds = (n: number, from = 1): readonly number[] => Array.from({ length: n }, (_, i) => from + i);

describe('the cases', () => {
  it('are of every kind: axes collapsed, of batches, in any place, parts of axes, starts beyond', () => {
    const cases = seeds(120).map((seed) => randomCase(seed)).filter((c) => count(c.result) > 0), share = (holds: (c: Case) => boolean): number => cases.filter(holds).length;
    expect(cases.length).toBeGreaterThan(60);
    for (const holds of [(c: Case) => c.batching.length > 0, (c: Case) => c.collapsed.length > 0 && c.offset.length > 0, (c: Case) => c.vector < c.ids.length - 1, (c: Case) => c.vector === c.ids.length, (c: Case) => c.map.some((a, i) => i > 0 && a < c.map[i - 1]),
      (c: Case) => c.offset.some((a, i) => a !== c.result.length - c.offset.length + i), (c: Case) => gatheredBy(c, numbers(count(c.x), 0)).length > 8, (c: Case) => c.map.length === 0]) expect(share(holds), String(holds)).toBeGreaterThan(5);
  });
});

describe('gather', () => {
  it('is what StableHLO specifies, for dimension numbers of every kind', () => {
    for (const seed of seeds(80)) {
      const c = randomCase(seed), wanted = gatheredBy(c, numbers(count(c.x), 0));
      for (const backend of backends) expectClose(read(c, backend), c.result, wanted, `of case ${seed} on ${backend.name}`);
    }
  });
  it('gives the example of the specification', () => {
    const x = array(Float32Array.from({ length: 24 }, (_, i) => i + 1), [3, 4, 2]), starts = ints([0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 0, 2], [2, 3, 2]);
    const got = orThrow(compute(gather(x as unknown as Any, starts, { offsetDims: [2, 3], collapsedSliceDims: [0], startIndexMap: [1, 0], indexVectorDim: 2, sliceSizes: [1, 2, 2] }))) as unknown as Got;
    expect([...got.shape]).toEqual([2, 3, 2, 2]);
    expect(Array.from(got.data)).toEqual([1, 2, 3, 4, 3, 4, 5, 6, 13, 14, 15, 16, 9, 10, 11, 12, 11, 12, 13, 14, 17, 18, 19, 20]);
  });
  it('moves slices so that they fit, far beyond and of u32 too', () => {
    const x = array(Float32Array.of(1, 2, 3, 4, 5), [5]) as unknown as Any, options = { offsetDims: [1], collapsedSliceDims: [], startIndexMap: [0], indexVectorDim: 1, sliceSizes: [2] } as const;
    const of = (starts: Tensor<number[], 'i32' | 'u32'>): List => Array.from((orThrow(compute(gather(x, starts, options))) as unknown as Got).data);
    expect(of(ints([2147483647, -2147483648, 3, 4], [4]))).toEqual([4, 5, 1, 2, 4, 5, 4, 5]);
    expect(of(arrayOf('u32', Uint32Array.of(4294967295, 1), [2]) as unknown as Tensor<number[], 'u32'>)).toEqual([4, 5, 2, 3]);
  });
  it('of named rows is take', () => {
    const program = fn([f32(['n', 3]), i32(['k'])], (x, s) => [gather(x as unknown as Any, s as unknown as Ids, { offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0], indexVectorDim: 1, sliceSizes: [1, 3] }), take(x, s)]);
    for (const backend of backends) {
      const [got, wanted] = orThrow(compile(program, { backend }))(floats([4, 3], 0) as never, ints([3, -1, 9, 0, 2], [5]) as never) as unknown as readonly Got[];
      expect([...got.data]).toEqual([...wanted.data]);
    }
  });
});

describe('scatter', () => {
  it('is what StableHLO specifies, for dimension numbers of every kind', () => {
    for (const seed of seeds(80, 1000)) {
      const c = randomCase(seed), kind = kinds[seed % 4], wanted = scatteredBy(c, kind, numbers(count(c.x), 0), numbers(count(c.result), 1));
      for (const backend of backends) expectClose(written(c, kind, backend), c.x, wanted, `of case ${seed} (${kind}) on ${backend.name}`);
    }
  });
  const along = { updateWindowDims: [0], insertedWindowDims: [], scatterDimsToOperandDims: [0], indexVectorDim: 1 } as const;
  const of = (starts: List, updates: List, shape: List, kind: ScatterOptions['kind'], x: List = [0, 0, 0]): List =>
    Array.from((orThrow(compute(scatter(array(Float32Array.from(x), [x.length]) as unknown as Any, ints(starts, [starts.length]), array(Float32Array.from(updates), [...shape]) as unknown as Any, { ...along, kind }))) as unknown as Got).data);
  it('leaves out the elements beyond x, not their windows', () => {
    expect(of([-1, 2, 7, 2147483647, -2147483648], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 5], 'set')).toEqual([6, 0, 2]);
  });
  it('keeps of several updates the last in row-major order, windows first where their axis is', () => {
    // element 1 gets updates[1, 0] = 3 of the window at 0 and updates[0, 1] = 2 of the window at 1
    expect(of([0, 1], [1, 2, 3, 4], [2, 2], 'set')).toEqual([1, 3, 4]);
    expect(of([0, 1], [1, 2, 3, 4], [2, 2], 'add')).toEqual([1, 5, 4]);
    expect(of([0, 1], [1, 2, 3, 4], [2, 2], 'max')).toEqual([1, 3, 4]);
    expect(of([0, 1], [1, 2, 3, 4], [2, 2], 'min', [9, 9, 9])).toEqual([1, 2, 4]);
  });
  it('into nothing, and of nothing', () => {
    const none: Case = { x: [0, 3], ids: [2], data: [0, -1], result: [2, 3], slices: [1, 3], offset: [1], collapsed: [0], map: [0], vector: 1, batching: [], startsBatching: [] };
    const empty: Case = { ...none, x: [2, 3], ids: [0], data: [], result: [0, 3] };
    for (const backend of backends) for (const kind of kinds) {
      expectClose(written(none, kind, backend), [0, 3], [], backend.name);
      expectClose(written(empty, kind, backend), [2, 3], [...numbers(6, 0)], backend.name);
      expectClose(read(empty, backend), [0, 3], [], backend.name);
    }
  });
});

describe('gather and scatter', () => {
  it('are computed by gpu.js', () => {
    for (const seed of seeds(6, 2000)) {
      const c = randomCase(seed, 1), backend = gpujs({ mode: 'cpu' });
      expectClose(read(c, backend), c.result, gatheredBy(c, numbers(count(c.x), 0)), `of case ${seed}`);
      for (const kind of ['set', 'add'] as const) expectClose(written(c, kind, backend), c.x, scatteredBy(c, kind, numbers(count(c.x), 0), numbers(count(c.result), 1)), `of case ${seed} (${kind})`);
    }
  });
  it('have the derivatives that differences show', () => {
    for (const seed of seeds(12, 3000)) {
      const c = randomCase(seed, 1), starts = ints(c.data, c.ids), x = floats(c.x, 0), u = floats(c.result, 1);
      expect(orThrow(checkGradients((y: Any) => sum(sin(gather(y, starts, gatherOptions(c)))), [x] as never)).compared).toBeGreaterThan(0);
      for (const kind of ['set', 'add'] as const) expect(orThrow(checkGradients((y: Any, v: Any) => sum(sin(scatter(y, starts, v, scatterOptions(c, kind)))), [x, u] as never)).compared).toBeGreaterThan(0);
    }
  });
  it('have gradients that go to the update that stayed', () => {
    const x = array(Float32Array.of(1, 2, 3), [3]) as unknown as Any, u = array(Float32Array.of(4, 5, 6, 7), [4]) as unknown as Any, weights = array(Float32Array.of(1, 10, 100), [3]) as unknown as Any;
    const slopes = orThrow(compute(grad((p: { x: Any; u: Any }) => sum(mul(scatter(p.x, ints([1, 0, 1, 3], [4]), p.u, { kind: 'set', updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0], indexVectorDim: 1 }), weights)))({ x, u }))) as unknown as { x: Got; u: Got };
    expect([Array.from(slopes.x.data), Array.from(slopes.u.data)]).toEqual([[0, 0, 100], [0, 1, 10, 0]]);
  });
  it('over examples are one after the other', () => {
    const part = (data: Any, i: number): Any => take(data as never, i as never) as never;
    for (const seed of seeds(10, 4000)) {
      const c = randomCase(seed, 1), examples = [0, 1, 2], others = { ...c, data: c.data.map((d) => d - 1) }, last = { ...c, data: c.data.map((d) => 2 - d) };
      const all = [c, others, last], starts = ints(all.flatMap((one) => one.data), [3, ...c.ids]), x = floats([3, ...c.x], 0), u = floats([3, ...c.result], 1);
      const mapped = orThrow(compute([vmap((y: Any, s: Ids) => gather(y, s, gatherOptions(c)), 'batch')(x as never, starts as never), vmap((y: Any, s: Ids, v: Any) => scatter(y, s, v, scatterOptions(c, 'set')), 'batch')(x as never, starts as never, u as never)] as never)) as unknown as readonly Got[];
      const id = (i: number): never => ints([i], []) as never;
      const each = orThrow(compute([stack(examples.map((i) => gather(part(x, id(i)), ints(all[i].data, c.ids), gatherOptions(c))) as never), stack(examples.map((i) => scatter(part(x, id(i)), ints(all[i].data, c.ids), part(u, id(i)), scatterOptions(c, 'set'))) as never)] as never)) as unknown as readonly Got[];
      mapped.forEach((got, i) => { expect([...got.shape]).toEqual([...each[i].shape]); expect([...got.data]).toEqual([...each[i].data]); });
    }
  });
});

describe('what does not fit is said', () => {
  const reading: GatherOptions = { offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0], indexVectorDim: 1, sliceSizes: [1, 3] };
  const writing: ScatterOptions = { kind: 'add', updateWindowDims: [1], insertedWindowDims: [0], scatterDimsToOperandDims: [0], indexVectorDim: 1 };
  const said = (make: () => Tensor<unknown>): string => { const made = compute(make()); return made._tag === 'Right' ? 'nothing' : `${made.left[0].code} ${made.left[0].message}`; };
  const reads = (change: Partial<GatherOptions>, ids: List = [5], x: List = [2, 3]): string => said(() => gather(floats(x, 0), ints(Array.from({ length: count(ids) }, () => 0), ids), { ...reading, ...change }));
  const writes = (change: Partial<ScatterOptions>, updates: List = [5, 3]): string => said(() => scatter(floats([2, 3], 0), ints([0, 0, 0, 0, 0], [5]), floats(updates, 0), { ...writing, ...change }));
  it.each<[string, string]>([
    [reads({}), 'nothing'],
    [reads({ indexVectorDim: 2 }), 'FX1004 gather: indexVectorDim 2 is out of range for starts [5]'],
    [reads({ offsetDims: [2] }), 'FX1004 gather: offsetDims [2]: axis 2 is out of range for the 2 axes of the result'],
    [reads({ collapsedSliceDims: [-1] }), 'FX1004 gather: collapsedSliceDims [-1]: axis -1 is out of range for the 2 axes of x'],
    [reads({ offsetDims: [1, 0], collapsedSliceDims: [] }), 'FX1004 gather: offsetDims [1, 0] must increase'],
    [reads({ startIndexMap: [0, 0] }, [5, 2]), 'FX1004 gather: startIndexMap [0, 0]: axis 0 is listed twice'],
    [reads({ operandBatchingDims: [0] }), 'FX1004 gather: axis 0 is both in collapsedSliceDims and in operandBatchingDims'],
    [reads({ collapsedSliceDims: [1], operandBatchingDims: [0] }), 'FX1004 gather: axis 0 is both in startIndexMap and in operandBatchingDims'],
    [reads({ collapsedSliceDims: [], operandBatchingDims: [0], startIndexMap: [1], startIndicesBatchingDims: [1] }, [2, 1]), 'FX1004 gather: axis 1 is both in startIndicesBatchingDims and in indexVectorDim'],
    [reads({ collapsedSliceDims: [] }), 'FX1009 gather: offsetDims, collapsedSliceDims and operandBatchingDims have 1 axes, but [2, 3] has 2'],
    [reads({ startIndexMap: [0, 1] }), 'FX1009 gather: startIndexMap names 2 axes, but an index of [5] has 1 numbers'],
    [reads({ collapsedSliceDims: [], operandBatchingDims: [0], startIndexMap: [1] }), 'FX1009 gather: operandBatchingDims and startIndicesBatchingDims must name as many axes: 1 and 0'],
    [reads({ collapsedSliceDims: [], operandBatchingDims: [0], startIndexMap: [1], startIndicesBatchingDims: [0] }), 'FX1011 gather: axis 0 of x [2, 3] and axis 0 of the starts [5] must have one size'],
    [reads({ sliceSizes: [1] }), 'FX1012 gather: needs one size of a slice for each axis of [2, 3], but has [1]'],
    [reads({ sliceSizes: [1, 4] }), 'FX1012 gather: a slice [1, 4] does not fit in [2, 3]'],
    [reads({ sliceSizes: [2, 3] }), 'FX1012 gather: a slice [2, 3] has more than one element along axis 0, which the result does not have'],
    [reads({ sliceSizes: [0, 3] }), 'FX1012 gather: a slice [0, 3] has nothing along axis 0, which the result does not have'],
    [reads({ sliceSizes: [0, 3] }, [0], [0, 3]), 'nothing'],
    [said(() => gather(floats([2, 3], 0), floats([5], 0) as never, reading)), 'FX1008 gather: the indices must be integers, but are f32'],
    [said(() => gather(floats([2, 3], 0), i32([5, 'k']) as never, reading)), 'FX1019 gather: the index vectors of [5, k] have the named size k'],
    [said(() => gather(f32(['n', 3]) as never, ints([0], [1]), { ...reading, sliceSizes: [2, 3] })), 'FX1012 gather: a slice [2, 3] does not fit in [n, 3]'],
    [writes({}), 'nothing'],
    [writes({ kind: 'mul' as never }), "FX1017 scatter: there is no kind 'mul'"],
    [writes({ updateWindowDims: [2] }), 'FX1004 scatter: updateWindowDims [2]: axis 2 is out of range for the 2 axes of the updates'],
    [writes({ insertedWindowDims: [] }), 'FX1009 scatter: updateWindowDims, insertedWindowDims and inputBatchingDims have 1 axes, but [2, 3] has 2'],
    [writes({}, [5]), 'FX1009 scatter: the updates [5] must have 2 axes: those of the starts but for the index vector, and 1 of the windows'],
    [writes({}, [4, 3]), 'FX1011 scatter: the updates must be [5, 3], but are [4, 3]'],
    [writes({}, [5, 4]), 'FX1012 scatter: a slice [1, 4] does not fit in [2, 3]'],
    [said(() => scatter(floats([2, 3], 0), ints([0], [1]), ints([0, 0, 0], [1, 3]) as never, writing)), 'FX1002 scatter: dtypes differ: f32 and i32'],
    [said(() => scatter(arrayOf('bool', Uint8Array.of(1), [1, 1]), ints([0], [1]), arrayOf('bool', Uint8Array.of(1), [1, 1]), writing)), 'FX1008 scatter: does not take bool but to set'],
    [said(() => scatter(floats([2, 3], 0), floats([1], 0) as never, floats([1, 3], 0), writing)), 'FX1008 scatter: the indices must be integers, but are f32'],
  ])('%s', (got, wanted) => { expect(got).toBe(wanted); });
});
