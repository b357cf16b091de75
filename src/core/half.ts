/*
 * Numbers of 16 bits: binary16 (IEEE 754-2019, §3.6), with 11 significant bits and exponents −14 … 15, and the upper half of a
 * binary32, with 8 significant bits. Both round to the nearest, to the even one of two.
 */
const real = new Float32Array(1), word = new Uint32Array(real.buffer);
const wordOf = (x: number): number => { real[0] = x; return word[0]; };
const realOf = (bits: number): number => { word[0] = bits; return real[0]; };

/** what the bits of a binary16 stand for */
export const fromF16 = (bits: number): number => {
  const exponent = (bits >> 10) & 31, fraction = bits & 1023, sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
};
/** the bits of the binary16 next to an f32 */
export const toF16 = (x: number): number => {
  const bits = wordOf(x), sign = (bits >>> 16) & 0x8000, size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // from half way between the largest number and the next power of two on
  if (size >= 0x477ff000) return sign | 0x7c00;
  // below the normal numbers the last place is 2⁻²⁴, as it is of an f32 in [½, 1)
  if (size < 0x38800000) return sign | (wordOf(realOf(size) + 0.5) - 0x3f000000);
  return sign | ((size + 0xfff + ((size >>> 13) & 1) - 0x38000000) >>> 13);
};
/** what the upper half of an f32 stands for */
export const fromBF16 = (bits: number): number => realOf(bits << 16);
/** the upper half of the f32 that has one and is next to the given one */
export const toBF16 = (x: number): number => {
  const bits = wordOf(x);
  return (bits & 0x7fffffff) > 0x7f800000 ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
};
