import { describe, expect, it } from 'vitest';
import { js, reference, wasm } from '../../src/backends/index.ts';
import { add, array, compile, fn, f32, i32, matmul, mean, mul, orThrow, tanh, type Fn, type Tensor } from '../../src/index.ts';

type State = Tensor<[8, 8], 'f32'>;
const layer = fn([f32([8, 8]), f32([8, 8])], (h, w) => tanh(matmul(h, w)), { name: 'layer' });
const deep = (layers: number): Fn<[State, State], State> => fn([f32([8, 8]), f32([8, 8])], (h, w) => Array.from({ length: layers }).reduce<State>((x) => layer(x, w), h));
const numbers = array(Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)), [8, 8]);
const textOf = <A extends readonly unknown[]>(f: Fn<A, unknown>, backend: ReturnType<typeof js>): string => Object.values(orThrow(compile(f, { backend })).report?.files ?? {}).join('\n');

describe('a block that is repeated', () => {
  it('is one function of the generated code', () => {
    const text = textOf(deep(6), js());
    // the first reads and the last writes what the caller gives: all six are the same function of three arrays
    expect(text.match(/^const k_\w+ = \(/gm)).toHaveLength(1);
    expect(text.match(/^ +k_contract_0\(/gm)).toHaveLength(6);
    const [one, six] = [1, 6].map((n) => textOf(deep(n), wasm({ threads: 1 })).length);
    expect(six).toBeLessThan(1.5 * one);
  });
  it('computes what it means', () => {
    const [wanted, ...others] = [reference(), js(), wasm({ threads: 1 }), wasm({ threads: 2 })].map((backend) => Array.from(orThrow(compile(deep(6), { backend }))(numbers, numbers).data));
    for (const other of others) other.forEach((v, i) => expect(v).toBeCloseTo(wanted[i], 5));
  });
  it('is another function for arrays of another dtype', () => {
    const f = fn([f32([4]), i32([4])], (x, n) => [add(x, x), add(n, n), add(add(n, n), n)] as const);
    const text = textOf(f, js());
    expect(text.match(/^const k_\w+ = \(/gm)).toHaveLength(2);
  });
});

describe('a function at several sizes', () => {
  /** a backend that counts what it generates */
  const counting = (backend: ReturnType<typeof js>) => { let made = 0; return { backend: { ...backend, emit: (p: Parameters<typeof backend.emit>[0]) => { made++; return backend.emit(p); } }, made: () => made }; };
  const f = fn([f32(['n', 3])], (x) => mean(mul(x, x))), batch = (n: number) => array(Float32Array.from({ length: 3 * n }, (_, i) => i), [n, 3]);
  const wanted = (n: number): number => Array.from({ length: 3 * n }, (_, i) => i * i).reduce((a, b) => a + b, 0) / (3 * n);
  it.each([['js', js], ['wasm', () => wasm({ threads: 1 })]] as const)('%s: one program for each, kept; bounded, one for all', (_, make) => {
    for (const [dims, programs] of [[{}, 3], [{ n: { max: 8 } }, 1]] as const) {
      const { backend, made } = counting(make());
      using run = orThrow(compile(f, { backend, dims }));
      for (const n of [2, 5, 2, 5, 7, 2]) expect(run(batch(n)).item()).toBeCloseTo(wanted(n), 3);
      expect(made()).toBe(programs);
    }
  });
});
