import { add, f32, fn, matmul, maximum, mul, sub, tanh, type Dyn, type F32 } from 'fluxion';
import { compileLane, fluxionLanes, meaning, type Numbers } from '../fluxion.ts';
import type { Workload } from '../measure.ts';
import { rowsProblem } from '../problems.ts';
import { perThousand } from '../report.ts';

type X = F32<Dyn>;
/** what is repeated, and of how many operations it is made */
const forms = {
  chain: { size: 4, of: (h: X, w: X, b: X): X => maximum(sub(add(mul(h, w), b), h), w) },
  layers: { size: 3, of: (h: X, w: X, b: X): X => tanh(add(matmul(h, w), b)) },
} as const;
const width = 8;

/** How long graphs of about so many operations take from expressions to a program: elementwise ones in a chain, or layers of a network. */
export const compileCurveWorkload = (name: string, form: keyof typeof forms, nodes: number): Workload => {
  const { size, of } = forms[form], repeats = Math.ceil(nodes / size), { x, gain } = rowsProblem('gelu', 2 * width, width);
  const square = [width, width], [h, w] = [0, 1].map((i): Numbers => ({ data: x.slice(i * width * width, (i + 1) * width * width).map((v) => v / 8), shape: square })), inputs = [h, w, { data: gain, shape: [width] }];
  const f = () => fn([f32([...square]), f32([...square]), f32([width])], (first, weights, bias) => {
    let y: X = first;
    for (let i = 0; i < repeats; i++) y = of(y, weights, bias);
    return { y };
  }, { name: form, args: ['h', 'w', 'b'] });
  return {
    name, tolerance: 1e-4, reference: () => meaning(f(), inputs), note: perThousand(repeats * size),
    lanes: fluxionLanes(compileLane(f, inputs)).filter((lane) => lane.backend === 'wasm' && lane.threads === 1),
  };
};
