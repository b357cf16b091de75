import { describe, expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import type { Stage } from '../../../src/ir/loop/syntax.ts';
import { unprovenIndices, verifyProgram } from '../../../src/ir/loop/verify.ts';

const program = (body: string, options: { params?: string; lines?: string; steps?: string } = {}): string => `program p (batch <= 8)
buffer x: f32[16] input
buffer n: i32[16] input
buffer flag: bool[1] temporary
buffer out: f32[16] output
${options.lines ?? ''}
kernel k(${options.params ?? 'x: read f32[16], n: read i32[16], out: write f32[16]'}) { ${body} }
steps { ${options.steps ?? 'run k(x, n, out)'} }`;
const said = (text: string, stage: Stage = 'naive'): readonly string[] =>
  verifyProgram(parsed(parseProgram(text)), stage).map((d) => `${d.code} ${d.message.replace(/^kernel k(?:, at ".*?")?: /, '')}`);
const body = (text: string, stage: Stage = 'naive'): readonly string[] => said(program(text), stage);
const unproven = (text: string): number => unprovenIndices(parsed(parseProgram(program(text)))).length;

describe('scopes', () => {
  it.each([
    ['store out[i] = 0.0', ['FX3101 axis i is not in scope']],
    ['for i < 16 { store out[i] = v }', ['FX3101 local v is not in scope']],
    ['for i < 16 { let v = x[i] } store out[0] = v', ['FX3101 local v is not in scope']],
    ['block { alloc register r: f32[1] } store out[0] = r[0] if true else 0.0', ['FX3101 buffer r is not in scope']],
    ['for i < 4 { for i < 4 { store out[i] = 0.0 } }', ['FX3101 axis i is already in scope']],
    ['let v = 1.0 let v = 2.0', ['FX3101 local v is already in scope']],
    ['alloc register x: f32[1]', ['FX3101 buffer x is already in scope']],
    ['for i < %seq { store out[0] = 0.0 }', ['FX3101 symbol seq is not declared']],
    ['contract m(i < 4) n(j < 4) k(p < 4) c = x[p] * x[j] { store out[p] = c }', ['FX3101 axis p is not in scope']],
    ['for i < 4 { store out[i] = 0.0 } for i < 4 { store out[i] = 0.0 }', []],
  ])('%s', (text, expected) => expect(body(text)).toEqual(expected));
});

describe('dtypes', () => {
  it.each([
    ['store out[0] = n[0]', ['FX3102 the value stored is i32, not f32']],
    ['store out[0] = x[0] + convert:f64(x[1])', ['FX3102 operand 2 of add is f64, not f32']],
    ['store out[0] = add:f64(x[0], x[0])', ['FX3102 what add gives is f32, not f64', 'FX3102 the value stored is f64, not f32']],
    ['store out[0] = convert:bf16(x[0])', []],
    ['let v = exp:f16(x[0])', ['FX3102 what exp gives is f32, not f16', 'FX3102 exp gives no f16: halves are computed with as f32']],
    ['let v = exp(n[0])', ['FX3102 exp does not take i32']],
    ['let v = and(n[0], 3)', []],
    ['let v = select(n[0], x[0], x[1])', ['FX3102 what select decides by is i32, not bool']],
    ['if x[0] { }', ['FX3102 the test is f32, not bool']],
    ['let v = x[0] if true else 1', ['FX3102 the value outside the guard is i32, not f32']],
    ['let v = 1.5:i32', ['FX3102 1.5 is no i32']],
    ['let v = 2:bool', ['FX3102 2 is no bool']],
    ['let v = x[0] store out[data(v, 0..15)] = 0.0', ['FX3102 local v is f32 and so no index']],
    ['alloc register r: f32[2] fold argMax into r[0], r[1] with x[0], 0', ['FX3102 number 2 of argMax is i32, not f32']],
    ['alloc register r: f32[2] fold argMax into r[0] with x[0], 0', ['FX3106 argMax keeps 2 numbers, not 1']],
    ['alloc register r: f32[2] fold maxExpSum into r[0], r[1] with x[0]', []],
    ['alloc register r: f32[3] fold welford into r[0], r[1], r[2] with x[0], x[1]', ['FX3106 welford takes 1 values, not 2']],
    ['alloc register r: i32[2] fold maxExpSum into r[0], r[1] with n[0]', ['FX3102 maxExpSum does not take i32']],
    ['contract m() n() k(p < 4) c = x[p] * n[p] { }', ['FX3102 the second factor is i32, not f32']],
  ])('%s', (text, expected) => expect(body(text)).toEqual(expected));
});

describe('bounds', () => {
  it.each([
    ['for i < 17 { store out[i] = 0.0 }', ['FX3103 out[i] is within 0 … 16, and out within 0 … 15']],
    ['for i < 4 { for j < 4 { store out[4*i + j + 1] = 0.0 } }', ['FX3103 out[4*i + j + 1] is within 1 … 16, and out within 0 … 15']],
    ['for i < batch { store out[2*i + 1] = x[i - 1] }', ['FX3103 x[i - 1] is within -1 … 6, and x within 0 … 15']],
    ['for i < batch { store out[2*i + 1] = x[i - 1] if i >= 1 else 0.0 }', []],
    ['let a = n[0] store out[data(a, 0..16)] = 0.0', ['FX3103 out[data(a, 0..16)] is within 0 … 16, and out within 0 … 15']],
    ['for i < 4 { if lt(x[i], 0.0) { store out[i + 16] = 0.0 } }', ['FX3103 out[i + 16] is within 16 … 19, and out within 0 … 15']],
    ['for i < 4 { store out[0] = x[-1] if i - 9 >= 0 else 0.0 }', []],
    ['for i < 0 { store out[20] = 0.0 }', []],
    ['for i < 64 { store out[floorDiv(i, 4)] = x[mod(i, 16)] }', []],
    ['for i < 68 { store out[floorDiv(i, 4)] = 0.0 }', ['FX3103 out[floorDiv(i, 4)] is within 0 … 16, and out within 0 … 15']],
    ['alloc register r: f32[2, 3] for i < 3 { store r[i, i] = 0.0 }', ['FX3103 r[i] is within 0 … 2, and r within 0 … 1']],
    ['alloc register r: f32[2, 3] store r[0] = 0.0', ['FX3106 r has 2 dimensions, not 1']],
  ])('%s', (text, expected) => expect(body(text)).toEqual(expected));
  it('counts what it neither proves nor refutes', () => {
    expect(unproven('for i < 16 { for j < 16 - i { store out[i + j] = 0.0 } }')).toBe(0);
    expect(unproven('for i < 16 { for j < 17 - i { store out[i + j] = 0.0 } }')).toBe(1);
    expect(unproven('for i < mod(batch, 4) { store out[8*floorDiv(batch, 4) + 2*i + 1] = 0.0 }')).toBe(0);
    expect(unproven('for i < mod(batch, 4) { store out[8*floorDiv(batch, 4) + 2*i + 2] = 0.0 }')).toBe(1);
    expect(unproven('for i < 16 { for j < i + 1 { store out[j] = 0.0 } }')).toBe(0);
    expect(unproven('for i < 32 { store out[i - 8] = 0.0 if i >= 8 && i < 24 }')).toBe(0);
    expect(unproven('for i < 32 { if lt(x[0], 0.0) { store out[i] = 0.0 } }')).toBe(1);
    expect(unproven('for i < 32 { if guard(i < 16) { store out[i] = 0.0 } }')).toBe(0);
  });
});

describe('access', () => {
  it.each([
    ['store x[0] = 0.0', ['FX3104 x is for read only']],
    ['let v = out[0]', ['FX3104 out is for write only']],
    ['fold add into out[0] with x[0]', ['FX3104 out is for write only']],
  ])('%s', (text, expected) => expect(body(text)).toEqual(expected));
});

describe('steps and buffers', () => {
  const steps = (text: string, lines = ''): readonly string[] => said(program('', { steps: text, lines }));
  it.each([
    ['run m()', '', 'FX3101 kernel m is not declared'],
    ['run k(x, n)', '', 'FX3106 kernel k takes 3 buffers, not 2'],
    ['run k(n, n, out)', '', 'FX3102 x of kernel k is given n, which is i32, not f32'],
    ['run k(x, n, small)', 'buffer small: f32[15] temporary', 'FX3103 out of kernel k is given small, which holds 15 elements, not 16'],
    ['run k(x, n, x)', '', 'FX3104 out of kernel k is given x and writes it, which is an input'],
    ['run k(x, n, y)', '', 'FX3101 out of kernel k is given y, which is not declared'],
    ['loop t < 4 while x { }', '', 'FX3102 while is decided by x, which is f32[16]'],
    ['branch on flag { }', '', 'FX3106 a branch without cases'],
    ['loop t < u { }', '', 'FX3101 the extent of a step\'s loop mentions u, which is not in scope'],
    ['', 'buffer c: f32[4] constant', 'FX3106 buffer c: constants have values, and nothing else has'],
    ['', 'buffer c: f32[4] constant = [1, 2]', 'FX3106 buffer c has 4 elements and 2 values'],
    ['', 'buffer y: f32[4] temporary = z', 'FX3101 buffer y shares memory with z, which is not declared'],
    ['', 'buffer y: f32[4] temporary = flag', 'FX3102 buffer y shares memory with flag, which is bool[1]'],
    ['', 'inputs x outputs out', 'FX3106 the input n is not among the inputs'],
    ['', 'arena 2 { flag @ 2 }', 'FX3103 flag lies outside the arena'],
    ['', 'arena 2 { }', 'FX3106 the arena has no place for flag'],
  ])('%s %s', (text, lines, expected) => expect(steps(text, lines)).toEqual([expected]));
  it('a kernel sees the axes of the steps around it, with their ranges', () => {
    const inLoop = (extent: number): readonly string[] => said(program('store out[t] = 0.0', { steps: `loop t < ${extent} { run k(x, n, out) }` }));
    expect(inLoop(16)).toEqual([]);
    expect(inLoop(17)).toEqual(['FX3103 out[t] is within 0 … 16, and out within 0 … 15']);
    expect(body('store out[t] = 0.0')).toEqual(['FX3101 axis t is not in scope']);
  });
});

describe('stages', () => {
  const kernel = (text: string, stage: Stage): readonly string[] => body(text, stage).map((m) => m.replace(/^FX3105 (kernel k )?\(\w+\): /, ''));
  const tile = `for i < 4 grid(2) { alloc register r: f32[4] for j < 4 unroll { store r[j] = x[4*i + j] } for j < 4 vector { store out[4*i + j] = r[j] } }`;
  it('naive has neither grid nor vector nor unrolled loops', () => {
    expect(kernel(tile, 'naive')).toEqual(['the grid loop over i', 'the unroll loop over j', 'the vector loop over j']);
    expect(kernel(tile, 'tiled')).toEqual([]);
  });
  it('grid loops stand outermost', () => {
    expect(kernel('for i < 4 { for j < 4 grid { store out[j] = 0.0 } }', 'scheduled')).toEqual(['the grid loop over j stands inside another loop, test or scope']);
    expect(kernel('for i < 4 grid { for j < 4 grid { store out[4*i + j] = 0.0 } }', 'scheduled')).toEqual([]);
  });
  it('tiled has no contraction and indexes registers by what is known', () => {
    expect(kernel('contract m(i < 4) n() k(p < 4) c = x[p] * x[i] { store out[i] = c }', 'tiled')).toEqual(['a contraction']);
    expect(kernel('alloc register r: f32[4] for j < 4 { store r[j] = 0.0 }', 'tiled')).toEqual(['register r[j] is indexed by what is known only at run time']);
    expect(kernel('for j < batch unroll { store out[j] = 0.0 }', 'tiled')).toEqual(['the unroll loop over j has no constant extent']);
  });
  it('flat is one store at one grid axis', () => {
    expect(kernel('for i < 16 grid { store out[i] = x[i] }', 'flat')).toEqual([]);
    expect(kernel('for i < 4 grid { for v < 4 vector { store out[4*i + v] = x[i] } }', 'flat')).toEqual([]);
    expect(kernel('for i < 8 grid { store out[2*i] = x[i] }', 'flat')).toEqual(['the store to out[2*i] is not at i, nor at 4*i and a vector axis of 4']);
    expect(kernel('for i < 4 grid { store out[i] = x[i] if i >= 1 }', 'flat')).toEqual(['the store to out is conditional']);
    expect(kernel('for i < 4 grid { store out[i] = x[i] store out[i + 1] = x[i] }', 'flat')).toEqual(['2 stores, not one']);
    expect(kernel('for i < 4 grid { alloc scratch s: f32[1] store s[0] = x[i] store out[i] = s[0] }', 'flat')).toEqual(['scratch s']);
    expect(kernel('for i < 4 { store out[i] = x[i] }', 'flat')).toEqual(['the body is not one grid loop']);
    const many = Array.from({ length: 8 }, (_, i) => `x${i}: read f32[16]`).join(', ');
    expect(said(program('for i < 16 grid { store out[i] = 0.0 }', { params: `${many}, out: write f32[16]`, steps: 'run k(x, x, x, x, x, x, x, x, out)' }), 'flat'))
      .toEqual(['FX3105 kernel k (flat): 9 buffers, of at most 7']);
  });
});
