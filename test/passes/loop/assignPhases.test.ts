import { expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { printProgram } from '../../../src/ir/loop/print.ts';
import { assignPhases } from '../../../src/passes/loop/assignPhases.ts';

const kernels = `
kernel same(x: read f32[8], y: write f32[8]) { for i < 2 grid(1) { for j < 4 { store y[4*i + j] = x[4*i + j] } } }
kernel next(x: read f32[8], y: write f32[8]) { for i < 2 grid(1) { for j < 4 { store y[4*i + j] = x[-4*i - j + 7] } } }
kernel four(x: read f32[8], y: write f32[8]) { for i < 4 grid(1) { for j < 2 { store y[2*i + j] = x[2*i + j] } } }
kernel alone(x: read f32[8], y: write f32[8]) { for i < 8 { store y[i] = x[i] } }
kernel fill(y: write f32[8]) { for i < 8 { store y[i] = 0.0 } }
kernel first(x: read f32[8], y: write f32[8]) {
  let v = x[0]
  for i < 2 grid(1) { for j < 4 { store y[4*i + j] = v } }
}
kernel early(x: read f32[8], y: write f32[8]) { for i < 2 grid(1) { for j < 4 { store y[4*i + j] = x[3*i + j] } } }`;
const steps = (text: string): string => {
  const names = ['a', 'b', 'c', 'd'], program = `program p\n${names.map((n) => `buffer ${n}: f32[8] ${n === 'a' ? 'input' : 'output'}`).join('\n')}\n${kernels}\nsteps {\n${text}\n}`;
  const all = printProgram(assignPhases(parsed(parseProgram(program))));
  return all.slice(all.indexOf('steps {') + 8, -2).split('\n').map((line) => line.trim()).filter((line) => line !== '' && line !== '}').join('; ');
};

it.each([
  ['equal blocks of equal regions', 'run same(a, b)\nrun same(b, c)', 'run same(a, b); run same(b, c)'],
  ['what another block wrote', 'run same(a, b)\nrun next(b, c)', 'run same(a, b); barrier; run next(b, c)'],
  ['a region that reaches into the one before', 'run same(a, b)\nrun early(b, c)', 'run same(a, b); barrier; run early(b, c)'],
  ['other blocks', 'run same(a, b)\nrun four(b, c)', 'run same(a, b); barrier; run four(b, c)'],
  ['one thread after all', 'run same(a, b)\nrun alone(b, c)', 'run same(a, b); barrier; run alone(b, c)'],
  ['all after one', 'run alone(a, b)\nrun same(b, c)', 'run alone(a, b); barrier; run same(b, c)'],
  ['one after one', 'run alone(a, b)\nrun alone(b, c)\nrun same(c, d)', 'run alone(a, b); run alone(b, c); barrier; run same(c, d)'],
  ['a value that every thread reads', 'run alone(a, b)\nrun first(b, c)', 'run alone(a, b); barrier; run first(b, c)'],
  ['what is only read', 'run same(a, b)\nrun next(a, c)', 'run same(a, b); run next(a, c)'],
  ['what was read before it is written', 'run next(b, c)\nrun same(a, b)', 'run next(b, c); barrier; run same(a, b)'],
  ['written twice', 'run same(a, b)\nrun four(a, b)', 'run same(a, b); barrier; run four(a, b)'],
  ['one barrier for several', 'run same(a, b)\nrun same(a, c)\nrun next(b, d)\nrun next(c, d)', 'run same(a, b); run same(a, c); barrier; run next(b, d); run next(c, d)'],
  ['loops of steps', 'run same(a, b)\nloop t < 3 {\nrun same(b, c)\nrun next(c, b)\n}\nrun same(b, d)', 'run same(a, b); barrier; loop t < 3 {; run same(b, c); barrier; run next(c, b); barrier; run same(b, d)'],
  ['a loop of one thread', 'run same(a, b)\nloop t < 3 {\nrun alone(b, c)\nloop s < 2 {\nrun alone(c, b)\n}\n}\nrun same(b, d)', 'run same(a, b); barrier; loop t < 3 {; run alone(b, c); loop s < 2 {; run alone(c, b); barrier; run same(b, d)'],
  ['a loop of one thread in one of several', 'loop t < 3 {\nrun same(b, c)\nloop s < 2 {\nrun alone(c, b)\n}\n}', 'barrier; loop t < 3 {; run same(b, c); barrier; loop s < 2 {; run alone(c, b); barrier'],
  ['a loop of one thread that touches nothing of others', 'run same(a, b)\nloop s < 2 {\nrun alone(a, c)\n}\nrun same(b, d)', 'run same(a, b); loop s < 2 {; run alone(a, c); run same(b, d)'],
  ['what one thread writes first, by the barrier before', 'run same(a, b)\nrun next(b, c)\nrun fill(d)\nrun same(c, d)', 'run same(a, b); run fill(d); barrier; run next(b, c); run same(c, d)'],
  ['what one thread writes where none is before', 'run same(a, b)\nrun fill(d)\nrun same(a, d)', 'run same(a, b); run fill(d); barrier; run same(a, d)'],
  ['what was read before one thread writes it', 'run same(a, d)\nrun next(d, b)\nrun fill(d)', 'run same(a, d); barrier; run next(d, b); barrier; run fill(d)'],
  ['what a loop touched before one thread writes it', 'run same(a, b)\nrun next(b, c)\nloop t < 3 {\nrun same(a, d)\n}\nrun fill(d)', 'run same(a, b); barrier; run next(b, c); barrier; loop t < 3 {; run same(a, d); barrier; run fill(d)'],
])('barriers: %s', (_, text, wanted) => expect(steps(text)).toBe(wanted));

it('a program without blocks has no barriers', () => {
  const program = parsed(parseProgram(`program p\nbuffer a: f32[8] input\nbuffer b: f32[8] output\n${kernels.split('\n').find((line) => line.startsWith('kernel alone')) ?? ''}\nsteps { run alone(a, b) }`));
  expect(assignPhases(program)).toBe(program);
});
