import fc from 'fast-check';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { orThrow } from '../../../src/core/render.ts';
import { parseModule } from '../../../src/ir/graph/parse.ts';
import { printModule } from '../../../src/ir/graph/print.ts';
import { verify } from '../../../src/ir/graph/verify.ts';
import { tokens } from '../../../src/ir/lexer.ts';
import { scalars } from '../../../src/ir/scalars.ts';
import { modules, swish } from './modules.ts';

const told = (text: string): string => {
  const result = parseModule(text, { file: 'm.graph', scalars: [{ scalar: swish }] });
  if (isRight(result)) return 'no error';
  const [{ code, message, place }] = result.left;
  return `${code} ${place?.file}:${place?.line}:${place?.column} ${message}`;
};

describe('reading what a hand wrote', () => {
  it('infers the types that are left out', () => {
    const text = `
      // twice the row sums
      module main
      graph double(x: f32[n<=8]) { %0 = mul(2, x) return %0 }
      graph main(x: f32[n<=8, 3], y: i32[2]) {
        %10 = reduce add (x) axes [1]
        %7 = call double(%10)
        %3: f64[2] = convert(y)
        return %7, %3
      }`;
    expect(printModule(orThrow(parseModule(text)))).toBe(`module main

graph double(x: f32[n<=8]) {
  %0: f32[n<=8] = mul(2, x)
  return %0
}

graph main(x: f32[n<=8, 3], y: i32[2]) {
  %0: f32[n<=8] = reduce add(x) axes [1]
  %1: f32[n<=8] = call double(%0)
  %2: f64[2] = convert(y)
  return %1, %2
}
`);
  });
  it('tells operations from functions: no name is both', () => {
    const operations = ['constant', 'iota', 'broadcastInDim', 'reshape', 'transpose', 'slice', 'pad', 'reverse', 'concatenate', 'dotGeneral', 'reduce', 'gather', 'scatter', 'dynamicSlice', 'dynamicUpdateSlice', 'argsort', 'getDimensionSize', 'get', 'call', 'composite', 'transform'];
    expect(operations.filter((op) => op in scalars)).toEqual([]);
    for (const op of operations) expect(told(`module m graph m() { %0 = ${op} `), op).not.toContain('there is no operation');
  });
});

/** in a graph of x: f32[2, 3], ids: i32[2] and y, twice */
const inGraph = (line: string): string => told(`module main
graph f(x: f32[2, 3]) { return x, x }
graph main(x: f32[2, 3], ids: i32[2], y@0: f32[], y@1: f32[]) {
  ${line}
  return x
}`);

describe('errors name the place', () => {
  it.each([
    ['', 'FX2001 m.graph:1:1 expected "module", found the end of the text'],
    ['module', 'FX2001 m.graph:1:7 expected the name of the main graph, found the end of the text'],
    ['module m', 'FX2002 m.graph:1:8 the text holds no graph m'],
    ['module m graf', 'FX2001 m.graph:1:10 expected a graph, found "graf"'],
    ['module m graph m() { return } x', 'FX2001 m.graph:1:31 expected a graph, found "x"'],
    ['module m graph m() { return } graph m() { return }', 'FX2003 m.graph:1:37 graph m stands twice'],
    ['module m graph m(x: f32[], x: f32[]) { return }', 'FX2003 m.graph:1:28 parameter x is declared twice'],
    ['module m graph m(x: f8[]) { return }', 'FX2001 m.graph:1:21 expected a dtype (f32, f64, f16, bf16, i32, u32, bool), found "f8"'],
    ['module m graph m(x: f32[-1]) { return }', 'FX2001 m.graph:1:25 expected a size, found "-"'],
    ['module m graph m(x: f32[1.5]) { return }', 'FX2001 m.graph:1:25 expected an integer, found 1.5'],
    ['module m graph m(x: f32[2*3]) { return }', 'FX2001 m.graph:1:27 expected a size, found "3"'],
    ['module m graph m(x: f32[]) { x }', 'FX2001 m.graph:1:30 expected "return", found "x"'],
    ['module m graph m(x: f32[]) { return 1 }', 'FX2001 m.graph:1:37 expected a value, found a number: give it a line of its own, with constant'],
    ['module m graph m() { return } data 0: f32 `AAAA` data 0: f32 `AAAAAA==`', 'FX2006 m.graph:1:31 data 0 are not the bytes of an array in base64'],
    ['module m graph m() { return } data 0: f32 data 0: f32', 'FX2003 m.graph:1:43 data 0 stand twice'],
    ['module m graph m() { return } data 0: f32 `?!`', 'FX2006 m.graph:1:31 data 0 are not the bytes of an array in base64'],
  ])('%s', (text, expected) => expect(told(text)).toBe(expected));

  it.each([
    ['% = exp(x)', 'FX2001 m.graph:4:5 expected a number, found "="'],
    ['%0 exp(x)', 'FX2001 m.graph:4:6 expected "=", found "exp"'],
    ['%0 = 3', 'FX2001 m.graph:4:8 expected an operation, found "3"'],
    ['%0 = expo(x)', 'FX2002 m.graph:4:8 there is no operation expo'],
    ['%0 = parameter(x)', 'FX2002 m.graph:4:8 there is no operation parameter'],
    ['%0 = @swoosh(x)', 'FX2002 m.graph:4:9 no scalar function swoosh was given to the parser'],
    ['%0 = @`my swish`(ids)', 'FX2004 m.graph:4:8 my swish: does not take i32'],
    ['%0 = exp(z)', 'FX2002 m.graph:4:12 no parameter is called z'],
    ['%0 = exp(y)', 'FX2002 m.graph:4:12 no parameter is called y'],
    ['%0 = exp(y@2)', 'FX2002 m.graph:4:12 no parameter is called y'],
    ['%0 = exp(%1)', 'FX2002 m.graph:4:12 no line before this one gives %1'],
    ['%0 = exp(%0)', 'FX2002 m.graph:4:12 no line before this one gives %0'],
    ['%0 = exp(x) %0 = exp(x)', 'FX2003 m.graph:4:15 %0 is given twice'],
    ['%0 = add(x, ids)', 'FX2004 m.graph:4:8 add: shapes differ: [2, 3] and [2]'],
    ['%0 = exp(x, x)', 'FX2004 m.graph:4:8 exp: takes 1 operands, but got 2'],
    ['%0 = add(1, 2)', 'FX2004 m.graph:4:12 nothing tells the type of 1: give it a line of its own, with constant'],
    ['%0 = reshape(1)', 'FX2005 m.graph:4:8 reshape takes its type from its line: write %0: f32[…] = reshape…'],
    ['%0: f32[1] = reshape(1)', 'FX2004 m.graph:4:24 nothing tells the type of 1: give it a line of its own, with constant'],
    ['%0: f32[3] = exp(x)', 'FX2005 m.graph:4:16 this line is declared f32[3], but gives f32[2, 3]'],
    ['%0: f64[2, 3] = exp(x)', 'FX2005 m.graph:4:19 this line is declared f64[2, 3], but gives f32[2, 3]'],
    ['%0: (f32[2, 3], f32[2, 3]) = exp(x)', 'FX2005 m.graph:4:32 this line is declared f32[2, 3], f32[2, 3], but gives f32[2, 3]'],
    ['%0 = constant 1', 'FX2005 m.graph:4:8 constant takes its type from its line: write %0: f32[…] = constant…'],
    ['%0: f32[3] = constant [1, 2]', 'FX2004 m.graph:4:16 constant: 2 elements given for [3]'],
    ['%0: f32[3] = constant data 7', 'FX2002 m.graph:4:30 the text holds no data 7'],
    ['%0: f32[2] = iota axis 1', 'FX2004 m.graph:4:16 iota: axis 1 is out of range for [2]'],
    ['%0: f32[2] = iota axis -1', 'FX2001 m.graph:4:26 expected a natural number, found -1'],
    ['%0 = transpose(x) perm [0]', 'FX2004 m.graph:4:8 permute: [0] must list each of the 2 axes of [2, 3] once'],
    ['%0 = transpose(x)', 'FX2001 m.graph:5:3 expected "perm", found "return"'],
    ['%0 = slice(x) [0..1]', 'FX2004 m.graph:4:8 slice: needs one range for each axis of [2, 3]'],
    ['%0 = slice(x) [0:1]', 'FX2001 m.graph:4:19 expected "..", found ":"'],
    ['%0 = reduce sum(x) axes [1]', 'FX2001 m.graph:4:15 expected a monoid (add, mul, max, min, and, or, argMax, argMin, maxExpSum, welford), found "sum"'],
    ['%0 = scatter argMax(x, ids, x)', 'FX2001 m.graph:4:16 expected a monoid (add, max, min, mul, set), found "argMax"'],
    ['%0 = call g(x)', 'FX2002 m.graph:4:13 no graph g stands before this one'],
    ['%0 = call main(x)', 'FX2002 m.graph:4:13 no graph main stands before this one'],
    ['%0 = call f(ids)', 'FX2004 m.graph:4:8 \'f\': argument 0 is i32[2], but f32[2, 3] was declared'],
    ['%0 = composite c(x) body g', 'FX2002 m.graph:4:28 no graph g stands before this one'],
    ['%0 = composite c(x) body f vjp g', 'FX2002 m.graph:4:34 no graph g stands before this one'],
    ['%0 = composite c(x) { a: } body f', 'FX2001 m.graph:4:28 expected a number, found "}"'],
    ['%0 = transform grad f(x) wrt [0]', 'FX2001 m.graph:4:18 expected a transformation (vjp, jvp, vmap, store), found "grad"'],
    ['%0 = transform vmap f(x) axes [1]', 'FX2004 m.graph:4:8 \'f\': argument 0 is f32[2], but f32[2, 3] was declared'],
    ['%0 = transform vmap f(x) axes [some]', 'FX2001 m.graph:4:34 expected a number, found "some"'],
    ['%0 = transform jvp f(x, x) wrt [1]', 'FX2004 m.graph:4:8 jvp: argument 1 of \'f\' is not a float'],
    ['%0 = call f(x) %1 = exp(%0)', 'FX2004 m.graph:4:27 a value of 2 results is read one by one: [0], [1], …'],
    ['%0 = call f(x) %1 = exp(%0[2])', 'FX2004 m.graph:4:27 %0 has 2 results: there is no [2]'],
    ['%0 = call f(x) %1 = get 2(%0)', 'FX2004 m.graph:4:23 get: no result 2 among 2'],
    ['%0 = get 0(x, x)', 'FX2004 m.graph:4:8 get: takes 1 operands, but got 2'],
    ['%0 = exp(x) clone -1', 'FX2001 m.graph:4:21 expected a natural number, found -1'],
    ['%0 = exp(x', 'FX2001 m.graph:5:3 expected ",", found "return"'],
    ['%0 = exp(?)', 'FX2001 m.graph:4:12 expected a value or a number, found "?"'],
  ])('%s', (line, expected) => expect(inGraph(line)).toBe(expected));
  it('of a result that is several', () => {
    expect(told('module m graph f(x: f32[]) { return x, x } graph m(x: f32[]) { %0 = call f(x) return %0 }')).toBe('FX2004 m.graph:1:86 a value of 2 results is read one by one: [0], [1], …');
  });
});

describe('a text that is broken', () => {
  const texts = Object.values(modules).map((module) => printModule(module()));
  it('ends with a diagnostic wherever it is cut', () => {
    for (const text of texts) {
      // what follows main is another graph that nothing names, or data
      const end = text.indexOf('\n}', text.indexOf(`\ngraph ${/^module (.*)$/m.exec(text)?.[1]}(`)) + 2;
      for (let n = 0; n < end; n += text.length > 3000 ? 7 : 1) expect(told(text.slice(0, n)), text.slice(0, n)).toMatch(/^FX200\d m\.graph:\d+:\d+ ./);
    }
  });
  it('is refused, or means a well-formed module, whatever words are lost, doubled or changed', () => {
    const short = texts.filter((text) => text.length < 3000), words = short.flatMap((text) => tokens(text).filter((t) => t.kind !== 'end').map(written));
    let refused = 0;
    fc.assert(fc.property(fc.constantFrom(...short), fc.array(fc.record({ at: fc.nat(), how: fc.constantFrom('drop', 'double', 'change'), word: fc.constantFrom(...words) }), { minLength: 1, maxLength: 3 }), (text, changes) => {
      const parts = tokens(text).filter((t) => t.kind !== 'end').map(written);
      for (const { at, how, word } of changes) parts.splice(at % parts.length, how === 'double' ? 0 : 1, ...(how === 'drop' ? [] : [word]));
      const result = parseModule(parts.join(' '), { scalars: [swish] });
      if (isLeft(result)) { refused++; return; }
      expect(verify(result.right)).toEqual([]);
      expect(printModule(orThrow(parseModule(printModule(result.right), { scalars: [swish] })))).toBe(printModule(result.right));
    }), { numRuns: 1500, seed: 3 });
    expect(refused).toBeGreaterThan(1000);
  });
});
const written = ({ kind, text }: ReturnType<typeof tokens>[number]): string => (kind === 'quoted' ? `\`${text}\`` : text);
