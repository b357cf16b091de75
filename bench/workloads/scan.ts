import { add, f32, fn, mul, scan } from 'fluxion';
import { fluxionLanes, functionLane, meaning, type Numbers } from '../fluxion.ts';
import { local, type Lane, type Workload } from '../measure.ts';
import { rowsProblem } from '../problems.ts';
import { beyondHand } from '../report.ts';

const width = 4;

/** A scan of steps that do next to nothing: a carry of four numbers, times four factors, and a row added. By hand it is one loop in JavaScript. */
export const scanWorkload = (name: string, steps: number): Workload => {
  const { x: rows, gain: factors, offset: first } = rowsProblem('gelu', steps, width), inputs: readonly Numbers[] = [{ data: first, shape: [width] }, { data: factors, shape: [width] }, { data: rows, shape: [steps, width] }];
  const f = fn([f32([width]), f32([width]), f32([steps, width])], (carry, w, xs) => ({ last: scan((c, x) => [add(mul(c, w), x), undefined] as const, carry, xs)[0] }), { name: 'scan', args: ['carry', 'w', 'xs'] });
  const hand: Lane = { subject: 'hand', backend: 'js', threads: 1, start: () => {
    const last = new Float32Array(width), run = (): void => byHand(first, factors, rows, last);
    return local({ run, results: () => { run(); return { last }; } });
  } };
  return { name, tolerance: 1e-5, reference: () => meaning(f, inputs), lanes: [...fluxionLanes(functionLane(f, inputs)), hand], note: beyondHand(steps) };
};
const byHand = (first: Float32Array, w: Float32Array, rows: Float32Array, last: Float32Array): void => {
  const [w0, w1, w2, w3] = w;
  let [c0, c1, c2, c3] = first;
  for (let i = 0; i < rows.length; i += width) {
    c0 = c0 * w0 + rows[i];
    c1 = c1 * w1 + rows[i + 1];
    c2 = c2 * w2 + rows[i + 2];
    c3 = c3 * w3 + rows[i + 3];
  }
  last.set([c0, c1, c2, c3]);
};
