import type { Programs } from './programs.ts';

/** Loops over rows, in doubles: modules whose last graph is differentiated. */
export const scans: Programs = {
  'a carry and rows': `
graph run(c: f64[], x: f64[]) { %0 = mul(c, x) %1 = sin(c) return %0, %1 }
graph main(c: f64[], x: f64[3]) { %0 = scan run(c, x) carries 1 slices 1 length 3 return %0[0], %0[1] }`,
  'several carries, rows and shared values, whole numbers among them, backwards': `
graph run(k: i32[], a: f64[2], t: bool[2], b: f64[], i: i32[], x: f64[2], y: f64[], j: i32[], w: f64[2], v: f64[]) {
  %0 = add(k, i) %1: f64[] = convert(%0) %2: f64[2] = broadcastInDim(b) dims [] %3 = mul(a, x) %4 = add(%3, %2) %5 = mul(%4, w)
  %6 = not(t) %7 = select(t, %5, x) %8 = mul(b, y) %9 = add(%8, v) %10 = mul(%9, %1) %11 = mul(j, k)
  return %0, %5, %6, %9, %11, %7, %10
}
graph main(k: i32[], a: f64[2], t: bool[2], b: f64[], i: i32[3], x: f64[3, 2], y: f64[3], j: i32[], w: f64[2], v: f64[]) {
  %0 = scan run(k, a, t, b, i, x, y, j, w, v) carries 4 slices 3 length 3 reverse
  %1: f64[3] = convert(%0[4]) %2 = mul(%1, %0[6])
  return %0[1], %0[0], %0[3], %0[4], %0[5], %2
}`,
  'one of the stacked results, and no carry': `
graph run(a: f64[], b: f64[], x: f64[], y: f64[]) { %0 = mul(a, x) %1 = add(b, %0) %2 = mul(%1, y) %3 = sin(%0) %4 = cos(y) return %0, %1, %4, %2, %3 }
graph main(a: f64[], b: f64[], x: f64[3], y: f64[3]) { %0 = scan run(a, b, x, y) carries 2 slices 2 length 3 return %0[3] }`,
  'the second of two carries': `
graph run(a: f64[], b: f64[], x: f64[2], w: f64[2], v: f64[]) { %0 = mul(x, w) %1 = reduce add(%0) axes [0] %2 = mul(a, %1) %3 = mul(b, %2) %4 = add(%3, v) return %2, %4 }
graph main(a: f64[], b: f64[], x: f64[3, 2], w: f64[2], v: f64[]) { %0 = scan run(a, b, x, w, v) carries 2 slices 1 length 3 return %0[1] }`,
  'operands that do not change: the first carry, the second rows, the first shared value': `
graph run(a: f64[], b: f64[], x: f64[], y: f64[], w: f64[], v: f64[]) { %0 = mul(a, w) %1 = mul(b, x) %2 = mul(%1, v) %3 = add(%2, y) %4 = mul(%3, %0) return %0, %4, %3 }
graph main(b: f64[], x: f64[3], i: i32[3], v: f64[]) {
  %0: f64[] = constant 2 %1: f64[3] = convert(i) %2: f64[] = constant 1.5
  %3 = scan run(%0, b, x, %1, %2, v) carries 2 slices 2 length 3 return %3[1], %3[2]
}`,
  'operands that do not change: the second carry, the first rows, the second shared value': `
graph run(a: f64[], b: f64[], x: f64[], y: f64[], w: f64[], v: f64[]) { %0 = mul(a, w) %1 = mul(b, x) %2 = mul(%1, v) %3 = add(%0, y) %4 = mul(%3, %2) return %4, %2, %3 }
graph main(a: f64[], y: f64[3], i: i32[3], w: f64[]) {
  %0: f64[] = constant 2 %1: f64[3] = convert(i) %2: f64[] = constant 1.5
  %3 = scan run(a, %0, %1, y, w, %2) carries 2 slices 2 length 3 return %3[0], %3[2]
}`,
  'a shared value alone changes': `
graph run(k: i32[], a: f64[], i: i32[], w: f64[]) { %0: f64[] = convert(i) %1 = mul(a, w) %2 = add(%1, %0) %3 = add(k, i) return %3, %2 }
graph main(k: i32[], i: i32[3], w: f64[]) { %0: f64[] = constant 1 %1 = scan run(k, %0, i, w) carries 2 slices 1 length 3 return %1[1], %1[0] }`,
  'a value that some results do not depend on': `
graph run(c: f64[], x: f64[], y: f64[], w: f64[]) { %0 = mul(c, x) %1: f64[] = constant 3 return %0, %1, y }
graph main(c: f64[], x: f64[2], y: f64[2], w: f64[]) { %0 = scan run(c, x, y, w) carries 1 slices 2 length 2 return %0[0], %0[1], %0[2] }`,
  'a loop that nothing changes keeps nothing': `
graph run(c: f64[], y: f64[]) { %0 = mul(c, y) %1 = add(%0, c) return %0, %1 }
graph main(x: f64[3], i: i32[3]) { %0: f64[] = constant 1 %1: f64[3] = convert(i) %2 = scan run(%0, %1) carries 1 slices 1 length 3 %3 = mul(x, %2[1]) return %3 }`,
  'one value as carry and as shared, one row twice': `
graph run(a: f64[], b: f64[], x: f64[], y: f64[], w: f64[]) { %0 = mul(a, x) %1 = mul(b, y) %2 = add(%1, w) return %0, %2 }
graph main(a: f64[], x: f64[3]) { %0 = scan run(a, a, x, x, a) carries 2 slices 2 length 3 return %0[0], %0[1] }`,
  'no carries': `
graph run(x: f64[2], w: f64[2]) { %0 = mul(x, w) %1 = sin(%0) %2 = reduce add(%0) axes [0] return %1, %2 }
graph main(x: f64[3, 2], w: f64[2]) { %0 = scan run(x, w) carries 0 slices 1 length 3 return %0[0], %0[1] }`,
  'no rows': `
graph run(c: f64[], w: f64[]) { %0 = mul(c, w) %1 = sin(%0) return %1 }
graph main(c: f64[], w: f64[]) { %0 = scan run(c, w) carries 1 slices 0 length 3 return %0 }`,
  'no runs': `
graph run(c: f64[], x: f64[], w: f64[]) { %0 = mul(c, x) %1 = mul(%0, w) return %1, %0 }
graph main(c: f64[], x: f64[0], w: f64[]) { %0 = scan run(c, x, w) carries 1 slices 1 length 0 return %0[0], %0[1] }`,
  'contractions kept, some of them results': `
graph scaled(x: f64[2], w: f64[2]) { %0 = dotGeneral(x, w) contract [0] [0] %1: f64[2] = broadcastInDim(%0) dims [] %2 = mul(%1, x) return %2, %0 }
graph run(h: f64[2], s: f64[], x: f64[3], u: f64[2, 2], w: f64[3, 2], v: f64[2]) {
  %0 = dotGeneral(h, u) contract [0] [0] %1 = dotGeneral(x, w) contract [0] [0] %2 = add(%0, %1) %3 = sin(%2)
  %4 = composite scaled(%3, v) body scaled %5 = mul(s, %4[1]) %6 = dotGeneral(h, %3) contract [0] [0]
  return %4[0], %6, %1, %5, %6
}
graph main(h: f64[2], s: f64[], x: f64[2, 3], u: f64[2, 2], w: f64[3, 2], v: f64[2]) {
  %0 = scan run(h, s, x, u, w, v) carries 2 slices 1 length 2 reverse save contractions return %0[0], %0[3], %0[4]
}`,
  'contractions kept, but for those in a composite with a derivative of its own': `
graph sines(x: f64[2], w: f64[2, 2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = sin(%0) return %1 }
graph back(x: f64[2], w: f64[2, 2], y: f64[2], d: f64[2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = cos(%0) %2 = mul(d, %1) %3 = dotGeneral(w, %2) contract [1] [0] %4 = dotGeneral(x, %2) contract [] [] return %3, %4 }
graph forth(x: f64[2], w: f64[2, 2], dx: f64[2], dw: f64[2, 2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = sin(%0) %2 = cos(%0) %3 = dotGeneral(dx, w) contract [0] [0] %4 = dotGeneral(x, dw) contract [0] [0] %5 = add(%3, %4) %6 = mul(%5, %2) return %1, %6 }
graph run(h: f64[2], x: f64[2], w: f64[2, 2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = add(h, %0) %2 = composite sines(%1, w) body sines vjp back jvp forth return %2 }
graph main(h: f64[2], x: f64[2, 2], w: f64[2, 2]) { %0 = scan run(h, x, w) carries 1 slices 1 length 2 save contractions return %0 }`,
  'a loop in a loop': `
graph inner(c: f64[], x: f64[], w: f64[]) { %0 = mul(c, w) %1 = add(%0, x) return %1, %0 }
graph outer(c: f64[], x: f64[2], w: f64[]) { %0 = scan inner(c, x, w) carries 1 slices 1 length 2 reverse %1 = sin(%0[0]) return %1, %0[1] }
graph main(c: f64[], x: f64[3, 2], w: f64[]) { %0 = scan outer(c, x, w) carries 1 slices 1 length 3 return %0[0], %0[1] }`,
  'a choice in a loop': `
graph grown(c: f64[], x: f64[]) { %0 = mul(c, x) return %0 }
graph waved(c: f64[], x: f64[]) { %0 = sin(c) %1 = add(%0, x) return %1 }
graph run(c: f64[], x: f64[], i: i32[]) { %0 = case(i, c, x) branches [grown, waved] return %0, c }
graph main(c: f64[], x: f64[3], i: i32[3]) { %0 = scan run(c, x, i) carries 1 slices 2 length 3 return %0[0], %0[1] }`,
};

const three = `
graph left(k: i32[], x: f64[2], y: f64[], z: f64[2]) { %0 = mul(x, z) %1 = add(k, 1) %2 = sin(y) return %0, %1, %2 }
graph right(k: i32[], x: f64[2], y: f64[], z: f64[2]) { %0: f64[2] = broadcastInDim(y) dims [] %1 = mul(%0, %0) %2 = reduce add(z) axes [0] return %1, k, %2 }
graph none(k: i32[], x: f64[2], y: f64[], z: f64[2]) { %0: f64[] = constant 4 return z, k, %0 }`;
/** Choices between graphs. */
export const choices: Programs = {
  'one of three, whole numbers among operands and results': `${three}
graph main(i: i32[], k: i32[], x: f64[2], y: f64[], z: f64[2]) { %0 = case(i, k, x, y, z) branches [left, right, none] return %0[0], %0[1], %0[2] }`,
  'the last of the results': `${three}
graph main(i: i32[], k: i32[], x: f64[2], y: f64[], z: f64[2]) { %0 = case(i, k, x, y, z) branches [right, left, none] return %0[2] }`,
  'the first of the results, where one operand changes': `${three}
graph main(i: i32[], k: i32[], z: f64[2]) { %0: f64[2] = constant [2, 3] %1: f64[] = constant 5 %2 = case(i, k, %0, %1, z) branches [left, none] return %2[0] }`,
  'two operands change, one between them does not': `${three}
graph main(i: i32[], k: i32[], x: f64[2], z: f64[2]) { %0: f64[] = constant 5 %1 = case(i, k, x, %0, z) branches [right, none, left] return %1[0], %1[2] }`,
  'one value twice': `${three}
graph main(i: i32[], x: f64[2], y: f64[]) { %0 = case(i, i, x, y, x) branches [left, right] return %0[0], %0[2] }`,
  'whole numbers alone have no derivative': `
graph left(x: f64[2]) { %0: i32[2] = convert(x) return %0 }
graph right(x: f64[2]) { %0: i32[2] = constant 3 return %0 }
graph main(i: i32[], x: f64[2]) { %0 = case(i, x) branches [left, right] %1: f64[2] = convert(%0) %2 = mul(%1, x) return %2 }`,
  'a choice in a choice': `
graph low(x: f64[]) { %0 = sin(x) return %0 }
graph high(x: f64[]) { %0 = mul(x, x) return %0 }
graph both(i: i32[], x: f64[], y: f64[]) { %0 = case(i, x) branches [low, high] %1 = mul(%0, y) return %1 }
graph neither(i: i32[], x: f64[], y: f64[]) { return y }
graph main(i: i32[], x: f64[], y: f64[]) { %0 = case(i, i, x, y) branches [neither, both] return %0 }`,
  'a loop in a choice': `
graph run(c: f64[], x: f64[]) { %0 = mul(c, x) return %0 }
graph along(c: f64[], x: f64[3]) { %0 = scan run(c, x) carries 1 slices 1 length 3 return %0 }
graph away(c: f64[], x: f64[3]) { %0 = reduce add(x) axes [0] %1 = mul(c, %0) return %1 }
graph main(i: i32[], c: f64[], x: f64[3]) { %0 = case(i, c, x) branches [along, away] return %0 }`,
};

/** Loops that run as long as a test holds: there is a forward mode alone. */
export const whiles: Programs = {
  'carries and shared values, whole numbers among them': `
graph goes(a: f64[2], k: i32[], b: f64[], n: i32[], w: f64[2], v: f64[]) { %0 = lt(k, n) return %0 }
graph step(a: f64[2], k: i32[], b: f64[], n: i32[], w: f64[2], v: f64[]) { %0 = mul(a, w) %1 = add(k, 1) %2: f64[] = convert(k) %3 = mul(b, v) %4 = add(%3, %2) %5: f64[2] = broadcastInDim(b) dims [] %6 = add(%0, %5) return %6, %1, %4 }
graph main(a: f64[2], b: f64[], w: f64[2], v: f64[]) { %0: i32[] = constant 0 %1: i32[] = constant 3 %2 = while goes step(a, %0, b, %1, w, v) carries 3 return %2[0], %2[1], %2[2] }`,
  'the second shared value changes': `
graph goes(k: i32[], a: f64[], w: f64[], v: f64[]) { %0 = lt(k, 3) return %0 }
graph step(k: i32[], a: f64[], w: f64[], v: f64[]) { %0 = mul(a, v) %1 = add(%0, w) %2 = add(k, 1) return %2, %1 }
graph main(v: f64[]) { %0: i32[] = constant 0 %1: f64[] = constant 2 %2: f64[] = constant 0.5 %3 = while goes step(%0, %1, %2, v) carries 2 return %3[1] }`,
  'the first shared value changes, and the result is read': `
graph goes(a: f64[], k: i32[], w: f64[], v: f64[]) { %0 = lt(k, 3) return %0 }
graph step(a: f64[], k: i32[], w: f64[], v: f64[]) { %0 = mul(a, w) %1 = add(%0, v) %2 = add(k, 1) return %1, %2 }
graph main(w: f64[]) { %0: i32[] = constant 0 %1: f64[] = constant 2 %2: f64[] = constant 0.5 %3 = while goes step(%1, %0, w, %2) carries 2 %4 = sin(%3[0]) return %4 }`,
  'the second carry changes': `
graph goes(a: f64[], b: f64[], w: f64[], v: f64[]) { %0 = lt(a, w) return %0 }
graph step(a: f64[], b: f64[], w: f64[], v: f64[]) { %0 = add(a, 1) %1 = mul(b, v) %2 = add(%1, a) return %0, %2 }
graph main(b: f64[]) { %0: f64[] = constant 0 %1: f64[] = constant 2.5 %2: f64[] = constant 0.5 %3 = while goes step(%0, b, %1, %2) carries 2 return %3[1], %3[0] }`,
  'one that never runs': `
graph goes(a: f64[]) { %0: bool[] = constant 0 return %0 }
graph step(a: f64[]) { %0 = mul(a, a) return %0 }
graph main(a: f64[]) { %0 = while goes step(a) carries 1 return %0 }`,
};
