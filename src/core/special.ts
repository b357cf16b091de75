/**
 * The error function in double precision.
 * Taylor series near zero, the continued fraction of erfc (Abramowitz and Stegun 7.1.14) further out.
 */
export const erf = (x: number): number => {
  if (Number.isNaN(x)) return NaN;
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  return a < 2.5 ? series(x) : Math.sign(x) * (1 - tail(a));
};

/** 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n+1)), summed as e^{−x²} Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!! to avoid cancellation */
const series = (x: number): number => {
  let term = x, sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
};

const tail = (a: number): number => {
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction));
};
