import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { jsTarget } from '../../../src/backends/js/js.ts';
import { render } from '../../../src/core/render.ts';
import { parseModule } from '../../../src/ir/graph/parse.ts';
import { makePlan } from '../../../src/passes/plan/makePlan.ts';
import { mainOf } from '../../../src/testing/derivatives.ts';

const planOf = (text: string) => {
  const parsed = parseModule(text);
  if (E.isLeft(parsed)) throw new Error(render(parsed.left));
  return makePlan(mainOf(parsed.right), jsTarget);
};

// a group was entered late (at %23, after a scatter) and left early (by %15, before it): two groups waited for each other, and neither ran
it('no two groups wait for each other, by whichever of their nodes', () => {
  const plan = planOf(`module main
graph main(x0: f32[1], seed1: f32[0], seed2: f32[1]) {
  %0: f32[1] = constant 0
  %1: f32[1] = sin(x0)
  %2: f32[1] = mul(%1, 3.9375)
  %3: f32[1] = add(%2, 4.0625)
  %4: f32[1] = log(%3)
  %5: i32[1] = convert(%4)
  %6: i32[] = reshape(%5)
  %7: i32[0] = broadcastInDim(%6) dims []
  %8: i32[0] = min(%7, 0)
  %9: i32[0] = max(%8, 0)
  %10: f32[0] = gather(%4, %7)
  %11: f32[0] = exp(%10)
  %12: f32[1] = cos(x0)
  %13: f32[1] = mul(%12, seed2)
  %14: f32[1] = mul(%13, 3.9375)
  %15: f32[1] = div(%14, %3)
  %16: f32[0] = gather(%15, %7)
  %17: f32[0] = mul(%11, %16)
  %18: f32[0] = mul(%17, seed1)
  %19: f32[1] = scatter add(%0, %9, %18)
  %20: f32[1] = div(%19, %3)
  %21: f32[0] = mul(%11, seed1)
  %22: f32[1] = scatter add(%0, %9, %21)
  %23: f32[1] = div(%22, %3)
  %24: f32[1] = mul(%23, %15)
  %25: f32[1] = sub(%20, %24)
  %26: f32[1] = mul(%25, 3.9375)
  %27: f32[1] = mul(%26, %12)
  %28: f32[1] = mul(%23, 3.9375)
  %29: f32[1] = mul(%1, seed2)
  %30: f32[1] = mul(%28, %29)
  %31: f32[1] = sub(%27, %30)
  return %31
}
`);
  const done = new Set<number>();
  for (const group of plan.groups) {
    const own = new Set(group.members);
    for (const member of group.members) for (const x of member.inputs) {
      if (plan.stored.has(x) && !own.has(x)) expect(done.has(x.id), `${member.op} waits for ${x.op}`).toBe(true);
    }
    group.roots.forEach((n) => done.add(n.id));
  }
  expect(plan.results.every((n) => done.has(n.id))).toBe(true);
  expect(plan.groups.filter((g) => g.nest.kind === 'scatter')).toHaveLength(2);
});

it('a number beside a contraction, of something that it reads too, is computed in its kernel', () => {
  const plan = planOf(`module main
graph main(x0: f32[2, 3], x1: f32[3, 4]) {
  %0: f32[2, 4] = dotGeneral(x0, x1) contract [1] [0]
  %1: f32[1, 1] = slice(x0) [0..1, 0..1]
  %2: f32[] = reshape(%1)
  %3: f32[] = sin(%2)
  return %0, %3
}
`);
  expect(plan.groups.map((g) => [g.nest.kind, g.roots.length])).toEqual([['contract', 2]]);
});
