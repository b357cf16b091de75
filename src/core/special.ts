/**
 * The error function in double precision.
 * Taylor series near zero, the continued fraction of erfc (Abramowitz and Stegun 7.1.14) further out.
 */
export const erf = (x: number): number => {
  if (Number.isNaN(x)) return NaN;
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  return a < 1.25 ? series(x) : Math.sign(x) * (1 - tail(a));
};

/** 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n+1)), nested from the smallest term */
const series = (x: number): number => {
  let sum = 0;
  for (let n = 30; n >= 0; n--) sum = 1 / (2 * n + 1) - ((x * x) / (n + 1)) * sum;
  return (2 / Math.sqrt(Math.PI)) * x * sum;
};

const tail = (a: number): number => {
  let fraction = 0;
  for (let n = 120; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction));
};
