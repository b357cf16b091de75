import { f32, f32x4, get, i32, set, v128, type Code } from '../../../src/backends/wasm/code.ts';
import { plus, range, sum, times, when, type Callee, type HandModule } from './module.ts';
import { fromC, tile, toC, type Tile } from './tile.ts';

/** C[m, n] = A·B with either operand transposed; n a multiple of the tile's columns. */
export interface Product {
  readonly m: number; readonly n: number; readonly k: number;
  readonly transposeA?: boolean; readonly transposeB?: boolean;
  /** lengths of stored rows, in numbers, where they are not those of the matrix */
  readonly aRow?: number; readonly bRow?: number;
  /** B into panels of the tile's columns before use; a transposed B always is */
  readonly pack?: boolean;
  /** k and rows in blocks that stay in the cache */
  readonly kBlock?: number; readonly mBlock?: number;
  readonly rows?: number; readonly vectors?: number; readonly fence?: number;
  /** what is stored for a sum: a bias by column, a mask by place, an activation. The operand is an address that every call brings */
  readonly after?: 'biasRelu' | 'bias' | 'mask';
}
/** a call: addresses of A, B, C and of room for packed B; the rows from and to; the operand of `after` */
export const product = (module: HandModule, name: string, o: Product): Callee => {
  const { m, n, k, transposeA = false, transposeB = false, kBlock = k, mBlock = m, rows = 4, vectors = 2, fence = 2, after } = o;
  const columns = 4 * vectors, pack = o.pack === true || transposeB, aRow = o.aRow ?? (transposeA ? m : k), bRow = o.bRow ?? (transposeB ? k : n);
  const aStep = { row: transposeA ? 4 : 4 * aRow, k: transposeA ? 4 * aRow : 4 }, bStep = pack ? 4 * columns : 4 * bRow;
  const blocks = Array.from({ length: Math.ceil(k / kBlock) }, (_, i) => ({ from: i * kBlock, length: Math.min(kBlock, k - i * kBlock) }));
  const known = new Map<string, Callee>(), once = (key: string, make: (key: string) => Callee): Callee => {
    const found = known.get(key) ?? make(key);
    known.set(key, found);
    return found;
  };
  const kernel = (height: number, length: number, first: boolean, last: boolean): Callee => once(`${name}_${height}x${columns}_${length}${first ? 'first' : ''}${last ? 'last' : ''}`, (key) => tile(module, key, {
    rows: Array.from({ length: height }, (_, r) => r * aStep.row), vectors, fence, sweeps: [{ n: length, a: aStep.k, b: bStep }], extra: 1,
    ...(!first && { init: fromC(4 * n) }), store: toC(4 * n, last ? finished(after, 4 * n) : undefined),
  }));
  const packed = (length: number): Callee => once(`${name}_pack${length}`, (key) => (transposeB ? packTransposed(module, key, bRow, length, columns) : packRows(module, key, bRow, length, columns)));
  const extra = after === undefined ? [] : ['i32'] as const;
  return module.define(name, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', ...extra], (fn, a, b, c, room, from, to, operand) => {
    const i = fn.local('i32'), j = fn.local('i32'), begin = fn.local('i32'), end = fn.local('i32'), left = m % rows;
    return blocks.map(({ from: k0, length }) => {
      const first = k0 === 0, last = k0 + length === k, source = plus(get(b), 4 * (transposeB ? k0 : k0 * bRow));
      const run = (height: number): Code => kernel(height, length, first, last)(
        plus(sum(get(a), times(get(i), aStep.row)), k0 * aStep.k),
        pack ? sum(get(room), times(get(j), 4 * length)) : sum(source, times(get(j), 4)),
        sum(get(c), times(sum(times(get(i), n), get(j)), 4)),
        after === undefined ? i32.const(0) : sum(get(operand), times(after === 'mask' ? sum(times(get(i), n), get(j)) : get(j), 4)),
      );
      const whole = left === 0 ? get(end) : i32.add(get(begin), times(i32.divU(i32.sub(get(end), get(begin)), i32.const(rows)), rows));
      return [
        pack ? packed(length)(source, get(room), i32.const(n)) : [],
        range(begin, get(from), get(to), mBlock,
          set(end, plus(get(begin), mBlock)), when(i32.ltU(get(to), get(end)), set(end, get(to))),
          range(j, i32.const(0), i32.const(n), columns,
            range(i, get(begin), whole, rows, run(rows)),
            left === 0 ? [] : when(i32.ltU(get(i), get(end)), run(left)))),
      ];
    });
  });
};

const finished = (after: Product['after'], rowBytes: number) => (value: Code, row: number, vector: number, { params: [, , , operand] }: Tile): Code => {
  switch (after) {
    case 'bias': return f32x4.add(value, v128.load(get(operand), 16 * vector));
    case 'biasRelu': return f32x4.pmax(f32x4.all(0), f32x4.add(value, v128.load(get(operand), 16 * vector)));
    case 'mask': return v128.and(value, f32x4.lt(f32x4.all(0), v128.load(get(operand), row * rowBytes + 16 * vector)));
    case undefined: return value;
  }
};

/** so many rows of B, stored as rows, into panels of the tile's columns: (from, to, n) */
const packRows = ({ define }: HandModule, name: string, bRow: number, length: number, columns: number): Callee => define(name, ['i32', 'i32', 'i32'], (fn, from, to, n) => {
  const j = fn.local('i32'), k = fn.local('i32'), source = fn.local('i32');
  return range(j, i32.const(0), times(get(n), 4), 4 * columns,
    set(source, sum(get(from), get(j))),
    range(k, i32.const(0), i32.const(length), 1,
      Array.from({ length: columns / 4 }, (_, q) => v128.store(get(to), v128.load(get(source), 16 * q), 16 * q)),
      set(to, plus(get(to), 4 * columns)), set(source, plus(get(source), 4 * bRow))));
});
/** the same of B stored by columns: four rows of four at a time turn in registers */
export const packTransposed = ({ define }: HandModule, name: string, bRow: number, length: number, columns: number): Callee => define(name, ['i32', 'i32', 'i32'], (fn, from, to, n) => {
  const j = fn.local('i32'), k = fn.local('i32'), source = fn.local('i32'), row = Array.from({ length: 4 }, () => fn.local('v128')), half = Array.from({ length: 4 }, () => fn.local('v128'));
  const turned = (q: number): Code => {
    const [r0, r1, r2, r3] = row.map(get), [h0, h1, h2, h3] = half.map(get);
    const columnsOf = [v128.shuffle(h0, h2, [0, 1, 4, 5]), v128.shuffle(h0, h2, [2, 3, 6, 7]), v128.shuffle(h1, h3, [0, 1, 4, 5]), v128.shuffle(h1, h3, [2, 3, 6, 7])];
    return [
      row.map((r, i) => set(r, v128.load(get(source), (4 * q + i) * bRow * 4))),
      set(half[0], v128.shuffle(r0, r1, [0, 4, 1, 5])), set(half[1], v128.shuffle(r0, r1, [2, 6, 3, 7])),
      set(half[2], v128.shuffle(r2, r3, [0, 4, 1, 5])), set(half[3], v128.shuffle(r2, r3, [2, 6, 3, 7])),
      columnsOf.map((v, i) => v128.store(get(to), v, (i * columns + 4 * q) * 4)),
    ];
  };
  const begin: Code = set(source, sum(get(from), times(get(j), 4 * bRow), times(get(k), 4))), fours = length - (length % 4);
  return range(j, i32.const(0), get(n), columns,
    range(k, i32.const(0), i32.const(fours), 4, begin, Array.from({ length: columns / 4 }, (_, q) => turned(q)), set(to, plus(get(to), 16 * columns))),
    range(k, i32.const(fours), i32.const(length), 1, begin,
      Array.from({ length: columns }, (_, q) => f32.store(get(to), f32.load(get(source), 4 * q * bRow), 4 * q)), set(to, plus(get(to), 4 * columns))));
});
