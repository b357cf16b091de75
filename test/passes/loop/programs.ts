import fc from 'fast-check';
import { typedArray, type TypedArray } from '../../../src/core/dtype.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import type { BufferId, Program } from '../../../src/ir/loop/syntax.ts';
import { numbers } from '../../ir/loop/golden.ts';

/** A naive program, and the sizes of its bounded dimensions. */
export interface Case { readonly text: string; readonly sizes: Readonly<Record<string, number>> }

export const programOf = ({ text }: Case): Program => parsed(parseProgram(text));

/** Inputs for every buffer that wants some: small integers for i32, halves of them for floats, so that sums are exact. */
export const inputsOf = (program: Program, seed = 1): ReadonlyMap<BufferId, TypedArray> =>
  new Map(program.inputs.map((name, i) => {
    const buffer = program.buffers.get(name);
    const { dtype, layout } = buffer ?? { dtype: 'f32', layout: { size: 0 } };
    const raw = numbers(seed * 100 + i, layout.size).map((x) => Math.round(x * 16) / (dtype === 'f32' || dtype === 'f64' ? 2 : 1));
    return [name, typedArray(dtype, dtype === 'bool' ? raw.map((x) => (x > 0 ? 1 : 0)) : dtype === 'u32' ? raw.map(Math.abs) : raw)] as const;
  }));

/** What the interpreter says of a program. */
export const meaning = (program: Program, { sizes }: Case, precision: 'f64' | 'native' = 'native'): Readonly<Record<BufferId, readonly number[]>> =>
  Object.fromEntries([...interpretProgram(program, inputsOf(program), { precision, sizes })].map(([name, values]) => [name, Array.from(values)]));

// ---- Contractions

const extent = fc.integer({ min: 0, max: 9 });
interface Axis { readonly name: string; readonly extent: number; readonly shown: string }
const rowMajor = (axes: readonly Axis[]): string => {
  const terms = axes.map((axis, i) => `${axes.slice(i + 1).reduce((n, a) => n * a.extent, 1)}*${axis.name}`);
  return terms.length === 0 ? '0' : terms.join(' + ');
};
const count = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * a.extent, 1);
const listed = (axes: readonly Axis[]): string => axes.map((a) => `${a.name} < ${a.shown}`).join(', ');
const axesNamed = (prefix: string, max: number, of: fc.Arbitrary<number>): fc.Arbitrary<readonly Axis[]> =>
  fc.array(of, { maxLength: max }).map((sizes) => sizes.map((n, i) => ({ name: `${prefix}${i}`, extent: n, shown: String(n) })));

/** Contractions in every form: axes in lists, operands transposed, a bounded dimension, a start, a tail, inside a batch. */
const contractionsOf = (of: fc.Arbitrary<number>, axes: number): fc.Arbitrary<Case> => fc.record({
  m: axesNamed('i', axes, of), n: axesNamed('j', axes, of), k: axesNamed('p', axes, of), transposeA: fc.boolean(), transposeB: fc.boolean(),
  dtype: fc.constantFrom('f32', 'f64', 'i32'), init: fc.boolean(), tail: fc.boolean(), padded: fc.boolean(), batch: fc.option(fc.integer({ min: 0, max: 3 })),
  bound: fc.option(fc.record({ of: fc.constantFrom<'m' | 'n' | 'k'>('m', 'n', 'k'), size: of })),
}).map((r) => {
  // the bounded axis is the first of its list: its real size changes no stride
  const bounded = r.bound !== null && r[r.bound.of].length > 0 ? r.bound : null;
  const axesOf = (part: 'm' | 'n' | 'k'): readonly Axis[] =>
    (bounded?.of === part ? r[part].map((a, i) => (i === 0 ? { ...a, shown: 'batch' } : a)) : r[part]);
  const [m, n, k] = [axesOf('m'), axesOf('n'), axesOf('k')], max = bounded === null ? 0 : r[bounded.of][0].extent;
  const batches: readonly Axis[] = r.batch === null ? [] : [{ name: 't', extent: r.batch, shown: String(r.batch) }];
  const left = [...batches, ...(r.transposeA ? [...k, ...m] : [...m, ...k])], right = [...batches, ...(r.transposeB ? [...n, ...k] : [...k, ...n])];
  const operands = [['a', left], ['b', right], ['w', n]] as const;
  const result = [...batches, ...m, ...n], zero = { i32: '0', f32: '0.0', f64: '0.0:f64' }[r.dtype] ?? '0';
  const guarded = r.padded && m.length > 0 ? ` if ${m[0].name} - 1 >= 0 else ${zero}` : '';
  const value = r.tail ? `max(c + w[${rowMajor(n)}], ${zero})` : 'c';
  const contract = [
    `contract m(${listed(m)}) n(${listed(n)}) k(${listed(k)}) c = (a[${rowMajor(left)}]${guarded}) * b[${rowMajor(right)}]${r.init ? ` init w[${rowMajor(n)}]` : ''} {`,
    ...(r.tail ? [`  let plus = ${value}`, `  store y[${rowMajor(result)}] = plus * plus`] : [`  store y[${rowMajor(result)}] = c`]), '}',
  ];
  const text = [
    bounded === null ? 'program generated' : `program generated (batch <= ${max})`,
    ...operands.map(([name, axes]) => `buffer ${name}: ${r.dtype}[${count(axes)}] input`), `buffer y: ${r.dtype}[${count(result)}] output`,
    `kernel sums(${operands.map(([name, axes]) => `${name}: read ${r.dtype}[${count(axes)}]`).join(', ')}, y: write ${r.dtype}[${count(result)}]) {`,
    ...(r.batch === null ? contract : [`for t < ${r.batch} {`, ...contract, '}']), '}',
    'steps {', '  run sums(a, b, w, y)', '}',
  ].join('\n');
  return { text, sizes: bounded === null ? {} : { batch: Math.min(bounded.size, max) } };
});

export const contractions = contractionsOf(extent, 2);
/** with sizes around those of tiles and vectors */
export const widerContractions = contractionsOf(fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 20), 1);

// ---- Loops over elements

const plus = (n: number): string => (n < 0 ? ` - ${-n}` : ` + ${n}`);
const monoid = fc.constantFrom('add', 'mul', 'max', 'min');
/** Elementwise nests, borders behind guards, folds into cells and columns, values that loops leave alone. */
const loopsOf = (dtype: 'f32' | 'f64'): fc.Arbitrary<Case> => fc.record({
  rows: fc.integer({ min: 0, max: 6 }), cols: fc.integer({ min: 0, max: 6 }), before: fc.integer({ min: 0, max: 3 }), after: fc.integer({ min: 0, max: 3 }),
  only: fc.integer({ min: -1, max: 7 }), monoid, bound: fc.option(fc.integer({ min: 0, max: 6 })), reversed: fc.boolean(), split: fc.integer({ min: 1, max: 4 }),
}).map(({ rows, cols, before, after, only, monoid: fold, bound, reversed, split }) => {
  const wide = cols + before + after, height = bound === null ? String(rows) : 'batch', batch = bound === null ? rows : Math.min(bound, rows);
  const number = (text: string): string => (dtype === 'f32' ? text : `${text}:f64`), identity = number({ add: '0.0', mul: '1.0', max: '-inf', min: 'inf' }[fold] ?? '0.0');
  // where a column lies in the unpadded row
  const at = reversed ? `0 - q${plus(wide - 1 - before)}` : `q${plus(-before)}`, back = reversed ? `q${plus(cols - wide + before)}` : `0 - q${plus(cols + before - 1)}`;
  const text = [
    bound === null ? 'program generated' : `program generated (batch <= ${rows})`,
    `buffer x: ${dtype}[${rows * cols}] input`, `buffer s: ${dtype}[1] input`, `buffer pad: ${dtype}[${rows * wide}] temporary`, `buffer each: ${dtype}[${rows * wide}] output`,
    `buffer row: ${dtype}[${rows}] output`, `buffer col: ${dtype}[${wide}] output`, `buffer all: ${dtype}[1] output`, `buffer best: i32[1] output`,
    `kernel border(x: read ${dtype}[${rows * cols}], s: read ${dtype}[1], pad: write ${dtype}[${rows * wide}]) {`,
    `  for i < ${height} {`, `    for q < ${wide} {`,
    `      let v = x[${cols}*i + ${at}] if ${at} >= 0 && ${back} >= 0 else ${number('-1.0')}`,
    `      let scaled = v * exp(s[0] * ${number('0.125')})`,
    `      store pad[${wide}*i + q] = select(guard(q${plus(-only)} == 0), scaled, v)`,
    '    }', '  }', '}',
    `kernel same(pad: read ${dtype}[${rows * wide}], each: write ${dtype}[${rows * wide}]) {`,
    `  for i < ${height} {`, `    for q < ${wide} {`,
    `      let digit = index(floorDiv(${wide}*i + q, ${split}) - mod(${wide}*i + q, ${split})):${dtype}`,
    `      store each[${wide}*i + q] = pad[${wide}*i + q] * ${number('0.5')} + digit`, '    }', '  }', '}',
    `kernel sums(pad: read ${dtype}[${rows * wide}], row: update ${dtype}[${rows}], col: update ${dtype}[${wide}], all: write ${dtype}[1], best: write i32[1]) {`,
    `  alloc scratch acc: ${dtype}[${wide}]`, `  alloc register top: ${dtype}[1]`, '  alloc register at: i32[1]', `  store top[0] = ${number('-inf')}`, '  store at[0] = -1',
    `  for q < ${wide} {`, `    store acc[q] = ${identity}`, '  }',
    `  for i < ${height} {`, `    store row[i] = ${identity}`, `    for q < ${wide} {`, `      fold ${fold} into row[i] with pad[${wide}*i + q]`,
    `      fold ${fold} into acc[q] with pad[${wide}*i + q]`, `      fold argMax into top[0], at[0] with pad[${wide}*i + q], index(${wide}*i + q)`, '    }', '  }',
    `  for q < ${wide} {`, '    store col[q] = acc[q]', '  }', '  store all[0] = top[0]', '  store best[0] = at[0]', '}',
    'steps {', '  run border(x, s, pad)', '  run same(pad, each)', '  run sums(pad, row, col, all, best)', '}',
  ].join('\n');
  return { text, sizes: bound === null ? {} : { batch } };
});
export const loops = loopsOf('f32'), loopsOfDoubles = loopsOf('f64');
