import { f32, f32x4, get, i32, i32x4, select, set, tee, v128, type Code, type Local } from '../../src/backends/wasm/code.ts';
import type { Fn } from '../../src/backends/wasm/module.ts';
import { classWidth, type ConvLayout } from './convLayout.ts';
import { window } from './convForward.ts';
import { crossEntropy } from './step.ts';
import { fillZero, plus, range, sum, times, type Callee, type HandModule } from './wasm/module.ts';
import { addColumnSums, fromC, tile, toC, type TileOptions } from './wasm/tile.ts';

/** bytes of a pixel of the maps of 16 and of 32 channels */
const pixel1 = 64, pixel2 = 128;

/** a slope to that pixel of a window of 2 × 2 which its code names, zeros to the others */
const unpooled = (to: Local, value: Code, code: Code, pixel: number, row: number, offset: number): Code =>
  window(pixel, row).map((at, q) => v128.store(get(to), v128.and(value, i32x4.eq(code, i32x4.all(q))), offset + at));

/** the loss of a block and its logits' slopes, and back to those of its second convolution: (block, scratch) */
const throughClasses = (module: HandModule, l: ConvLayout): Callee => {
  const { logits, turned, losses, labels } = l.addresses, row = l.slopes2 * pixel2, image = l.slopes2 * row, features = 4 * l.features, entropy = crossEntropy(module, { batch: l.batch, logits, labels, padded: [0, 0, 0, classWidth] });
  // four images at a time
  const kernel = tile(module, 'featureSlopes', {
    rows: [0, 1, 2, 3].map((r) => 4 * classWidth * r), sweeps: [{ n: 10, a: 4, b: features }], extra: 1,
    store: ({ fn, params: [, , to, codes], sums }) => {
      const code = fn.local('v128');
      return sums.map((own, r) => own.map((s, j) => [set(code, v128.load(get(codes), r * features + 16 * j)), unpooled(to, get(s), get(code), pixel2, row, r * image + 16 * j)]));
    },
  });
  return module.define('throughClasses', ['i32', 'i32'], (fn, block, scratch) => {
    const [n, y, x, j, at, first] = Array.from({ length: 6 }, () => fn.local('i32')), side = i32.const(l.pooled2);
    return [
      set(first, times(get(block), l.images)), entropy(get(first), plus(get(first), l.images), plus(times(get(block), 64), losses)),
      range(n, i32.const(0), i32.const(l.images), 4, range(y, i32.const(0), side, 1, range(x, i32.const(0), side, 1, range(j, i32.const(0), i32.const(pixel2), 32,
        set(at, sum(times(get(y), l.pooled2 * pixel2), times(get(x), pixel2), get(j))),
        kernel(plus(times(sum(get(first), get(n)), 4 * classWidth), logits), plus(get(at), turned),
          plus(sum(get(scratch), times(get(n), image), times(get(y), 2 * row), times(get(x), 2 * pixel2), get(j)), l.within.slopes2 + l.halo * (row + pixel2)),
          plus(sum(get(scratch), times(get(n), features), get(at)), l.within.codes2)))))),
    ];
  });
};

/** the same kernel with and without the sums of the slopes, which are the bias's */
const gradient = (module: HandModule, name: string, shape: Pick<TileOptions, 'rows' | 'fence' | 'sweeps'>): { readonly plain: Callee; readonly withBias: Callee } => {
  const options = { ...shape, init: fromC(32), extra: 1 };
  return { plain: tile(module, name, { ...options, store: toC(32) }), withBias: tile(module, `${name}AndBias`, { ...options, sumColumns: true, store: (of) => [toC(32)(of), addColumnSums(of)] }) };
};
/** slopes of the second convolution's weights and biases, added to a block's part: (maps, slopes, part) */
const weights2 = (module: HandModule, { offsets: { w2, b2 }, open2, read2, slopes2, halo }: ConvLayout): Callee => {
  const mapRow = read2 * pixel1, row = slopes2 * pixel2, { plain, withBias } = gradient(module, 'gradient2', { rows: [0, 4, 8, 12], sweeps: [{ n: open2, a: mapRow, b: row }, { n: open2, a: pixel1, b: pixel2 }] });
  return module.define('weights2', ['i32', 'i32', 'i32'], (fn, maps, slopes, part) => {
    const [j, h, m] = Array.from({ length: 3 }, () => fn.local('i32')), channel = times(get(j), 32), panel = plus(sum(get(part), times(get(j), 144 * 32)), 4 * w2);
    const from = plus(sum(get(slopes), channel), halo * (row + pixel2)), bias = plus(sum(get(part), channel), 4 * b2);
    return range(j, i32.const(0), i32.const(4), 1,
      withBias(get(maps), from, panel, bias),
      range(h, i32.const(0), i32.const(3), 1, range(m, select(get(h), i32.const(0), i32.const(16)), i32.const(3 * pixel1), 16,
        plain(sum(get(maps), times(get(h), mapRow), get(m)), from, sum(panel, times(get(h), 48 * 32), times(get(m), 8)), bias))));
  });
};
/** the same of the first: (image, slopes, part) */
const weights1 = (module: HandModule, { offsets: { w1, b1 }, open1, read1 }: ConvLayout): Callee => {
  const row = 4 * read1, { plain, withBias } = gradient(module, 'gradient1', { rows: [0, 4, 8], fence: 3, sweeps: [{ n: open1, a: row, b: open1 * pixel1 }, { n: open1, a: 4, b: pixel1 }] });
  return module.define('weights1', ['i32', 'i32', 'i32'], (fn, image, slopes, part) => {
    const j = fn.local('i32'), channel = times(get(j), 32);
    return range(j, i32.const(0), i32.const(2), 1, [withBias, plain, plain].map((kernel, h) =>
      kernel(plus(get(image), h * row), sum(get(slopes), channel), plus(sum(get(part), times(get(j), 9 * 32)), 4 * w1 + 96 * h), plus(sum(get(part), channel), 4 * b1))));
  });
};
/** slopes of the second convolution back to those of the first: its forward kernel with filters turned about, over slopes with their halo: (slopes, filters, to, codes) */
const throughSecond = (module: HandModule, { slopes2, pooled1, open1 }: ConvLayout): Callee => {
  const row = slopes2 * pixel2, codeRow = pooled1 * pixel1, outRow = open1 * pixel1;
  const kernel = tile(module, 'mapSlopes', {
    rows: window(pixel2, row), sweeps: [{ n: 3, a: row, b: 96 * 32 }, { n: 96, a: 4, b: 32 }], extra: 1,
    store: ({ fn, params: [, , to, codes], sums }) => {
      const code = fn.local('v128'), codesAt = window(pixel1, codeRow), outAt = window(2 * pixel1, 2 * outRow);
      return sums.map((own, r) => own.map((s, j) => [set(code, v128.load(get(codes), codesAt[r] + 16 * j)), unpooled(to, get(s), get(code), pixel1, outRow, outAt[r] + 16 * j)]));
    },
  });
  return module.define('throughSecond', ['i32', 'i32', 'i32', 'i32'], (fn, slopes, filters, to, codes) => {
    const [j, y, x] = Array.from({ length: 3 }, () => fn.local('i32')), side = i32.const(pooled1), channel = times(get(j), 32);
    const at = (base: Local, rowBytes: number, pixelBytes: number): Code => sum(get(base), times(get(y), rowBytes), times(get(x), pixelBytes));
    return range(j, i32.const(0), i32.const(2), 1, range(y, i32.const(0), side, 2, range(x, i32.const(0), side, 2,
      kernel(at(slopes, row, pixel2), sum(get(filters), times(get(j), 9 * 32 * 32)), sum(at(to, 2 * outRow, 2 * pixel1), channel), sum(at(codes, codeRow, pixel1), channel)))));
  });
};

/** The second convolution's filters as the way back reads them, [16 / 8][window turned about][32][8]: (to). */
export const flipFilters = ({ define }: HandModule, { addresses: { parameters }, offsets: { w2 } }: ConvLayout): Callee => define('flipFilters', ['i32'], (fn, to) => {
  const [o, source, target] = Array.from({ length: 3 }, () => fn.local('i32'));
  return range(o, i32.const(0), i32.const(32), 1,
    set(source, plus(sum(times(i32.shrU(get(o), i32.const(3)), 144 * 32), times(i32.and(get(o), i32.const(7)), 4)), parameters + 4 * w2)), set(target, sum(get(to), times(get(o), 32))),
    Array.from({ length: 144 }, (_, k) => { const c = k % 16; return f32.store(get(target), f32.load(get(source), 32 * k), ((c >> 3) * 9 + 8 - Math.floor(k / 16)) * 1024 + 4 * (c & 7)); }));
});

/** A block's way back, to its part of the convolutions' slopes: (block, scratch). */
export const convBackward = (module: HandModule, l: ConvLayout): Callee => {
  const classes = throughClasses(module, l), slopesOf2 = weights2(module, l), slopesOf1 = weights1(module, l), back = throughSecond(module, l), { x, parts } = l.addresses, bytes = 4 * l.offsets.w3;
  return module.define('backward', ['i32', 'i32'], (fn, block, scratch) => {
    const n = fn.local('i32'), part = fn.local('i32'), own = (base: number, size: number): Code => plus(sum(get(scratch), times(get(n), size)), base);
    const slopes = own(l.within.slopes2, l.slopes2 ** 2 * pixel2), slopes1 = plus(get(scratch), l.within.slopes1);
    return [
      set(part, plus(times(get(block), bytes), parts)), fillZero(get(part), bytes), classes(get(block), get(scratch)),
      range(n, i32.const(0), i32.const(l.images), 1,
        slopesOf2(own(l.within.maps, l.read2 ** 2 * pixel1), slopes, get(part)),
        back(slopes, plus(get(scratch), l.within.flipped), slopes1, own(l.within.codes1, l.pooled1 ** 2 * pixel1)),
        slopesOf1(plus(times(sum(times(get(block), l.images), get(n)), 4 * l.read1 ** 2), x), slopes1, get(part))),
    ];
  });
};

/** Adam for four parameters at an address; their slopes become the new parameters. */
const adam = (fn: Fn, { addresses: { parameters, means, squares, rate } }: ConvLayout): ((at: Local, offset: number, slopes: Local) => Code) => {
  const m = fn.local('v128'), v = fn.local('v128');
  const mixed = (beta: number, old: Code, x: Code): Code => f32x4.add(f32x4.mul(old, f32x4.all(beta)), f32x4.mul(x, f32x4.all(1 - beta)));
  return (at, offset, slopes) => {
    const own = (of: number): number => of - parameters + offset;
    return [
      v128.store(get(at), tee(m, mixed(0.9, v128.load(get(at), own(means)), get(slopes))), own(means)),
      v128.store(get(at), tee(v, mixed(0.999, v128.load(get(at), own(squares)), f32x4.mul(get(slopes), get(slopes)))), own(squares)),
      v128.store(get(at), tee(slopes, f32x4.sub(v128.load(get(at), offset), f32x4.div(f32x4.mul(v128.load32Splat(i32.const(rate)), get(m)), f32x4.add(f32x4.sqrt(get(v)), f32x4.all(1e-7))))), offset),
    ];
  };
};
export interface ConvUpdates {
  /** the classes' weights, from a feature to a feature: their slopes, Adam in the same breath, and the turned weights */
  readonly classes: Callee;
  /** the classes' biases */
  readonly biases: Callee;
  /** the convolutions' parameters, from a byte to a byte: the blocks' parts together, and Adam */
  readonly filters: Callee;
}
export const convUpdates = (module: HandModule, l: ConvLayout): ConvUpdates => {
  const { parameters, flat, logits, turned, parts } = l.addresses, features = 4 * l.features, width = 4 * classWidth;
  const kernel = tile(module, 'classWeights', {
    rows: [0, 4], vectors: 3, fence: 1, sweeps: [{ n: l.batch, a: features, b: width }], extra: 1,
    store: ({ fn, params: [, , at, to], sums }) => {
      const update = adam(fn, l);
      return sums.map((row, r) => row.map((s, j) => [
        update(at, r * width + 16 * j, s),
        [0, 1, 2, 3].filter((lane) => 4 * j + lane < 10).map((lane) => v128.store32Lane(get(to), get(s), lane, (4 * j + lane) * features + 4 * r)),
      ]));
    },
  });
  return {
    classes: module.define('updateClasses', ['i32', 'i32'], (fn, from, to) => {
      const i = fn.local('i32'), at = (base: number, bytes: number): Code => plus(times(get(i), bytes), base);
      return range(i, get(from), get(to), 2, kernel(at(flat, 4), i32.const(logits), at(parameters + 4 * l.offsets.w3, width), at(turned, 4)));
    }),
    biases: module.define('updateBiases', [], (fn) => {
      const at = fn.local('i32'), sums = [0, 1, 2].map(() => fn.local('v128')), update = adam(fn, l);
      return [
        range(at, i32.const(logits), i32.const(logits + l.batch * width), width, sums.map((s, j) => set(s, f32x4.add(get(s), v128.load(get(at), 16 * j))))),
        set(at, i32.const(parameters + 4 * l.offsets.b3)), sums.map((s, j) => update(at, 16 * j, s)),
      ];
    }),
    filters: module.define('updateFilters', ['i32', 'i32'], (fn, from, to) => {
      const i = fn.local('i32'), at = fn.local('i32'), slopes = fn.local('v128'), update = adam(fn, l);
      return range(i, get(from), get(to), 16,
        set(slopes, Array.from({ length: l.blocks }, (_, b) => v128.load(plus(get(i), parts), 4 * l.offsets.w3 * b)).reduce((a, b) => f32x4.add(a, b))),
        set(at, plus(get(i), parameters)), update(at, 0, slopes));
    }),
  };
};
