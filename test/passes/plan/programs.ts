/** A small program for planner and loop passes: a graph as it comes to the planner. */
export interface PlanProgram {
  /** the body of the module's one graph, from its parameters on */
  readonly graph: string;
  /** parameters whose memory results may take over */
  readonly donated?: readonly number[];
  /** real sizes of the bounded dimensions */
  readonly sizes?: Readonly<Record<string, number>>;
}

/** One kernel or a few each, so that a reader can hold the whole text in mind. */
export const programs: { readonly [name: string]: PlanProgram } = {
  // ── parts in place
  /** two rows change places: both are computed before either is written */
  partsInPlace: { donated: [0], graph: `(p: f32[4, 3], i: i32[], j: i32[], k: i32[], x: f32[1, 3]) {
    %0: f32[1, 3] = dynamicSlice(p, i, k) sizes [1, 3]
    %1: f32[1, 3] = dynamicSlice(p, j, k) sizes [1, 3]
    %2: f32[1, 3] = mul(%1, x)
    %3: f32[4, 3] = dynamicUpdateSlice(p, %0, j, k)
    %4: f32[4, 3] = dynamicUpdateSlice(%3, %2, i, k)
    return %4
  }` },
  // ── rows
  softmax: { graph: `(x: f32[3, 5]) {
    %0: f32[3] = reduce max(x) axes [1]
    %1: f32[3, 5] = broadcastInDim(%0) dims [0]
    %2: f32[3, 5] = sub(x, %1)
    %3: f32[3, 5] = exp(%2)
    %4: f32[3] = reduce add(%3) axes [1]
    %5: f32[3, 5] = broadcastInDim(%4) dims [0]
    %6: f32[3, 5] = div(%3, %5)
    return %6
  }` },
  layerNorm: { graph: `(x: f32[3, 4], gain: f32[4], bias: f32[4]) {
    %0: f32[3] = reduce add(x) axes [1]
    %1: f32[3] = mul(%0, 0.25)
    %2: f32[3, 4] = broadcastInDim(%1) dims [0]
    %3: f32[3, 4] = sub(x, %2)
    %4: f32[3, 4] = mul(%3, %3)
    %5: f32[3] = reduce add(%4) axes [1]
    %6: f32[3] = mul(%5, 0.25)
    %7: f32[3] = add(%6, 0.00001)
    %8: f32[3] = rsqrt(%7)
    %9: f32[3, 4] = broadcastInDim(%8) dims [0]
    %10: f32[3, 4] = mul(%3, %9)
    %11: f32[3, 4] = broadcastInDim(gain) dims [1]
    %12: f32[3, 4] = mul(%10, %11)
    %13: f32[3, 4] = broadcastInDim(bias) dims [1]
    %14: f32[3, 4] = add(%12, %13)
    return %14
  }` },
  crossEntropy: { graph: `(z: f32[4, 3], y: i32[4]) {
    %0: f32[4] = reduce max(z) axes [1]
    %1: f32[4, 3] = broadcastInDim(%0) dims [0]
    %2: f32[4, 3] = sub(z, %1)
    %3: f32[4, 3] = exp(%2)
    %4: f32[4] = reduce add(%3) axes [1]
    %5: i32[4, 3] = broadcastInDim(y) dims [0]
    %6: i32[4, 3] = iota axis 1
    %7: bool[4, 3] = eq(%5, %6)
    %8: f32[4, 3] = select(%7, %2, 0)
    %9: f32[4] = reduce add(%8) axes [1]
    %10: f32[4] = log(%4)
    %11: f32[4] = sub(%10, %9)
    %12: f32[] = reduce add(%11) axes [0]
    %13: f32[] = mul(%12, 0.25)
    %14: f32[4, 3] = broadcastInDim(%4) dims [0]
    %15: f32[4, 3] = div(%3, %14)
    %16: f32[4, 3] = convert(%7)
    %17: f32[4, 3] = sub(%15, %16)
    %18: f32[4, 3] = mul(%17, 0.25)
    return %13, %18
  }` },
  rowsAndColumns: { graph: `(x: f32[3, 4]) {
    %0: f32[3] = reduce add(x) axes [1]
    %1: f32[4] = reduce max(x) axes [0]
    %2: f32[] = reduce mul(x) axes [0, 1]
    %3: f32[4] = exp(%1)
    %4: f32[3] = tanh(%0)
    return %4, %3, %2
  }` },
  acrossRows: { graph: `(x: f32[2, 2, 3]) {
    %0: f32[2] = reduce add(x) axes [1, 2]
    %1: f32[2, 3] = reduce max(x) axes [0]
    %2: f32[2, 3] = exp(%1)
    return %0, %2
  }` },
  batchNorm: { graph: `(x: f32[4, 3]) {
    %0: f32[3] = reduce add(x) axes [0]
    %1: f32[3] = mul(%0, 0.25)
    %2: f32[4, 3] = broadcastInDim(%1) dims [1]
    %3: f32[4, 3] = sub(x, %2)
    %4: f32[4, 3] = mul(%3, %3)
    %5: f32[3] = reduce add(%4) axes [0]
    %6: f32[3] = add(%5, 0.001)
    %7: f32[3] = rsqrt(%6)
    %8: f32[4, 3] = broadcastInDim(%7) dims [1]
    %9: f32[4, 3] = mul(%3, %8)
    return %9, %1
  }` },
  argMax: { graph: `(x: f32[3, 4]) {
    %0: i32[3] = reduce argMax(x) axes [1]
    %1: f32[3] = reduce max(x) axes [1]
    %2: i32[] = reduce argMin(x) axes [0, 1]
    %3: i32[4] = reduce argMin(x) axes [0]
    %4: i32[] = reduce argMax(x) axes [1, 0]
    return %0, %1, %2, %3, %4
  }` },
  middleAxis: { graph: `(x: f32[2, 3, 4]) {
    %0: f32[2, 4] = reduce add(x) axes [1]
    %1: f32[2, 3, 4] = broadcastInDim(%0) dims [0, 2]
    %2: f32[2, 3, 4] = div(x, %1)
    %3: f32[3, 2, 4] = transpose(%2) perm [1, 0, 2]
    %4: f32[3, 2, 4] = exp(%3)
    return %4
  }` },
  integers: { graph: `(i: i32[2, 3], u: u32[2, 3], b: bool[2, 3]) {
    %0: i32[2] = reduce max(i) axes [1]
    %1: u32[2] = reduce min(u) axes [1]
    %2: bool[2] = reduce and(b) axes [1]
    %3: bool[2] = reduce or(b) axes [1]
    %4: i32[2] = convert(%3)
    %5: i32[2] = add(%0, %4)
    %6: u32[2, 3] = shiftRightLogical(u, 3)
    %7: u32[2, 3] = xor(u, %6)
    return %5, %1, %2, %7
  }` },

  // ── contractions
  dense: { graph: `(x: f32[4, 5], w: f32[5, 3], b: f32[3]) {
    %0: f32[4, 3] = dotGeneral(x, w) contract [1] [0]
    %1: f32[4, 3] = broadcastInDim(b) dims [1]
    %2: f32[4, 3] = add(%0, %1)
    %3: f32[4, 3] = max(%2, 0)
    return %3
  }` },
  twoLayers: { graph: `(x: f32[4, 6], w: f32[6, 2], v: f32[2, 2]) {
    %0: f32[4, 2] = dotGeneral(x, w) contract [1] [0]
    %1: f32[4, 2] = tanh(%0)
    %2: f32[4, 2] = dotGeneral(%1, v) contract [1] [0]
    %3: f32[2] = reduce add(%2) axes [0]
    return %3, %1
  }` },
  gradientStep: { donated: [2, 3], graph: `(x: f32[4, 6], d: f32[4, 2], w: f32[6, 2], b: f32[2]) {
    %0: f32[6, 2] = dotGeneral(x, d) contract [0] [0]
    %1: f32[6, 2] = mul(%0, 0.1)
    %2: f32[6, 2] = sub(w, %1)
    %3: f32[2] = reduce add(d) axes [0]
    %4: f32[2] = mul(%3, 0.1)
    %5: f32[2] = sub(b, %4)
    return %2, %5
  }` },
  attention: { graph: `(q: f32[2, 2, 4], k: f32[2, 4, 4], v: f32[2, 4, 4]) {
    %0: f32[2, 2, 4] = dotGeneral(q, k) batch [0] [0] contract [2] [2]
    %1: f32[2, 2, 4] = mul(%0, 0.5)
    %2: f32[2, 2] = reduce max(%1) axes [2]
    %3: f32[2, 2, 4] = broadcastInDim(%2) dims [0, 1]
    %4: f32[2, 2, 4] = sub(%1, %3)
    %5: f32[2, 2, 4] = exp(%4)
    %6: f32[2, 2] = reduce add(%5) axes [2]
    %7: f32[2, 2, 4] = broadcastInDim(%6) dims [0, 1]
    %8: f32[2, 2, 4] = div(%5, %7)
    %9: f32[2, 2, 4] = dotGeneral(%8, v) batch [0] [0] contract [2] [1]
    return %9
  }` },
  attentionBlocks: { graph: `(q: f32[2, 5, 2], k: f32[2, 6, 2], v: f32[2, 6, 2]) {
    %0: f32[2, 5, 6] = dotGeneral(q, k) batch [0] [0] contract [2] [2]
    %1: f32[2, 5, 6] = mul(%0, 0.5)
    %2: f32[2, 5] = reduce max(%1) axes [2]
    %3: f32[2, 5, 6] = broadcastInDim(%2) dims [0, 1]
    %4: f32[2, 5, 6] = sub(%1, %3)
    %5: f32[2, 5, 6] = exp(%4)
    %6: f32[2, 5] = reduce add(%5) axes [2]
    %7: f32[2, 5, 2] = dotGeneral(%5, v) batch [0] [0] contract [2] [1]
    %8: f32[2, 5, 2] = broadcastInDim(%6) dims [0, 1]
    %9: f32[2, 5, 2] = div(%7, %8)
    return %9
  }` },
  attentionBackward: { graph: `(q: f32[n<=5, 2], k: f32[6, 2], v: f32[6, 2], ct: f32[n<=5, 2]) {
    %0: f32[n<=5, 6] = dotGeneral(q, k) contract [1] [1]
    %1: f32[n<=5] = reduce max(%0) axes [1]
    %2: f32[n<=5, 6] = broadcastInDim(%1) dims [0]
    %3: f32[n<=5, 6] = sub(%0, %2)
    %4: f32[n<=5, 6] = exp(%3)
    %5: f32[n<=5] = reduce add(%4) axes [1]
    %6: f32[n<=5, 6] = broadcastInDim(%5) dims [0]
    %7: f32[n<=5, 6] = div(%4, %6)
    %8: f32[n<=5, 6] = dotGeneral(ct, v) contract [1] [1]
    %9: f32[n<=5, 6] = mul(%7, %8)
    %10: f32[n<=5] = reduce add(%9) axes [1]
    %11: f32[n<=5, 6] = broadcastInDim(%10) dims [0]
    %12: f32[n<=5, 6] = sub(%8, %11)
    %13: f32[n<=5, 6] = mul(%7, %12)
    %14: f32[n<=5, 2] = dotGeneral(%13, k) contract [1] [0]
    %15: f32[6, 2] = dotGeneral(%13, q) contract [0] [0]
    %16: f32[6, 2] = dotGeneral(%7, ct) contract [0] [0]
    %17: f32[6, 2] = mul(%15, 0.5)
    return %14, %17, %16
  }`, sizes: { n: 4 } },
  severalAxes: { graph: `(x: f32[2, 3, 4], w: f32[3, 4, 5]) {
    %0: f32[2, 5] = dotGeneral(x, w) contract [1, 2] [0, 1]
    return %0
  }` },
  patches: { graph: `(x: f32[6], w: f32[3]) {
    %0: f32[8] = pad(x, 0) low [1] high [1]
    %1: f32[6] = slice(%0) [0..6]
    %2: f32[6] = slice(%0) [1..7]
    %3: f32[6] = slice(%0) [2..8]
    %4: f32[1, 6] = reshape(%1)
    %5: f32[1, 6] = reshape(%2)
    %6: f32[1, 6] = reshape(%3)
    %7: f32[3, 6] = concatenate(%4, %5, %6) axis 0
    %8: f32[6] = dotGeneral(w, %7) contract [0] [0]
    return %8
  }` },
  vectors: { graph: `(a: f32[4], b: f32[4], m: f32[2, 4]) {
    %0: f32[] = dotGeneral(a, b) contract [0] [0]
    %1: f32[] = sqrt(%0)
    %2: f32[4, 4] = dotGeneral(a, b) contract [] []
    %3: f32[2] = dotGeneral(m, a) contract [1] [0]
    return %1, %2, %3
  }` },
  boundedBatch: { sizes: { batch: 3 }, graph: `(x: f32[batch<=5, 4], w: f32[4, 2], y: f32[batch<=5, 2]) {
    %0: f32[batch<=5, 2] = dotGeneral(x, w) contract [1] [0]
    %1: f32[batch<=5, 2] = sub(%0, y)
    %2: f32[batch<=5, 2] = mul(%1, %1)
    %3: f32[] = reduce add(%2) axes [0, 1]
    %4: i32[] = getDimensionSize(x) axis 0
    %5: f32[] = convert(%4)
    %6: f32[] = div(%3, %5)
    %7: f32[4, 2] = dotGeneral(x, %1) contract [0] [0]
    return %6, %7
  }` },

  // ── views
  views: { graph: `(x: f32[3, 4], r: f32[4]) {
    %0: f32[4, 3] = transpose(x) perm [1, 0]
    %1: f32[2, 2] = slice(x) [1..3, 0..4 by 2]
    %2: f32[3, 4] = reverse(x) axes [0, 1]
    %3: f32[2, 6] = reshape(x)
    %4: f32[7, 6] = pad(x, -1) low [1, 0] high [1, 2] interior [1, 0]
    %5: f32[2, 4] = broadcastInDim(r) dims [1]
    %6: f32[5, 4] = concatenate(x, %5) axis 0
    return %0, %1, %2, %3, %4, %6
  }` },
  viewsOfViews: { graph: `(x: f32[4, 6], y: f32[20]) {
    %0: f32[5, 6] = pad(x, 0) low [2, 0] high [-1, 0]
    %1: f32[5, 4] = slice(%0) [0..5, 1..5]
    %2: f32[4, 5] = transpose(%1) perm [1, 0]
    %3: f32[4, 5] = reverse(%2) axes [1]
    %4: f32[20] = reshape(%3)
    %5: f32[20] = add(%4, y)
    return %5
  }` },
  windowSums: { graph: `(x: f32[3, 4]) {
    %0: f32[3, 7] = pad(x, 0) low [0, 1] high [0, 2]
    %1: f32[3, 6] = slice(%0) [0..3, 0..6]
    %2: f32[3, 2, 3] = reshape(%1)
    %3: f32[3, 2] = reduce max(%2) axes [2]
    return %3
  }` },
  mergedAxes: { graph: `(x: f32[2, 3, 4], y: f32[6, 4]) {
    %0: f32[6, 4] = reshape(x)
    %1: f32[6, 4] = mul(%0, y)
    %2: f32[6] = reduce add(%1) axes [1]
    %3: f32[2, 3] = reshape(%2)
    %4: f32[2, 3] = exp(%3)
    return %4
  }` },
  pieces: { graph: `(a: f32[2, 3], b: f32[2, 2], c: f32[2, 1]) {
    %0: f32[2, 3] = exp(a)
    %1: f32[2, 6] = concatenate(%0, b, c) axis 1
    %2: f32[2, 6] = mul(%1, 2)
    %3: f32[2, 6] = tanh(%2)
    return %3
  }` },

  overlapping: { graph: `(x: f32[3], y: f32[4], z: f32[3]) {
    %0: f32[2] = slice(x) [0..2]
    %1: f32[6] = concatenate(%0, y) axis 0
    %2: f32[6] = concatenate(x, z) axis 0
    %3: f32[6] = mul(%1, %2)
    return %3
  }` },

  bordered: { graph: `(x: f32[2, 4, 3], w: f32[3, 3, 5]) {
    %0: f32[2, 4, 3] = exp(x)
    %1: f32[2, 7, 3] = pad(%0, 0) low [0, 1, 0] high [0, 2, 0]
    %2: f32[2, 5, 3, 3] = window(%1) axis 1 size 3
    %3: f32[2, 5, 5] = dotGeneral(%2, w) contract [2, 3] [0, 1]
    %4: f32[2, 3] = reduce add(%0) axes [1]
    return %3, %4
  }` },
  // ── rows picked and spread by index
  embedding: { graph: `(table: f32[5, 3], at: i32[2, 2]) {
    %0: f32[2, 2, 3] = gather(table, at)
    %1: f32[2, 3] = reduce add(%0) axes [1]
    return %1
  }` },
  embeddingGradient: { graph: `(at: i32[4], d: f32[4, 3], far: u32[2], e: f32[2, 3]) {
    %0: f32[5, 3] = constant 0
    %1: f32[4, 3] = tanh(d)
    %2: f32[5, 3] = scatter add(%0, at, %1)
    %3: f32[5, 3] = mul(%2, %2)
    %4: f32[5, 3] = scatter max(%3, far, e)
    return %4
  }` },
  oneHot: { graph: `(y: i32[4], w: f32[4]) {
    %0: i32[4, 3] = broadcastInDim(y) dims [0]
    %1: i32[4, 3] = iota axis 1
    %2: bool[4, 3] = eq(%0, %1)
    %3: f32[4, 3] = broadcastInDim(w) dims [0]
    %4: f32[4, 3] = select(%2, %3, 0)
    return %4
  }` },

  // ── memory
  momentum: { donated: [0, 1], graph: `(w: f32[2, 3], m: f32[2, 3], g: f32[2, 3]) {
    %0: f32[2, 3] = mul(m, 0.9)
    %1: f32[2, 3] = add(%0, g)
    %2: f32[2, 3] = mul(%1, 0.1)
    %3: f32[2, 3] = sub(w, %2)
    return %3, %1
  }` },
  swapped: { donated: [0, 1], graph: `(a: f32[3], b: f32[3]) {
    return b, a
  }` },
  readElsewhere: { donated: [0, 1], graph: `(a: f32[2, 2], b: f32[2, 2]) {
    %0: f32[2, 2] = transpose(a) perm [1, 0]
    %1: f32[2, 2] = exp(%0)
    %2: f32[2] = reduce add(b) axes [1]
    %3: f32[2, 2] = broadcastInDim(%2) dims [0]
    %4: f32[2, 2] = div(b, %3)
    return %1, %4
  }` },
  // the loops read what the number is written over
  numberOverNumber: { donated: [0], graph: `(p: f32[], q: f32[], x: f32[3]) {
    %0: f32[] = exp(q)
    %1: f32[3] = broadcastInDim(%0) dims []
    %2: f32[3] = broadcastInDim(p) dims []
    %3: f32[3] = mul(x, %1)
    %4: f32[3] = mul(%3, %2)
    return %0, %4
  }` },
  // the second sweep computes the first result again, from what it would have been written over
  computedAgain: { donated: [1], graph: `(x: f32[3, 4], p: f32[3, 4]) {
    %0: f32[3, 4] = exp(p)
    %1: f32[3] = reduce add(x) axes [1]
    %2: f32[3, 4] = broadcastInDim(%1) dims [0]
    %3: f32[3, 4] = mul(%0, %2)
    %4: f32[3, 4] = mul(%3, x)
    return %0, %4
  }` },
  ownResults: { graph: `(x: f32[2, 2], n: f32[]) {
    %0: f32[2, 2] = exp(x)
    %1: f32[2, 2] = constant 3
    %2: f32[2] = constant [0.5, 2]
    return %0, %0, x, n, %1, %2
  }` },
  temporaries: { graph: `(x: f32[2, 2], v: f32[2, 2]) {
    %0: f32[2, 2] = dotGeneral(x, v) contract [1] [0]
    %1: f32[2, 2] = dotGeneral(%0, v) contract [1] [0]
    %2: f32[2, 2] = dotGeneral(%1, v) contract [1] [0]
    return %2
  }` },

  // ── small and empty
  ones: { graph: `(x: f32[1, 3], y: f32[3, 1]) {
    %0: f32[1, 1] = dotGeneral(x, y) contract [1] [0]
    %1: f32[1] = reduce add(x) axes [1]
    %2: f32[1, 3] = broadcastInDim(%1) dims [0]
    %3: f32[1, 3] = sub(x, %2)
    return %0, %3
  }` },
  empty: { graph: `(x: f32[0, 3], w: f32[3, 2]) {
    %0: f32[0] = reduce add(x) axes [1]
    %1: f32[3] = reduce max(x) axes [0]
    %2: f32[0, 2] = dotGeneral(x, w) contract [1] [0]
    %3: f32[3, 2] = dotGeneral(x, %2) contract [0] [0]
    %4: f32[3, 0] = reshape(x)
    return %0, %1, %3, %4
  }` },
  emptyIntegers: { graph: `(i: i32[0], u: u32[0, 2], at: i32[2], d: f32[2], none: f32[0], b: bool[0]) {
    %0: i32[] = reduce max(i) axes [0]
    %1: u32[2] = reduce max(u) axes [0]
    %2: u32[] = reduce min(u) axes [0, 1]
    %3: f32[0] = scatter add(none, at, d)
    %4: bool[] = reduce max(b) axes [0]
    %5: bool[] = reduce min(b) axes [0]
    return %0, %1, %2, %3, %4, %5
  }` },
  oneElement: { graph: `(x: f32[1], at: i32[2], d: f32[2]) {
    %0: f32[1] = scatter add(x, at, d)
    return %0
  }` },
  numbers: { graph: `(a: f32[], b: f32[], x: f32[3]) {
    %0: f32[] = exp(a)
    %1: f32[] = mul(%0, b)
    %2: f32[3] = broadcastInDim(%1) dims []
    %3: f32[3] = div(x, %2)
    return %3, %1
  }` },

  // ── where kernels end
  apart: { graph: `(x: f32[3, 3], y: f32[2]) {
    %0: f32[3, 3] = exp(x)
    %1: f32[3, 3] = transpose(%0) perm [1, 0]
    %2: f32[3, 3] = mul(%0, %1)
    %3: f32[] = reduce add(%2) axes [0, 1]
    %4: f32[2] = broadcastInDim(%3) dims []
    %5: f32[2] = sub(y, %4)
    return %2, %5
  }` },
  recomputed: { graph: `(x: f32[4, 4]) {
    %0: f32[4, 4] = exp(x)
    %1: f32[4, 4] = sin(%0)
    %2: f32[4] = reduce add(%1) axes [1]
    %3: f32[4, 4] = transpose(%1) perm [1, 0]
    %4: f32[4, 4] = mul(%3, 2)
    return %2, %4
  }` },
  manyInputs: { graph: `(a: f32[2], b: f32[2], c: f32[2], d: f32[2], e: f32[2], f: f32[2], g: f32[2], h: f32[2]) {
    %0: f32[2] = mul(a, b)
    %1: f32[2] = mul(c, d)
    %2: f32[2] = mul(e, f)
    %3: f32[2] = mul(g, h)
    %4: f32[2] = add(%0, %1)
    %5: f32[2] = add(%2, %3)
    %6: f32[2] = sub(%4, %5)
    return %6
  }` },
};
