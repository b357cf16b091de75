import { jsTarget } from '../../../src/backends/js/js.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { planMemory } from '../../../src/passes/loop/planMemory.ts';

/** one kernel over x (f32), k (i32) and u (u32), each as read by its body, which stores y (f32), w (i32), q (u32) or t (bool) */
const kernel = (body: string) => (): Program => planMemory(parsed(parseProgram(`program loops (n <= 9)
buffer x: f32[90] input
buffer k: i32[90] input
buffer u: u32[90] input
buffer b: bool[90] input
buffer y: f32[90] output
buffer w: i32[90] output
buffer q: u32[90] output
buffer t: bool[90] output
kernel k(x: read f32[90], k: read i32[90], u: read u32[90], b: read bool[90], y: write f32[90], w: write i32[90], q: write u32[90], t: write bool[90]) {
${body}
}
steps {
  run k(x, k, u, b, y, w, q, t)
}
`)), jsTarget);

/** Small kernels in which each way to write an index, a value or a statement stands. */
export const loops: { readonly [name: string]: () => Program } = {
  /** one axis, several, shared and shifted ones, downwards, from sizes and from data */
  indices: kernel(`
  store y[0] = x[0]
  store y[%n] = x[2*%n + 3]
  store y[2*%n - 1] = 1.0
  for i < %n {
    store y[i] = x[i + 3]
    store y[9*i] = x[9*i - 4 + 9]
    store y[80 - i] = x[80 - 2*i]
    for j < 2*%n + 1 {
      store y[9*i + j] = x[9*i + j + 1]
      store y[9*j + i] = x[%n + i + j]
      store y[j] = x[j + 1] + x[2*j]
      let at = k[j]
      store y[9*i + data(at, 0..4)] = x[data(at, -3..8) + 9*j]
      store y[data(at, 0..4) + data(at, 0..4)] = x[3*data(at, 0..4) - j]
    }
    let kept = max(min(k[i], 7), 2)
    store w[data(kept, 0..8)] = k[data(kept, 3..7)]
    store w[data(kept, 2..7)] = k[data(kept, 2..6)]
  }`),
  /** by powers of two and by others, of what may be negative and of what may not */
  quotients: kernel(`
  for i < 20 {
    for j < 5 {
      store y[floorDiv(i, 4)] = x[mod(i, 4)]
      store y[floorDiv(i + j, 3)] = x[mod(i + j, 3)]
      store y[floorDiv(i - j, 3) + 2] = x[mod(i - j, 3)]
      store y[floorDiv(i - 2*j, 8) + 2] = x[mod(i - 2*j, 8)]
      store y[7*floorDiv(i, 5) + j] = x[i + 3*mod(j, 2)]
      store y[floorDiv(%n, 2)] = x[mod(%n, 5)]
    }
  }`),
  guards: kernel(`
  for i < 10 {
    store y[i] = (x[i - 1] if i >= 1 else 0.5)
    store y[i] = x[i] if i >= 1 && i <= 7
    store y[i] = (x[i + 1] if i == %n else x[i] + x[i])
    store t[i] = guard(i >= 2)
    store t[i] = not(guard(i == 2))
    if guard(i <= 3) {
      store y[i] = 1.0
    } else {
      store y[i] = 2.0
      store y[i + 1] = 3.0
    }
    if and(guard(i <= 3), b[i]) {
      store y[i] = 1.0
    }
  }`),
  /** numbers that need parentheses; what is rounded before it jumps, and what is exact already */
  values: kernel(`
  for i < 10 {
    store y[i] = x[i] - -2.0
    store y[i] = x[i] * -0.0 + nan
    store y[i] = min(inf, max(x[i], -inf))
    store w[i] = k[i] - -3
    store w[i] = index(2*i + 1):i32
    store q[i] = index(i):u32
    store y[i] = index(i - 3):f32
    store y[i] = floor(x[i] + x[i])
    store y[i] = floor(x[i])
    store y[i] = floor(max(x[i], 0.0))
    store y[i] = floor(max(x[i], 0.1))
    store y[i] = floor(convert:f32(k[i]))
    store y[i] = sign(neg(x[i] * x[i]))
    store y[i] = round(select(b[i], x[i], 1.5))
    store y[i] = round(select(b[i], x[i] / x[i], 1.5))
    let v = x[i] * x[i]
    let e = x[i]
    store t[i] = lt(v, e)
    store t[i] = ge(e, 0.5)
    store y[i] = erf(x[i])
    store y[i] = select(lt(v, x[i]), v, e)
    store y[i] = select(eq(k[i], 2), v, e)
    store y[i] = select(ne(u[i], u[i + 1]), v, e)
    store y[i] = select(and(b[i], gt(v, 0.0)), v, e)
    store y[i] = select(or(b[i], not(le(v, 0.0))), v, e)
    store y[i] = select(xor(b[i], b[i + 1]), v, e)
    store y[i] = select(ne(and(k[i], 6), 0), v, e)
    store y[i] = select(not(b[i]), v, e)
  }`),
  conversions: kernel(`
  for i < 10 {
    store y[i] = convert:f32(k[i])
    store y[i] = convert:f32(u[i])
    store y[i] = convert:f32(b[i])
    store w[i] = convert:i32(x[i] + x[i])
    store w[i] = convert:i32(u[i])
    store w[i] = convert:i32(b[i])
    store q[i] = convert:u32(x[i])
    store q[i] = convert:u32(k[i])
    store q[i] = convert:u32(b[i])
    store t[i] = convert:bool(x[i] * x[i])
    store t[i] = convert:bool(k[i])
    store t[i] = convert:bool(u[i])
    store y[i] = convert:f32(convert:f64(x[i] * 0.5))
    store w[i] = convert:i32(convert:f64(u[i]))
  }`),
  /** what stands twice has a name; integers wrap */
  wrapping: kernel(`
  for i < 10 {
    let a = k[i]
    store w[i] = a / 3
    store w[i] = k[i] / k[i + 1]
    store w[i] = rem(k[i], a)
    store q[i] = rem(u[i], u[i + 1])
    store w[i] = shiftLeft(k[i], 2)
    store q[i] = shiftRightLogical(u[i], shiftLeft(u[i], u[i + 1]))
    store w[i] = neg(k[i] * a + k[i] - 1)
    store q[i] = u[i] * u[i] - u[i]
    store w[i] = not(xor(k[i], or(a, 1)))
    store q[i] = and(u[i], not(u[i]))
  }`),
  /** registers hold doubles, scratch too where something is folded into it; states of several numbers have a scope */
  memory: kernel(`
  alloc register acc: f32[2]
  alloc register tops: f32[1, 2]
  alloc register where: i32[1]
  alloc scratch row: f32[3, 4]
  alloc scratch sums: f32[4]
  alloc scratch counts: i32[4]
  store acc[0] = 0.0
  for i < 3 {
    for j < 4 {
      store row[i, j] = x[4*i + j]
      store row[2 - i, j] = row[i, 3 - j]
      store counts[j] = k[j]
      fold add into sums[j] with row[i, j]
      fold add into counts[j] with k[j]
      fold add into acc[0] with x[i] * x[j]
      fold mul into acc[1] with x[j] - 1.0
      fold argMax into tops[0, 0], where[0] with x[i] * x[j], index(4*i + j):i32
      fold argMin into tops[0, 1], where[0] with x[j], k[j]
      fold maxExpSum into tops[0, 0], tops[0, 1] with x[j]
      fold maxExpSum into tops[0, 0], tops[0, 1] with x[j], x[i]
    }
    let low = floor(row[0, i])
    let high = floor(sums[i])
    store y[i] = low + high + floor(acc[0])
  }
  block {
    store y[3] = acc[1]
  }
  if gt(acc[0], 0.0) {
    for i < 2 {
      fold max into acc[1] with acc[0]
    }
  } else {
    for i < 2 {
      fold min into acc[0] with acc[1]
    }
  }`),
};
