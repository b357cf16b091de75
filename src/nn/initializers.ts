import { add, full, isSpoiled, mul, normal, origin, sameShape, spoil, uniform, type Dyn, type F32, type Key, type Origin } from '../index.ts';
import { showShape } from './layer.ts';
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
/** numbers that must be so for an initialiser to be one; otherwise what it draws is spoiled, with the place where it was written */
const checked = (holds: boolean, message: string, made: Initializer): Initializer => {
  const at = origin(), wrong = mistake('initializer', message);
  return holds ? made : { ...made, draw: (_, shape) => spoil([full([...shape], 0)], wrong, at) };
};
/** Uniform between two bounds, ±0.05 by default. Bounds that are not finite and in order are FX6206. */
export const randomUniform = ({ low = -0.05, high = 0.05 }: { readonly low?: number; readonly high?: number } = {}): Initializer =>
  checked(low < high && Number.isFinite(high - low), `randomUniform: ${low} to ${high} is not a range`, initializer('uniform', (k, shape) => uniform(k, [...shape], { low, high })));
/** Normal, by default of mean 0 and deviation 0.05. A deviation below 0, or no finite number, is FX6206. */
export const randomNormal = ({ mean = 0, deviation = 0.05 }: { readonly mean?: number; readonly deviation?: number } = {}): Initializer =>
  checked(Number.isFinite(mean) && deviation >= 0 && deviation < Infinity, `randomNormal: a mean of ${mean} and a deviation of ${deviation} make no distribution`,
    initializer('normal', (k, shape) => { const drawn = mul(normal(k, [...shape]), deviation); return mean === 0 ? drawn : add(drawn, mean); }));
/** One number everywhere. @example dense(10, { biasInit: constantly(0.1) }) */
export const constantly = (value: number): Initializer => initializer(value === 0 ? 'zeros' : value === 1 ? 'ones' : `constantly(${value})`, (_, shape) => full([...shape], value));

/** The initialisers that have a name. */
export const initializers = {
  glorotUniform: glorotUniform(), glorotNormal: glorotNormal(), heUniform: heUniform(), heNormal: heNormal(), lecunUniform: lecunUniform(), lecunNormal: lecunNormal(),
  uniform: randomUniform(), normal: randomNormal(), zeros: constantly(0), ones: constantly(1),
} as const satisfies Record<string, Initializer>;
export type InitializerName = keyof typeof initializers;

const isName = (x: string): x is InitializerName => Object.hasOwn(initializers, x);
/** the first values of a parameter of a layer written at a place; an unknown name, and other values than wanted, are FX6206 */
export const drawFrom = (layer: string, how: Initializer | InitializerName, key: Key, shape: readonly number[], at: Origin): F32<Dyn> => {
  const name: string = typeof how === 'object' ? how.name : how, known = typeof how === 'object' ? how : isName(how) ? initializers[how] : undefined;
  const drawn: F32<Dyn> = known?.draw(key, shape) ?? full([...shape], 0);
  if (known === undefined) return spoil([drawn], mistake('initializer', `${layer}: no initialiser is called '${name}'`, { hint: `the names are ${Object.keys(initializers).join(', ')}` }), at);
  if (isSpoiled(drawn) || (drawn.dtype === 'f32' && sameShape(drawn.shape, shape))) return drawn;
  return spoil([full([...shape], 0)], mistake('initializer', `${layer}: the initialiser '${name}' gives ${drawn.dtype} ${showShape(drawn.shape)}, but f32 ${showShape(shape)} is wanted`), at);
};
