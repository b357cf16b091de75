import { describe, expect, it } from 'vitest';
import { verify } from '../../../src/ir/graph/verify.ts';
import { dropUnread } from '../../../src/passes/graph/dropUnread.ts';
import { expandTransforms } from '../../../src/passes/graph/expandTransforms.ts';
import { hoistRuns } from '../../../src/passes/graph/hoistRuns.ts';
import { sinkBranches } from '../../../src/passes/graph/sinkBranches.ts';
import { hoisting, sinking, unread } from './loopPrograms.ts';
import { mappedLoops } from './mappedPrograms.ts';
import { differing, unlikeExamples } from './numbers.ts';
import { change, readGraphs, section } from './texts.ts';

describe.each([
  { pass: sinkBranches, programs: sinking },
  { pass: dropUnread, programs: unread },
  { pass: hoistRuns, programs: hoisting },
])('$pass.name', ({ pass, programs }) => {
  it('makes of loops and choices what its page shows', async () => {
    await expect(Object.entries(programs).map(([name, text]) => section(name, change(pass, readGraphs(text)))).join('\n')).toMatchFileSnapshot(`../../golden/passes/${pass.name}.txt`);
  });
  it.each(Object.entries(programs))('keeps the meaning: %s', (_, text) => {
    const before = readGraphs(text), after = pass.run(before, () => undefined);
    expect(verify(after)).toEqual([]);
    expect(differing(before, after, { n: 3 })).toEqual([]);
  });
});

describe('what is mapped over examples', () => {
  const programs = Object.entries(mappedLoops).map(([name, { of, main }]) => ({ name, one: readGraphs(of.replaceAll(/\bgraph f\(/g, 'graph main(')), mapped: readGraphs(`${of}\ngraph main${main}`) }));
  it('becomes what its page shows', async () => {
    await expect(programs.map(({ name, mapped }) => section(name, change(expandTransforms, mapped))).join('\n')).toMatchFileSnapshot('../../golden/passes/mappedLoops.txt');
  });
  it.each(programs)('is the same for each example: $name', ({ one, mapped }) => {
    const after = expandTransforms.run(mapped, () => undefined);
    expect(verify(after)).toEqual([]);
    expect(unlikeExamples(one, mapped, after)).toEqual([]);
  });
});
