import { js, reference, wasm, type Backend, type LoopBackend } from 'fluxion/backends';
import { array, compile, fn, orThrow, type Fn, type NDArray, type Tensor } from 'fluxion';
import { local, type Lane, type Results, type Running } from './measure.ts';

/** The backends of fluxion that the benchmarks run, a fresh one for each lane. */
const backends: readonly { readonly threads: number; readonly name: string; readonly make: () => LoopBackend<'sync'> }[] = [
  { name: 'js', threads: 1, make: js },
  ...[1, 2].map((threads) => ({ name: 'wasm', threads, make: () => wasm({ threads }) })),
];
export const fluxionLanes = (start: (backend: LoopBackend<'sync'>) => Running): readonly Lane[] =>
  backends.map(({ name, threads, make }) => ({ subject: 'fluxion', backend: name, threads, start: () => start(make()) }));

/** A tensor's numbers and its sizes. */
export interface Numbers { readonly data: Float32Array; readonly shape: readonly number[] }
type Tensors = { readonly [name: string]: Tensor<unknown> };
type Outputs = { readonly [name: string]: NDArray<unknown> };

interface Compiled { readonly call: (...args: readonly unknown[]) => Outputs; readonly dispose: () => void }
const compiled = <A extends readonly unknown[]>(f: Fn<A, Tensors>, backend: Backend<'sync'>): Compiled => {
  const run = orThrow(compile(f, { backend }));
  // SAFETY: a call checks its arguments, and gives an array for each tensor
  return { call: run as unknown as Compiled['call'], dispose: () => run[Symbol.dispose]() };
};
const onHost = ({ data, shape }: Numbers): NDArray<unknown> => array(data, [...shape]);
/** a tree of arrays in the backend's own memory, where what a program gives stays */
export const resident = (tree: unknown, backend: Backend<'sync'>): unknown => {
  const keep = orThrow(compile(fn([tree], (same) => ({ same })), { backend }));
  // SAFETY: the arrays are examples of themselves
  const { same } = (keep as unknown as (given: unknown) => { readonly same: unknown })(tree);
  keep[Symbol.dispose]();
  return same;
};
const numbersOf = (outputs: Outputs): Results => Object.fromEntries(Object.entries(outputs).map(([name, x]) => [name, x.data]));
const free = (outputs: Outputs): void => { for (const x of Object.values(outputs)) x[Symbol.dispose](); };

/** A function of tensors that stay in the backend's memory, as its results do. */
export const functionLane = <A extends readonly unknown[]>(f: Fn<A, Tensors>, inputs: readonly Numbers[]) => (backend: LoopBackend<'sync'>): Running => {
  const { call, dispose } = compiled(f, backend), args = inputs.map((x): NDArray<unknown> => {
    // SAFETY: an array for an array
    return resident(onHost(x), backend) as NDArray<unknown>;
  });
  return local({
    run: () => free(call(...args)),
    results: () => { const outputs = call(...args), results = numbersOf(outputs); free(outputs); return results; },
    close: () => { for (const x of args) x[Symbol.dispose](); dispose(); },
  });
};
/** What its own time goes to is the compilation, from expressions on. */
export const compileLane = <A extends readonly unknown[]>(f: () => Fn<A, Tensors>, inputs: readonly Numbers[]) => (backend: LoopBackend<'sync'>): Running =>
  local({ run: () => compiled(f(), backend).dispose(), results: () => resultsOn(f(), inputs, backend) });
const resultsOn = <A extends readonly unknown[]>(f: Fn<A, Tensors>, inputs: readonly Numbers[], backend: Backend<'sync'>): Results => {
  const { call, dispose } = compiled(f, backend), results = numbersOf(call(...inputs.map(onHost)));
  dispose();
  return results;
};
/** what such a function means */
export const meaning = <A extends readonly unknown[]>(f: Fn<A, Tensors>, inputs: readonly Numbers[]): Results => resultsOn(f, inputs, reference({ precision: 'f64' }));
