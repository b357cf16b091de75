import { describe, expect, it } from 'vitest';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import { sinkBranches } from '../../../src/passes/graph/sinkBranches.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { readGraphs, showModule } from './texts.ts';

const branches = 'graph left(x: f32[3], y: f32[3]) { %0 = add(x, x) return %0 }\ngraph right(x: f32[3], y: f32[3]) { %0 = mul(y, y) return %0 }\ngraph both(x: f32[3], y: f32[3]) { %0 = mul(x, y) return %0 }\n';
const choosing = (body: string, results = '%9', names = 'left, right'): ReturnType<typeof readGraphs> => readGraphs(`${branches}graph main(i: i32[], x: f32[3]) { ${body} %9 = case(i, %0, %1) branches [${names}] return ${results} }`);
/** the lines of the graph that chooses */
const mainOf = (module: ReturnType<typeof readGraphs>): string => showModule(module).split(/^graph/m).at(-1) ?? '';

describe('sinkBranches', () => {
  it('computes in a branch what it alone needs, and what that is made of', () => {
    const module = choosing('%2 = sin(x) %0 = exp(%2) %1 = tanh(x)'), after = runPasses(module, [sinkBranches], { verify: true });
    expect(mainOf(after)).not.toMatch(/sin|exp|tanh/);
    expect(showModule(after)).toMatch(/sin[\s\S]*exp[\s\S]*tanh/);
    for (const i of [0, 1]) expect(interpret(after, [Int32Array.of(i), Float32Array.of(0.5, 1, -2)])).toEqual(interpret(module, [Int32Array.of(i), Float32Array.of(0.5, 1, -2)]));
  });
  it.each([
    ['what several need', choosing('%0 = exp(x) %1 = tanh(x)', '%9', 'both, both')],
    ['what is a result', choosing('%0 = exp(x) %1 = tanh(x)', '%9, %0, %1')],
    ['what others read', choosing('%0 = exp(x) %1 = tanh(x) %3 = add(%0, %1)', '%9, %3')],
    ['what costs nothing', choosing('%0: f32[3] = iota axis 0 %1: f32[3] = constant [1, 2, 3]')],
  ])('leaves %s where it is', (_, module) => expect(sinkBranches.run(module, () => undefined)).toBe(module));
});
