import { expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { textOf } from '../../passes/loop/kernels.ts';
import { runTiled } from './run.ts';

/** what a kernel leaves in the memory that both of its parameters name */
const left = (body: string): readonly number[] => Array.from(runTiled(parsed(parseProgram(textOf({ params: 'x: read f32[2], y: write f32[2]', twice: 'y, y', body }))), new Map()).get('y') ?? []);

it.each([
  ['stored', 'store y[0] = 5.0 let a = x[0] store y[0] = 2.0 let b = x[0] store y[1] = a + b'],
  ['stored in a loop', 'store y[0] = 5.0 let a = x[0] for i < 3 { store y[0] = index(i):f32 } let b = x[0] store y[1] = a + b'],
  ['stored in a loop that gathers in a register too', 'alloc register s: f32[1] store s[0] = 0.0 store y[0] = 5.0 let a = x[0] for i < 2 { fold add into s[0] with 1.0 store y[0] = s[0] } let b = x[0] store y[1] = a + b'],
  ['stored in the turn of a loop before, which gathers in a register too', 'alloc register s: f32[1] store s[0] = 0.0 store y[0] = 0.0 let a = x[0] for i < 2 { let b = x[0] + 1.0 fold add into s[0] with b store y[0] = b } store y[1] = a + s[0] + 4.0'],
])('what was read by one name is read again where it was %s by the other', (_, body) => expect(left(body)).toEqual([2, 7]));
