import { describe, expect, it } from 'vitest';
import { adam, sgd } from 'fluxion/optim';
import { stepped } from './steps.ts';
describe('x', () => { it('y', () => {
  console.log(stepped(sgd({momentum: 0.9, nesterov: true}), [1, 2, 3], [[1, 1, 1], [2, 2, 2]]), stepped(adam(), [1,2,3], [[1,2,3],[1,2,3]], 'f32'));
  expect(1).toBe(1);
}); });
