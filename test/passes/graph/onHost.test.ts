import { describe, expect, it } from 'vitest';
import type { Module, Node } from '../../../src/ir/graph/syntax.ts';
import { splitOff, type From, type Split } from '../../../src/passes/graph/onHost.ts';
import { mainOf } from '../../../src/testing/derivatives.ts';
import { applies } from '../../../src/passes/graph/facts.ts';
import { readGraph, resultsOf, section, showModule, wholeNumbers, type Programs } from './texts.ts';

const programs: Programs = {
  'nothing for the host': '(i: i32[4], x: f32[4]) { %0: f32[4] = convert(i) %1 = mul(%0, x) return %1 }',
  'what is better there': '(x: f32[4], i: i32[4], y: f32[4]) { %0 = xor(i, 3) %1: f32[4] = convert(%0) %2 = mul(%1, x) %3 = add(%2, y) return %3 }',
  'what is needed there': '(i: i32[4], x: f32[4]) { %0 = shiftRightLogical(i, 1) %1: f32[4] = convert(%0) %2 = mul(%1, x) return %2 }',
  'what is needed there, of what the device computes': '(x: f32[4]) { %0: i32[4] = convert(x) %1 = shiftRightLogical(%0, 1) %2: f32[4] = convert(%1) return %2 }',
  'what is needed there, of truths': '(t: bool[4]) { %0: i32[4] = convert(t) %1 = shiftRightLogical(%0, 1) return %1 }',
  'what is better there, of what the device computes': '(x: f32[4]) { %0: i32[4] = convert(x) %1 = xor(%0, 1) %2: f32[4] = convert(%1) return %2 }',
  'both, of which one is of what the device computes': '(x: f32[4], i: i32[4]) { %0: i32[4] = convert(x) %1 = xor(%0, 1) %2 = xor(i, 1) %3 = shiftRightLogical(i, 2) %4 = add(%1, %2) %5 = add(%4, %3) %6: f32[4] = convert(%5) return %6 }',
  'of constants and positions': '(x: f32[4]) { %0: i32[4] = iota axis 0 %1: i32[4] = constant [3, 1, 2, 5] %2 = xor(%0, %1) %3: f32[4] = convert(%2) %4 = add(%3, x) return %4 }',
  'all that it is made of': '(i: i32[4], j: i32[2], x: f32[4]) { %0 = concatenate(j, j) axis 0 %1 = mul(i, %0) %2 = neg(%1) %3 = xor(%2, i) %4: f32[4] = convert(%3) %5 = mul(x, %4) return %5 }',
  'more that is made of it, and of whole numbers': '(i: i32[4], x: f32[4], j: i32[4], k: i32[2]) { %0 = xor(i, 1) %1 = add(%0, j) %2 = slice(%1) [0..2] %3 = mul(%2, k) %4 = concatenate(%3, %3) axis 0 %5: f32[4] = convert(%4) %6 = mul(%5, x) return %6 }',
  'a test of it': '(i: i32[4], x: f32[4]) { %0 = xor(i, 1) %1: f32[4] = convert(%0) %2 = lt(%1, 0.5) %3 = select(%2, x, 0) return %3 }',
  'a test of it and of an argument': '(i: i32[4], x: f32[4]) { %0 = xor(i, 1) %1: f32[4] = convert(%0) %2 = lt(%1, x) %3 = select(%2, x, 0) return %3 }',
  'a test of it and of what the device computes': '(i: i32[4], x: f32[4]) { %0 = xor(i, 1) %1: f32[4] = convert(%0) %2 = neg(x) %3 = lt(%1, %2) %4 = select(%3, x, 0) return %4 }',
  'arithmetic of numbers made of it': '(i: i32[4], x: f32[4]) { %0 = xor(i, 1) %1: f32[4] = convert(%0) %2 = mul(%1, 2) %3 = add(%2, x) return %3 }',
  'whole numbers that are not made of it': '(i: i32[4], j: i32[4], x: f32[4]) { %0 = xor(i, 1) %1 = neg(j) %2: f32[4] = convert(%1) %3: f32[4] = convert(%0) %4 = add(%2, %3) %5 = add(%4, x) return %5 }',
  'one of several that were given': '(x: f32[4], i: i32[4], y: f32[4], j: i32[4], z: f32[4]) { %0 = xor(j, 5) %1: f32[4] = convert(%0) %2 = add(%1, z) %3 = mul(%2, x) %4: f32[4] = convert(i) %5 = add(%4, %3) return %5, %2 }',
  'results of the host': '(x: f32[4], i: i32[4]) { %0 = xor(i, 1) %1: f32[4] = convert(%0) %2 = neg(x) return %2, %0, x, %1 }',
  'results of the host alone': '(i: i32[4], x: f32[2]) { %0 = xor(i, 1) %1 = xor(i, 2) return %1, %0 }',
  'results of which some are the same': '(x: f32[4], i: i32[4]) { %0 = xor(i, 1) %1: f32[4] = convert(%0) %2 = add(%1, x) return %0, %2, %0, %2, i }',
  'handed on and shown': '(x: f32[4], i: i32[4]) { %0 = xor(i, 1) %1 = xor(i, 2) %2 = xor(i, 4) %3: f32[4] = convert(%2) %4 = mul(%3, x) return %1, %4, %0 }',
  'what was given, among the results': '(x: f32[4], i: i32[4]) { %0 = xor(i, 1) %1: f32[4] = convert(i) %2 = add(%1, x) return i, %0, %2 }',
  'one of two sums made of it': '(i: i32[4], x: f32[4]) { %0: f32[4] = convert(i) %1 = reduce add(%0, i) axes [0] %2 = xor(%1[1], 3) %3: f32[] = convert(%2) %4 = add(%3, %1[0]) %5: f32[4] = broadcastInDim(%4) dims [] %6 = mul(%5, x) return %6 }',
  'a sum of it beside one of numbers': '(i: i32[4], x: f32[4]) { %0 = xor(i, 1) %1: f32[4] = convert(%0) %2 = reduce add(%0, %1) axes [0] %3: f32[4] = broadcastInDim(%2[1]) dims [] %4 = mul(%3, x) return %4, %2[0] }',
  'order of numbers made of it': '(i: i32[4], x: f32[4]) { %0 = xor(i, 5) %1 = argsort(%0) axis 0 %2 = gather(x, %1) return %2 }',
};
const onHost = (n: Node): 'needed' | 'better' | undefined => (applies(n, 'shiftRightLogical') ? 'needed' : applies(n, 'xor') ? 'better' : undefined);
const splitOf = (module: Module): Split | undefined => splitOff(mainOf(module), onHost);

const from = ({ part, index }: From): string => `${part} ${index}`;
const page = Object.entries(programs).map(([name, text]) => {
  const module = readGraph(text), split = splitOf(module);
  if (split === undefined) return section(name, showModule(module), '→ stays');
  const { host, hostInputs, handed, device, inputs, outputs } = split;
  return section(name, showModule(module), `→ on the host, of ${hostInputs.map((i) => `argument ${i}`).join(', ')}; ${handed.map((t) => t.dtype).join(', ')}`, showModule(host), `on the device, of ${inputs.map(from).join(', ')}`, showModule(device), `results: ${outputs.map(from).join(', ')}`);
}).join('\n');

describe('splitOff', () => {
  it('parts programs as on their page', async () => { await expect(page).toMatchFileSnapshot('../../golden/parts/onHost.txt'); });
  it.each(Object.entries(programs))('computes the same numbers, with a part on the host: %s', (_, text) => {
    const module = readGraph(text), split = splitOf(module);
    if (split === undefined) return;
    const args = wholeNumbers(module, {}), typed = (of: Module, values: readonly (readonly number[])[]) => wholeNumbers(of, {}).map((data, i) => data.map((__, k) => values[i][k]));
    const made = resultsOf(split.host, split.hostInputs.map((i) => args[i]), {});
    const computed = resultsOf(split.device, typed(split.device, split.inputs.map(({ part, index }) => (part === 'host' ? made[index] : Array.from(args[index])))), {});
    expect(split.outputs.map(({ part, index }) => (part === 'host' ? made : computed)[index])).toEqual(resultsOf(module, args, {}));
  });
});
