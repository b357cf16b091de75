import { describe, expect, it } from 'vitest';
import { jsTarget } from '../../../src/backends/js/js.ts';
import { nameOf } from '../../../src/passes/plan/print.ts';
import { differencesOf, planOf } from './golden.ts';

/** the operations of a graph, each on a line of its own number */
const graphOf = (params: string, lines: readonly string[], results: readonly number[]): string =>
  `(${params}) {\n${lines.map((line, i) => `  %${i}: ${line}`).join('\n')}\n  return ${results.map((i) => `%${i}`).join(', ')}\n}`;

/** values to read from, of so many rows of the given shape: how each is computed, the last line the value */
interface Producer { readonly params: string; readonly lines: readonly string[] }
const producers: { readonly [name: string]: (rows: number, row: readonly number[]) => Producer } = {
  'a function': (n, row) => ({ params: `x: f32[${[n, ...row].join()}]`, lines: [`f32[${[n, ...row].join()}] = sin(x)`] }),
  'a sum': (n, row) => ({ params: `x: f32[${[n, ...row, 3].join()}]`, lines: [`f32[${[n, ...row].join()}] = reduce add(x) axes [${row.length + 1}]`] }),
  'a sum over rows': (n, row) => ({ params: `x: f32[${[3, n, ...row].join()}]`, lines: [`f32[${[n, ...row].join()}] = reduce add(x) axes [0]`] }),
  'a contraction': (n, row) => ({ params: `x: f32[${n}, 2], y: f32[${[2, ...row].join()}]`, lines: [`f32[${[n, ...row].join()}] = dotGeneral(x, y) contract [1] [0]`] }),
  'an epilogue': (n, row) => ({ params: `x: f32[${n}, 2], y: f32[${[2, ...row].join()}]`, lines: [`f32[${[n, ...row].join()}] = dotGeneral(x, y) contract [1] [0]`, `f32[${[n, ...row].join()}] = mul(%0, 0.0625)`] }),
  'other rows': (n, row) => ({ params: `x: f32[${[4, ...row].join()}], k: i32[${n}]`, lines: [`f32[${[n, ...row].join()}] = gather(x, k)`] }),
  'added rows': (n, row) => ({ params: `x: f32[${[n, ...row].join()}], k: i32[2], u: f32[${[2, ...row].join()}]`, lines: [`f32[${[n, ...row].join()}] = scatter add(x, k, u)`] }),
};
const shapes: readonly (readonly [rows: number, row: readonly number[]])[] = [[1, []], [1, [1]], [1, [3]], [3, []], [3, [1]], [3, [2]]];

/** picks rows of the value by indices that come from it or from elsewhere; the value is a result or has another user, or neither */
const picking = (name: string, [n, row]: (typeof shapes)[number], own: boolean, at: '' | '2', beside: 'nothing' | 'itself' | 'another'): string => {
  const { params, lines } = producers[name](n, row), of = lines.length - 1, shape = [n, ...row].join();
  const flat = [...row.keys()].map((i) => i + 1), found = own ? [
    ...lines, row.length === 0 ? `f32[${n}] = neg(%${of})` : `f32[${n}] = reduce max(%${of}) axes [${flat.join()}]`, `f32[] = reduce max(%${of + 1}) axes [0]`, `i32[] = convert(%${of + 2})`,
  ] : lines;
  const index = own ? `%${of + 3}` : 'j', picked = [at, ...row].filter((d) => d !== '').join();
  const spread = at === '' ? [] : [`i32[2] = broadcastInDim(${index}) dims []`], from = found.length + spread.length;
  const all = [...found, ...spread, `f32[${picked}] = gather(%${of}, ${at === '' ? index : `%${from - 1}`})`, `f32[${picked}] = exp(%${from})`, ...(beside === 'another' ? [`f32[${shape}] = abs(%${of})`] : [])];
  return graphOf(`${params}, j: i32[]`, all, [from + 1, ...(beside === 'nothing' ? [] : [beside === 'itself' ? of : from + 2])]);
};

describe.each(Object.keys(producers))('rows of %s', (name) => {
  it.each(shapes)('%j, each of shape %j', (n, row) => {
    for (const own of [true, false]) for (const at of ['', '2'] as const) for (const beside of ['nothing', 'itself', 'another'] as const) {
      const graph = picking(name, [n, row], own, at, beside);
      expect(differencesOf({ graph }), graph).toEqual([]);
    }
  });
});

describe('one number of one row, stored and read again', () => {
  it.each([
    ['through a reshape', ['f32[] = reshape(%1)', 'i32[] = convert(%2)', 'f32[] = gather(%1, %3)'], [1, 4]],
    ['as an index of one element', ['i32[1] = convert(%1)', 'f32[1] = gather(%1, %2)', 'f32[1] = abs(%1)'], [3, 4]],
    ['and beside it', ['i32[1] = convert(%1)', 'i32[] = reshape(%2)', 'f32[] = gather(%1, %3)', 'f32[1] = abs(%1)'], [4, 5]],
    ['without an index', ['f32[] = reshape(%1)', 'f32[] = sin(%2)'], [1, 3]],
    ['through two stored values', ['f32[1] = sin(%1)', 'f32[] = reshape(%2)', 'f32[] = exp(%3)', 'f32[] = sqrt(%4)'], [1, 2, 4, 5]],
  ] as const)('%s', (_, lines, results) => {
    for (const first of ['f32[1] = reduce add(x) axes [0]', 'f32[1] = dotGeneral(y, x) contract [0] [0]']) {
      const graph = graphOf('x: f32[2, 1], y: f32[2]', [first, 'f32[1] = mul(%0, 0.0625)', ...lines], results);
      expect(differencesOf({ graph }), graph).toEqual([]);
    }
  });
});

describe('a number beside a contraction', () => {
  const kernels = (lines: readonly string[], results: readonly number[]): readonly string[] =>
    planOf(graphOf('x: f32[2], y: f32[2, 1], a: f32[]', ['f32[1] = dotGeneral(x, y) contract [0] [0]', ...lines], results), jsTarget).groups.map((g) => g.roots.map(nameOf).join(' + '));
  it('has a kernel of its own where it needs it through another value', () => {
    expect(kernels(['f32[1] = exp(%0)', 'f32[] = reshape(%1)', 'f32[] = sin(%2)'], [1, 3])).toEqual(['exp', 'sin']);
  });
  it('is computed before its loops where its epilogue needs the number', () => {
    expect(kernels(['f32[] = exp(a)', 'f32[1] = broadcastInDim(%1) dims []', 'f32[1] = mul(%0, %2)'], [1, 3])).toEqual(['exp + mul']);
  });
});
