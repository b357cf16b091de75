import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { arraysOf } from '../../src/expr/ndarray.ts';
import { array, arrayOf, compile, compute, f32, fn, intArray, mul, orThrow, zeros } from '../../src/index.ts';

describe('an array on a console', () => {
  it('shows dtype, shape and numbers', () => {
    expect(inspect(array([[1, 2.5, NaN], [-0, 0.1, Infinity]], [2, 3]))).toBe('f32[2, 3] [[1, 2.5, NaN], [-0, 0.1, Infinity]]');
    expect(inspect(orThrow(compute({ w: zeros([2]), deep: [mul(intArray([3], [1]), 2)] })))).toBe('{ w: f32[2] [0, 0], deep: [ i32[1] [6] ] }');
    expect(inspect([array(5), arrayOf('bool', [true, false], [2]), arrayOf('f64', [0.1], [1]), arrayOf('bf16', [0.1], [1]), array([], [0, 3]), array([], [3, 0])]))
      .toBe('[\n  f32[] 5,\n  bool[2] [true, false],\n  f64[1] [0.1],\n  bf16[1] [0.1],\n  f32[0, 3] [],\n  f32[3, 0] [[], [], []]\n]');
  });
  it('shows the first numbers of a large one', () => {
    expect(inspect(array(Float32Array.from({ length: 100 }, (_, i) => i), [10, 10]))).toBe(`f32[10, 10] [${Array.from({ length: 32 }, (_, i) => i).join(', ')}, … 68 more]`);
  });
  it('says why there are none', () => {
    const run = orThrow(compile(fn([f32([2])], (x) => mul(x, 2)), { donate: [0] })), a = run([1, 2]);
    run(a);
    expect(inspect(a)).toBe('f32[2] (this array was donated to a later call, which has overwritten it)');
    expect(inspect(arraysOf({ dtype: 'f32', shape: [2] }, { trace: {} })({ read: () => Promise.resolve(new Float32Array(2)), dispose: () => undefined }))).toBe('f32[2] (data: the numbers are on an asynchronous device)');
    expect(inspect(array([1, 2, 3], [2, 2]))).toBe('f32[2, 2] (array: 3 elements given for [2, 2], which has 4)');
  });
});
