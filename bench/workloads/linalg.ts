import { cholesky, f32, fn, solve, triangularSolve, type Tensor } from 'fluxion';
import { fluxionLanes, functionLane, meaning, type Numbers } from '../fluxion.ts';
import { handLinear } from '../hand/linalg.ts';
import { local, type Lane, type Workload } from '../measure.ts';
import { linearProblem, type LinearProblem } from '../problems.ts';
import { rates } from '../report.ts';

/** multiplications and additions that are needed */
const operations = ({ kind, n, m }: LinearProblem): number => ({ cholesky: n ** 3 / 3, triangularSolve: n ** 2 * m, solve: (2 * n ** 3) / 3 + 2 * n ** 2 * m })[kind];

type Matrix = Tensor<[number, number], 'f32'>;
const functions: { readonly [K in LinearProblem['kind']]: (a: Matrix, b: Matrix) => { readonly x: Matrix } } = {
  cholesky: (a) => ({ x: cholesky(a) }), triangularSolve: (a, b) => ({ x: triangularSolve(a, b) }), solve: (a, b) => ({ x: solve(a, b) }),
};

/** A factor or a solution of a matrix that stays in memory. By hand it is loops in JavaScript. */
export const linearWorkload = (name: string, kind: LinearProblem['kind'], n: number, m: number): Workload => {
  const problem = linearProblem(kind, n, m), inputs: readonly Numbers[] = [{ data: problem.a, shape: [n, n] }, { data: problem.b, shape: [n, m] }];
  const f = fn([f32([n, n]), f32([n, m])], functions[kind], { name: kind, args: ['a', 'b'] });
  const hand: Lane = { subject: 'hand', backend: 'js', threads: 1, start: () => {
    const x = new Float32Array(kind === 'cholesky' ? n * n : n * m), run = handLinear(problem);
    return local({ run: () => run(x), results: () => { run(x); return { x }; } });
  } };
  return { name, tolerance: 1e-4, note: rates(operations(problem)), reference: () => meaning(f, inputs), lanes: [...fluxionLanes(functionLane(f, inputs)), hand] };
};
