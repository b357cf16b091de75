import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { showGuard, showIndex } from '../../../src/core/affine.ts';
import type { Result } from '../../../src/core/diagnostic.ts';
import { parsed, parseExpr, parseGuard, parseIndex, parseKernel, parseProgram, parseStmts } from '../../../src/ir/loop/parse.ts';
import { printBlock, printExpr, printKernel, printProgram } from '../../../src/ir/loop/print.ts';
import { emptyScope } from '../../../src/ir/loop/scope.ts';
import { arbitrary, customs, swish } from './arbitraries.ts';
import { runs } from '../../laws/runs.ts';

const options = { customs };

const roundTrip = <A>(what: string, values: fc.Arbitrary<A>, print: (a: A) => string, parse: (text: string) => Result<A>, numRuns: number): void =>
  it(`of ${what}`, () => fc.assert(fc.property(values, (a) => {
    expect(parsed(parse(print(a)))).toEqual(a);
  }), runs(numRuns, 69)));

describe('parse ∘ print = id', () => {
  roundTrip('indices', arbitrary.index, showIndex, parseIndex, 200);
  roundTrip('guards', arbitrary.guard, showGuard, parseGuard, 200);
  roundTrip('expressions', arbitrary.expr, printExpr, (text) => parseExpr(text, options), 500);
  roundTrip('statements', fc.array(arbitrary.stmt, { maxLength: 4 }), printBlock, (text) => parseStmts(text, options), 300);
  roundTrip('kernels', arbitrary.kernel, printKernel, (text) => parseKernel(text, options), 300);
  roundTrip('programs', arbitrary.program, printProgram, (text) => parseProgram(text, options), 200);
});

const dense = `program train (batch <= 128)
buffer x: f32[batch*784] input
buffer w: f32[784, 128] state
buffer b: f32[128] constant = [1, -2.5]
buffer h: f32[batch*128] output = w
buffer one: f32[] constant = 1

kernel dense(x: read f32[batch*784], w: read f32[784*128], b: read f32[128], out: write f32[batch*128]) {
  contract m(i < batch) n(j < 128) k(p < 784) acc = x[784*i + p] * w[128*p + j] init b[j] {
    let v = max(acc + b[j], 0.0)        // infix or calls
    store out[128*i + j] = v
  }
}
steps { run dense(x, w, b, h); barrier; loop t < 10 while flag { barrier } branch on b { case { barrier } case { } } }
`;

describe('reading what a hand wrote', () => {
  const program = parsed(parseProgram(dense));
  it('takes sizes at the symbols\' largest values', () => {
    expect(program.buffers.get('x')?.layout).toEqual({ order: [0], strides: [1], offset: 0, size: 100352 });
    expect(program.buffers.get('w')?.layout).toEqual({ order: [0, 1], strides: [128, 1], offset: 0, size: 784 * 128 });
    expect(program.buffers.get('one')?.layout).toEqual({ order: [], strides: [], offset: 0, size: 1 });
    expect(program.kernels.get('dense')?.params[3]).toEqual({ name: 'out', dtype: 'f32', size: 16384, access: 'write' });
  });
  it('tells axes from symbols and infers dtypes', () => {
    const [stmt] = program.kernels.get('dense')?.body ?? [];
    expect(stmt).toMatchObject({ kind: 'contract', m: [{ axis: 'i', extent: { terms: [{ by: 1, of: { kind: 'size', sym: 'batch' } }] } }], c: 'acc' });
    expect(stmt).toMatchObject({ then: [{ local: 'v', value: { fn: 'max', dtype: 'f32', args: [{ fn: 'add', dtype: 'f32' }, { kind: 'const', value: 0 }] } }, { kind: 'store' }] });
  });
  it('knows the usual inputs and outputs', () => {
    expect([program.inputs, program.outputs]).toEqual([['x', 'w'], ['h']]);
    expect(program.buffers.get('h')?.sameAs).toBe('w');
  });
  it('prints it in one way', () => {
    expect(printProgram(program)).toBe(`program train (batch <= 128)
buffer x: f32[100352] input
buffer w: f32[784, 128] state
buffer b: f32[128] constant = [1, -2.5]
buffer h: f32[16384] output = w
buffer one: f32[] constant = 1

kernel dense(x: read f32[100352], w: read f32[100352], b: read f32[128], out: write f32[16384]) {
  contract m(i < %batch) n(j < 128) k(p < 784) acc = x[784*i + p] * w[j + 128*p] init b[j] {
    let v = max(acc + b[j], 0.0)
    store out[128*i + j] = v
  }
}

steps {
  run dense(x, w, b, h)
  barrier
  loop t < 10 while flag {
    barrier
  }
  branch on b {
    case {
      barrier
    }
    case {
    }
  }
}
`);
    expect(parsed(parseProgram(printProgram(program)))).toEqual(program);
  });
  it('reads every statement', () => {
    const text = `alloc register acc: f32[4, 8]
alloc scratch s: i32[128]
for i < 10 grid(4) {
  for j < 8 vector {
    store acc[0, j] = x[i - 1] if i - 1 >= 0 && -i + 3 == 0 else 0.0 if j >= 0
  }
  for u < 4 unroll(fence 2) {
    fold argMax into acc[0, 0], s[0] with x[i], index(i):i32
  }
}
let ids = convert:i32(x[0])
let y = select(guard(true), exp(x[data(ids, 0..9)]), @swish(1.0 - 2.0*3.0)) - (1.0 - 2.0)
if lt(y, 0.5) {
  store s[floorDiv(ids, 4)] = 3 + -4
} else {
  block outline name {
  }
}
if true {
}`;
    const buffers = new Map([['x', 'f32' as const]]);
    const block = parsed(parseStmts(text.replaceAll('2.0*3.0', '2.0 * 3.0'), { customs, buffers }));
    expect(block.map((s) => s.kind)).toEqual(['alloc', 'alloc', 'for', 'let', 'let', 'if', 'if']);
    expect(printBlock(block, emptyScope(buffers))).toBe(text.replaceAll('2.0*3.0', '2.0 * 3.0'));
    expect(block[4]).toMatchObject({ value: { fn: 'sub', args: [{ args: [{}, {}, { fn: swish, dtype: 'f32' }] }, { fn: 'sub' }] } });
  });
  it('reads comparisons, products and parentheses in indices', () => {
    expect(showGuard(parsed(parseGuard('i < 3 && 2*(j - 1) > i && j <= 4')))).toBe('-i + 2 >= 0 && -i + 2*j - 3 >= 0 && -j + 4 >= 0');
    expect(showIndex(parsed(parseIndex('-(i - 2)*14 + 3*batch', { syms: new Map([['batch', 8]]) })))).toBe('3*%batch - 14*i + 28');
  });
});

const error = <A>(result: Result<A>): string => {
  if (result._tag === 'Right') return 'no error';
  const [{ code, message, place }] = result.left;
  return `${code} ${place?.file}:${place?.line}:${place?.column} ${message}`;
};
const inKernel = (line: string): string => error(parseKernel(`kernel k(x: read f32[4], s: update i32[4]) {\n  ${line}\n}`, { file: 'k.loop' }));

describe('errors name the place', () => {
  it.each([
    ['let = 3', 'FX3001 k.loop:2:7 expected a local, found "="'],
    ['let v 3', 'FX3001 k.loop:2:9 expected "=", found "3"'],
    ['lett v = 3', 'FX3001 k.loop:2:3 expected a statement (for, let, alloc, store, fold, if, block, contract), found "lett"'],
    ['store x[i*j] = 0.0', 'FX3002 k.loop:2:12 an index is multiplied only by integers'],
    ['store x[floorDiv(i, 0)] = 0.0', 'FX3002 k.loop:2:23 an index is divided only by positive integers, not by 0'],
    ['let v = y[3]', 'FX3003 k.loop:2:11 no buffer y is in scope'],
    ['let v = foo(3)', 'FX3003 k.loop:2:11 there is no function foo'],
    ['let v = @foo(3)', 'FX3003 k.loop:2:12 no custom function foo was given to the parser'],
    ['let v = exp(3.0, 4.0)', 'FX3004 k.loop:2:11 exp takes 1 operands, not 2'],
    ['let v = exp(u)', 'FX3004 k.loop:2:11 the dtype of exp cannot be told from its operands: write exp:f32(…)'],
    ['let v = convert(3.0)', 'FX3004 k.loop:2:11 the dtype of convert cannot be told from its operands: write convert:f32(…)'],
    ['let v = 1:f16', 'FX3001 k.loop:2:13 expected a dtype of a register (f32, f64, i32, u32, bool), found "f16"'],
    ['alloc register r: f32[1.5]', 'FX3001 k.loop:2:25 expected an integer, found 1.5'],
    ['fold sum into s[0] with 1', 'FX3001 k.loop:2:8 expected a monoid (add, mul, max, min, and, or, argMax, argMin, maxExpSum, welford), found "sum"'],
    ['contract m() n() k() c = x[0] {', 'FX3001 k.loop:2:33 expected a product of two factors, found "{"'],
    ['for i < 4 { let v = ', 'FX3001 k.loop:3:1 expected an expression, found "}"'],
    ['} }', 'FX3001 k.loop:2:5 expected the end of the text, found "}"'],
    ['let v = ?', 'FX3001 k.loop:2:11 expected an expression, found "?"'],
  ])('%s', (line, expected) => expect(inKernel(line)).toBe(expected));
  it.each([
    ['program p steps { run k(', 'FX3001 <loop>:1:25 expected a buffer, found the end of the text'],
    ['program p buffer x: f32[2] input buffer x: f32[2] input steps {}', 'FX3005 <loop>:1:41 buffer x is declared twice'],
    ['program p buffer x: f32[n] input steps {}', 'FX3003 <loop>:1:25 a size is made of integers and the program\'s symbols'],
    ['program p kernel k() {} kernel k() {} steps {}', 'FX3005 <loop>:1:25 kernel k is declared twice'],
    ['program p banana', 'FX3001 <loop>:1:11 expected a declaration (buffer, kernel, inputs, outputs, arena) or steps, found "banana"'],
    ['program p steps { } steps', 'FX3001 <loop>:1:21 expected the end of the text, found "steps"'],
  ])('%s', (text, expected) => expect(error(parseProgram(text))).toBe(expected));
  it('every cut of a text ends with a diagnostic', () => {
    for (let n = 0; n < dense.length - 2; n++) expect(error(parseProgram(dense.slice(0, n)))).toMatch(/^FX3/);
  });
});
