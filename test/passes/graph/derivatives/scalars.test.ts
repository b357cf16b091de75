import { describe, expect, it } from 'vitest';
import type { Node } from '../../../../src/ir/graph/syntax.ts';
import { isScalarName, scalarRow, scalars, type CustomScalar, type ScalarName } from '../../../../src/ir/scalars.ts';
import { partials } from '../../../../src/passes/graph/derivatives/scalars.ts';
import { checkTwice, differentiated, f64, run, spread, type Kind, type Sample } from './laws.ts';

const names = Object.keys(scalars).filter(isScalarName);
const smooth = names.filter((fn) => partials[fn] !== 'zero' && fn !== 'convert' && fn !== 'select');
const takesFloats = (fn: ScalarName): boolean => ['float', 'number', 'any'].includes(scalarRow(fn).takes);
/** a float from the function's result, whatever its dtype */
const applied = (fn: ScalarName): Sample['body'] => (b, ...xs) => [b.convert(b.map(fn, xs), 'f64')];
const operands = (fn: ScalarName, n: number): Sample => {
  const { arity, domain: [lo, hi] } = scalarRow(fn);
  const each = Array.from({ length: arity }, (_, i) => spread(n, lo + 0.05 * (hi - lo), hi - 0.05 * (hi - lo), 0.13 * i));
  return { types: each.map(() => f64(n)), at: each, body: applied(fn) };
};
/** the derivatives of a function of scalars, given its operands and the seeds */
const derivative = (fn: ScalarName, kinds: readonly Kind[], ...values: readonly number[]): readonly number[] => {
  const at = values.map((x) => [x]);
  return run(differentiated({ types: Array.from({ length: scalarRow(fn).arity }, () => f64()), at, body: applied(fn) }, kinds), at).flat();
};
const gradient = (fn: ScalarName, ...xs: readonly number[]): readonly number[] => derivative(fn, ['vjp'], ...xs, 1);

describe('partial derivatives', () => {
  it.each(smooth)('%s: differences, transposition, second derivatives', (fn) => checkTwice(operands(fn, 7)));

  it('select: differences, transposition, second derivatives', () => {
    const body: Sample['body'] = (b, x, y) => [b.map('mul', [x, b.map('select', [b.map('lt', [x, y]), b.map('mul', [x, y]), y])])];
    checkTwice({ types: [f64(5), f64(5)], at: [spread(5), spread(5, -1, 1, 0.2)], body });
  });
  it('convert: between float dtypes, at the precision of the narrower', () => {
    const f = differentiated({ types: [f64(2)], at: [], body: (b, x) => [b.map('sin', [b.convert(x, 'f32')])] }, ['vjp']);
    const [[first, second]] = run(f, [[0.5, 2], [1, 3]]);
    expect(first).toBeCloseTo(Math.cos(0.5), 6);
    expect(second).toBeCloseTo(3 * Math.cos(2), 6);
  });
  it.each(names.filter((fn) => partials[fn] === 'zero' && takesFloats(fn)))('%s: zero', (fn) => {
    const xs = Array.from({ length: scalarRow(fn).arity }, (_, i) => 1.3 + i);
    expect(gradient(fn, ...xs)).toEqual(xs.map(() => 0));
    expect(derivative(fn, ['jvp'], ...xs, ...xs)).toEqual([0]);
  });
  it('has a row for every scalar function', () => expect(Object.keys(partials).sort()).toEqual([...names].sort()));
});

describe('ties and edges, by hand', () => {
  it('max gives a tie to the second operand, so that the slope of max(x, 0) at 0 is 0', () => {
    expect(gradient('max', 0, 0)).toEqual([0, 1]);
    expect(gradient('max', 2, 1)).toEqual([1, 0]);
    expect(gradient('max', 1, 2)).toEqual([0, 1]);
    expect(derivative('max', ['jvp'], 0, 0, 5, 0)).toEqual([0]);
  });
  it('min gives a tie to the second operand', () => {
    expect(gradient('min', 3, 3)).toEqual([0, 1]);
    expect(gradient('min', 2, 1)).toEqual([0, 1]);
    expect(gradient('min', 1, 2)).toEqual([1, 0]);
  });
  it('abs has slope 0 at 0', () => {
    expect(gradient('abs', 0)).toEqual([0]);
    expect(gradient('abs', -3)).toEqual([-1]);
  });
  it('the zero side of max passes no infinite cotangent on as NaN', () => expect(derivative('max', ['vjp'], -1, 0, Infinity)).toEqual([0, Infinity]));

  // d/dx x² = 2x, d/dx x³ = 3x², d/dx x^0.5 = ∞ at 0; d/dz 0^z = 0 for z > 0
  it.each([[2, 0], [3, 0], [1, 1], [0, 0], [0.5, Infinity]])('0^%d has slope %d in its base', (z, slope) =>
    expect(gradient('pow', 0, z)).toEqual([slope, 0]));
  it('x^0 has slope 0 in its base and log x in its exponent', () => {
    expect(gradient('pow', 2, 0)).toEqual([0, Math.LN2]);
    expect(gradient('pow', -2, 3)[0]).toBe(12);
  });
  it('0^−1 falls without bound in its exponent', () => expect(gradient('pow', 0, -1)).toEqual([-Infinity, -Infinity]));
  // x^z: ∂²/∂x² = z(z−1)x^(z−2), ∂²/∂x∂z = x^(z−1)(1 + z log x)
  it.each([[0, 2, 2], [0, 1, 0], [0, 3, 0], [0, 0, 0], [2, 0, 0]])('%d^%d has second derivative %d in its base', (x, z, second) =>
    expect(derivative('pow', ['vjp', 'jvp'], x, z, 1, 1, 0, 0)[0]).toBe(second));
  it('the mixed second derivative of x^z at z = 0 is 1/x', () => expect(derivative('pow', ['vjp', 'jvp'], 4, 0, 1, 0, 1, 0)[0]).toBe(0.25));
  // 7.5 rem 2 = 1.5 = 7.5 − 3·2; −7.5 rem 2 = −1.5 = −7.5 + 3·2
  it('rem has slope −trunc(x/z) in its divisor', () => {
    expect(gradient('rem', 7.5, 2)).toEqual([1, -3]);
    expect(gradient('rem', -7.5, 2)).toEqual([1, 3]);
  });
  // ∂/∂y = x/(x² + y²), ∂/∂x = −y/(x² + y²)
  it.each([[0, 1, 1, -0], [0, -2, -0.5, -0], [3, 4, 4 / 25, -3 / 25], [4, -3, -3 / 25, -4 / 25], [-1, -1, -0.5, 0.5], [1, 0, 0, -1], [1e200, 1e200, 5e-201, -5e-201], [1e-200, 0, 0, -1e200], [Infinity, 1, 0, -0]])('the angle of y = %d, x = %d has slopes %d and %d', (y, x, overY, overX) => {
    const [gotY, gotX] = gradient('atan2', y, x);
    expect(Math.abs(gotY - overY)).toBeLessThanOrEqual(1e-15 * Math.abs(overY));
    expect(Math.abs(gotX - overX)).toBeLessThanOrEqual(1e-15 * Math.abs(overX));
  });
  it.each([[1, 2], [2, -1], [-3, 1], [-1, -2], [2, 2], [0.5, -7]])('the angle of y = %d, x = %d in any quadrant: differences, transposition, second derivatives', (y, x) =>
    checkTwice({ types: [f64(), f64()], at: [[y], [x]], body: (b, p, q) => [b.map('atan2', [p, q])] }));
  it('saturated functions are flat, not NaN', () => {
    expect(gradient('logistic', 1000)).toEqual([0]);
    expect(gradient('logistic', -1000)).toEqual([0]);
    expect(gradient('tanh', 1000)).toEqual([0]);
    expect(gradient('erf', 1000)).toEqual([0]);
  });
});

const swish = {
  custom: 'swish', arity: 1, domain: [-4, 4], spell: {}, evaluate: (x) => x / (1 + Math.exp(-x)),
  expand: (apply, x) => apply('mul', x, apply('logistic', x)),
} as const satisfies CustomScalar;
const hypotenuse = {
  custom: 'hypotenuse', arity: 2, domain: [0.5, 4], spell: {}, evaluate: (x, y) => Math.sqrt(x * x + y * y),
  expand: (apply, x, y) => apply('sqrt', apply('add', apply('mul', x, x), apply('mul', y, y))),
} as const satisfies CustomScalar;
const withPartials = { ...hypotenuse, partials: <N>(apply: Parameters<typeof hypotenuse.expand<N>>[0], r: N, x: N, y: N): readonly N[] => [apply('div', x, r), apply('div', y, r)] } satisfies CustomScalar;

describe("a user's scalar function", () => {
  it('is differentiated through its expansion', () =>
    checkTwice({ types: [f64(5)], at: [spread(5, -2, 2)], body: (b, x) => [b.map(swish, [x])] }));
  it('of two operands, expanded', () =>
    checkTwice({ types: [f64(4), f64(4)], at: [spread(4, 1, 3), spread(4, 1, 3, 0.4)], body: (b, x, y) => [b.map(hypotenuse, [x, y])] }));
  it('of two operands, with partials', () =>
    checkTwice({ types: [f64(4), f64(4)], at: [spread(4, 1, 3), spread(4, 1, 3, 0.4)], body: (b, x, y) => [b.map(withPartials, [x, y])] }));
  it('keeps the operands apart where they are one value', () => {
    // |x|·√2 has slope √2
    const f = differentiated({ types: [f64()], at: [], body: (b, x) => [b.map(hypotenuse, [x, x])] }, ['vjp']);
    expect(run(f, [[3], [1]])[0][0]).toBeCloseTo(Math.SQRT2, 14);
  });
  it('keeps only its result and operands as residuals where partials are given', () => {
    const f = differentiated({ types: [f64(2), f64(2)], at: [], body: (b, x, y) => [b.map(withPartials, [x, y])] }, ['vjp']);
    const used = new Set<string>();
    const visit = (node: Node): void => { if (node.op === 'map') used.add(typeof node.attrs.fn === 'string' ? node.attrs.fn : node.attrs.fn.custom); node.inputs.forEach(visit); };
    f.module.graphs.get(f.module.main)?.results.forEach(visit);
    expect([...used].sort()).toEqual(['div', 'hypotenuse', 'mul']);
  });
});
