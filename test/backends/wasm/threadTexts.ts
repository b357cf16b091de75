/** Everything that is shared in some way: loops by units with rests, nested ones, what a kernel does beside them, steps that are decided. */
export const ways = `program ways (n <= 40)
buffer x: f32[40, 3] input
buffer w: f32[4] input
buffer y: f32[40, 3] output
buffer total: f32[1] output
buffer pairs: f32[40, 40] output
buffer z: f32[40] output
buffer sum: f32[1] output
buffer steps: i32[1] output
buffer go: bool[1] temporary
buffer which: i32[1] temporary

kernel clear(z: write f32[40], y: write f32[120], pairs: write f32[1600], go: write bool[1], steps: write i32[1], total: write f32[1]) {
  for i < 40 grid(7) { store z[i] = 0.0 }
  for i < 120 grid(1) { store y[i] = 0.0 }
  for i < 1600 grid(100) { store pairs[i] = 0.0 }
  store go[0] = true
  store steps[0] = 0
  store total[0] = 0.0
}

// all threads need the table and the registers, each for itself; the total grows once
kernel shares(x: read f32[120], w: read f32[4], y: write f32[120], total: update f32[1], pairs: write f32[1600]) {
  let bias = w[0] + w[1]
  alloc scratch table: f32[4]
  alloc register twice: f32[4]
  for j < 4 { store table[j] = w[j] * 2.0 }
  for j < 4 unroll { store twice[j] = w[j] + bias }
  fold add into total[0] with bias
  for i < %n grid(3) { for j < 3 { store y[3*i + j] = x[3*i + j] * table[j] + twice[1] } }
  for a < %n grid { for b < %n grid(5) { store pairs[40*a + b] = x[3*a] * x[3*b] + bias } }
}

// the sum needs all of the loop before it, and a first number that the loop then changes
kernel apart(x: read f32[120], z: update f32[40], sum: write f32[1]) {
  let before = z[0]
  alloc register all: f32[1]
  for i < %n grid { store z[i] = z[i] + x[3*i + 1] }
  store all[0] = before
  for i < %n { fold add into all[0] with z[i] }
  store sum[0] = all[0]
}

// before it, in the same blocks, with no barrier between
kernel nudge(x: read f32[120], z: update f32[40]) {
  for i < %n grid { store z[i] = z[i] + x[3*i + 2] }
}

kernel more(w: read f32[4], z: update f32[40]) {
  for i < %n grid(2) { store z[i] = z[i] * w[2] + index(t):f32 }
}
kernel count(steps: update i32[1], go: write bool[1], which: write i32[1]) {
  let next = steps[0] + 1
  store steps[0] = next
  store go[0] = lt(next, 9)
  store which[0] = next - 8
}
kernel doubled(z: update f32[40]) {
  for i < %n grid(4) { store z[i] = z[i] * 2.0 }
}

steps {
  run clear(z, y, pairs, go, steps, total)
  barrier
  run shares(x, w, y, total, pairs)
  run nudge(x, z)
  run apart(x, z, sum)
  barrier
  loop t < 20 while go {
    run more(w, z)
    run count(steps, go, which)
    barrier
  }
  branch on which { case { run doubled(z) run doubled(z) } case { run count(steps, go, which) run doubled(z) } case { run shares(x, w, y, total, pairs) } }
  barrier
}`;

/** the last thread's share reads far beyond the memory, or, where all is 0, its own elements */
export const astray = `program astray
buffer x: i32[8] input
buffer y: i32[8] output
kernel k(x: read i32[8], y: write i32[8]) {
  for i < 8 grid(1) {
    let far = x[i]
    store y[i] = x[500000000*data(far, 0..1)]
  }
}
steps { run k(x, y) }`;

/** as much work as is wanted: every element goes through as many rounds */
export const rounds = (elements: number, times: number): string => `program rounds
buffer x: f32[${elements}] input
buffer y: f32[${elements}] output
kernel k(x: read f32[${elements}], y: write f32[${elements}]) {
  for i < ${elements} grid(1) {
    alloc register v: f32[1]
    store v[0] = x[i]
    for r < ${times} { store v[0] = v[0] * 0.5 + 1.0 }
    store y[i] = v[0]
  }
}
steps { run k(x, y) }`;

/** so many meetings for so little work between them that threads only hinder each other */
export const meetings = `program meetings
buffer x: f32[64] state
buffer y: f32[64] output = x
kernel k(x: update f32[64]) { for i < 64 grid(1) { store x[i] = x[i] * 0.5 + 1.0 } }
steps { loop t < 5000 { run k(x) barrier } barrier }`;

/** A layer of doubles and its sums, before any loop pass: rows and columns of which vectors and tiles leave some over. */
export const doubles = `program doubles
buffer x: f64[37, 21] input
buffer w: f64[21, 19] input
buffer y: f64[37, 19] output
buffer sums: f64[37] output

kernel layer(x: read f64[777], w: read f64[399], y: write f64[703]) {
  contract m(i < 37) n(j < 19) k(p < 21) c = x[21*i + p] * w[19*p + j] { store y[19*i + j] = tanh(c) }
}

kernel rows(y: read f64[703], sums: write f64[37]) {
  for i < 37 {
    alloc register s: f64[1]
    store s[0] = 0:f64
    for j < 19 { fold add into s[0] with exp(y[19*i + j]) }
    store sums[i] = s[0]
  }
}

steps {
  run layer(x, w, y)
  run rows(y, sums)
}
`;
