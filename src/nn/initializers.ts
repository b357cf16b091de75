import { add, full, mul, normal, spoil, uniform, type Dyn, type F32, type Key } from '../index.ts';
import { mistake } from './mistake.ts';

/** How the first values of a parameter are drawn from a key, for a shape. */
export interface Initializer { readonly kind: 'initializer'; readonly name: string; readonly draw: (key: Key, shape: readonly number[]) => F32<Dyn> }

/** An initialiser of one's own. @example initializer('tiny', (key, shape) => mul(normal(key, shape), 1e-3)) */
export const initializer = (name: string, draw: Initializer['draw']): Initializer => ({ kind: 'initializer', name, draw });

/**
 * How many inputs reach one output, and outputs one input. The last two sizes of a kernel are its channels in and out;
 * those before them are a window, each place of which is a connection.
 */
export const fansOf = (shape: readonly number[]): { readonly in: number; readonly out: number } => {
  if (shape.length < 2) return { in: shape[0] ?? 1, out: shape[0] ?? 1 };
  const window = shape.slice(0, -2).reduce((n, d) => n * d, 1);
  return { in: window * shape[shape.length - 2], out: window * shape[shape.length - 1] };
};

type Variance = (fans: { readonly in: number; readonly out: number }) => number;
const gaussian = (name: string, variance: Variance): Initializer => initializer(name, (k, shape) => mul(normal(k, [...shape]), Math.sqrt(variance(fansOf(shape)))));
/** a uniform distribution between ±√(3 v) has the variance v */
const even = (name: string, variance: Variance): Initializer => initializer(name, (k, shape) => {
  const limit = Math.sqrt(3 * variance(fansOf(shape)));
  return uniform(k, [...shape], { low: -limit, high: limit });
});
const glorot: Variance = (fans) => 2 / Math.max(1, fans.in + fans.out), he: Variance = (fans) => 2 / Math.max(1, fans.in), lecun: Variance = (fans) => 1 / Math.max(1, fans.in);

/** Uniform, of variance 2 / (inputs + outputs) (Glorot and Bengio 2010): what `dense` takes unless told otherwise. */
export const glorotUniform = (): Initializer => even('glorotUniform', glorot);
/** Normal, of variance 2 / (inputs + outputs) (Glorot and Bengio 2010). */
export const glorotNormal = (): Initializer => gaussian('glorotNormal', glorot);
/** Uniform, of variance 2 / inputs (He et al. 2015): for relu. */
export const heUniform = (): Initializer => even('heUniform', he);
/** Normal, of variance 2 / inputs (He et al. 2015): for relu. */
export const heNormal = (): Initializer => gaussian('heNormal', he);
/** Uniform, of variance 1 / inputs (LeCun et al. 1998): for selu and tanh. */
export const lecunUniform = (): Initializer => even('lecunUniform', lecun);
/** Normal, of variance 1 / inputs (LeCun et al. 1998): for selu and tanh. */
export const lecunNormal = (): Initializer => gaussian('lecunNormal', lecun);
/** Uniform between two bounds, ±0.05 by default. */
export const randomUniform = ({ low = -0.05, high = 0.05 }: { readonly low?: number; readonly high?: number } = {}): Initializer =>
  initializer('uniform', (k, shape) => uniform(k, [...shape], { low, high }));
/** Normal, by default of mean 0 and deviation 0.05. */
export const randomNormal = ({ mean = 0, deviation = 0.05 }: { readonly mean?: number; readonly deviation?: number } = {}): Initializer =>
  initializer('normal', (k, shape) => { const drawn = mul(normal(k, [...shape]), deviation); return mean === 0 ? drawn : add(drawn, mean); });
/** One number everywhere. */
export const constantly = (value: number): Initializer => initializer(value === 0 ? 'zeros' : value === 1 ? 'ones' : `constantly(${value})`, (_, shape) => full([...shape], value));

/** The initialisers that have a name. */
export const initializers = {
  glorotUniform: glorotUniform(), glorotNormal: glorotNormal(), heUniform: heUniform(), heNormal: heNormal(), lecunUniform: lecunUniform(), lecunNormal: lecunNormal(),
  uniform: randomUniform(), normal: randomNormal(), zeros: constantly(0), ones: constantly(1),
} as const satisfies Record<string, Initializer>;
export type InitializerName = keyof typeof initializers;

const isName = (x: string): x is InitializerName => Object.hasOwn(initializers, x);
/** the first values of a parameter; an unknown name is FX6206 */
export const drawFrom = (layer: string, how: Initializer | InitializerName, key: Key, shape: readonly number[]): F32<Dyn> => {
  if (typeof how === 'object') return how.draw(key, shape);
  const name: string = how;
  if (isName(name)) return initializers[name].draw(key, shape);
  return spoil([full([...shape], 0)], mistake('initializer', `${layer}: no initialiser is called '${name}'`, { hint: `the names are ${Object.keys(initializers).join(', ')}` }));
};
