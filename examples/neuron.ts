/** Backpropagation by hand on one neuron, beside the gradient that fluxion derives, printed as maths. */
import { fileURLToPath } from 'node:url';
import { add, f64, fn, grad, jit, mul, orThrow, sigmoid, square, sub, type Tensor } from 'fluxion';
import { math } from 'fluxion/inspect';

type Number = Tensor<[], 'f64'>;
interface Neuron { readonly w: Number; readonly b: Number }

/** how far σ(w·x + b) is from the target */
const lossOf = ({ w, b }: Neuron, x: Number, target: Number): Number => square(sub(sigmoid(add(mul(w, x), b)), target));
export const gradient = fn([{ w: f64(), b: f64() }, f64(), f64()], (neuron, x, target) => grad(lossOf)(neuron, x, target), { name: 'gradient', args: ['neuron', 'x', 'target'] });

/** the chain rule, written out: dL/dy · dy/dz · dz/dw and dz/db */
export const byHand = (w: number, b: number, x: number, target: number): { readonly w: number; readonly b: number } => {
  const z = w * x + b, y = 1 / (1 + Math.exp(-z));
  const dz = 2 * (y - target) * y * (1 - y);
  return { w: dz * x, b: dz };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const derived = jit(gradient)({ w: 0.5, b: -0.25 }, 1.5, 1), hand = byHand(0.5, -0.25, 1.5, 1);
  console.log(orThrow(math(gradient)));
  console.log(`dL/dw: ${derived.w.item()}, by hand ${hand.w}\ndL/db: ${derived.b.item()}, by hand ${hand.b}`);
}
