type Programs = { readonly [name: string]: { readonly of: string; readonly main: string } };

/** Graphs that hold loops and choices, mapped over examples along first axes: `f`, the last of the graphs, and what maps it. */
export const mappedLoops: Programs = {
  'a loop over rows: some carries, rows and shared values are each example\'s own': {
    of: `
graph run(c: f32[2], d: f32[], x: f32[2], y: f32[], w: f32[2], v: f32[]) { %0 = mul(c, x) %1 = add(%0, w) %2 = mul(d, y) %3 = add(%2, v) return %1, %3, y, %0 }
graph f(c: f32[2], d: f32[], x: f32[4, 2], y: f32[4], w: f32[2], v: f32[]) { %0 = scan run(c, d, x, y, w, v) carries 2 slices 2 length 4 reverse save contractions return %0[1], %0[0], %0[2], %0[3] }`,
    main: '(c: f32[3, 2], d: f32[], x: f32[3, 4, 2], y: f32[4], w: f32[2], v: f32[3]) { %0 = transform vmap f(c, d, x, y, w, v) axes [0, none, 0, none, none, 0] return %0[0], %0[1], %0[2], %0[3] }',
  },
  'a loop over rows: the others': {
    of: `
graph run(c: f32[], d: f32[2], x: f32[], y: f32[2, 3], w: f32[2, 3], v: f32[]) { %0 = mul(y, w) %1 = reduce add(%0) axes [1] %2 = add(d, %1) %3 = mul(c, x) %4 = add(%3, v) return %4, %2, %0, %1 }
graph f(c: f32[], d: f32[2], x: f32[4], y: f32[4, 2, 3], w: f32[2, 3], v: f32[]) { %0 = scan run(c, d, x, y, w, v) carries 2 slices 2 length 4 return %0[0], %0[1], %0[2], %0[3] }`,
    main: '(c: f32[], d: f32[3, 2], x: f32[4], y: f32[3, 4, 2, 3], w: f32[3, 2, 3], v: f32[]) { %0 = transform vmap f(c, d, x, y, w, v) axes [none, 0, none, 0, 0, none] return %0[0], %0[1], %0[2], %0[3] }',
  },
  'a loop over rows that begins with a number': {
    of: `
graph run(c: f32[], x: f32[]) { %0 = add(c, x) return %0 }
graph f(x: f32[4]) { %0: f32[] = constant 0 %1 = scan run(%0, x) carries 1 slices 1 length 4 return %1 }`,
    main: '(x: f32[3, 4]) { %0 = transform vmap f(x) axes [0] return %0 }',
  },
  'a loop with a test, which ends at other times': {
    of: `
graph goes(a: f32[], b: f32[2], n: i32[], top: f32[], w: f32[2]) { %0 = lt(a, top) return %0 }
graph step(a: f32[], b: f32[2], n: i32[], top: f32[], w: f32[2]) { %0 = add(a, 3) %1 = mul(b, w) %2 = add(n, 1) return %0, %1, %2 }
graph f(a: f32[], b: f32[2], n: i32[], top: f32[], w: f32[2]) { %0 = while goes step(a, b, n, top, w) carries 3 return %0[2], %0[0], %0[1] }`,
    main: '(a: f32[4], b: f32[2], n: i32[], top: f32[], w: f32[4, 2]) { %0 = transform vmap f(a, b, n, top, w) axes [0, none, none, none, 0] return %0[0], %0[1], %0[2] }',
  },
  'a loop with a test on what is each example\'s own, of one carry': {
    of: `
graph goes(a: f32[2], top: f32[]) { %0 = reduce max(a) axes [0] %1 = lt(%0, top) return %1 }
graph step(a: f32[2], top: f32[]) { %0 = add(a, 3) return %0 }
graph f(a: f32[2], top: f32[]) { %0 = while goes step(a, top) carries 1 return %0 }`,
    main: '(a: f32[2], top: f32[4]) { %0 = transform vmap f(a, top) axes [none, 0] return %0 }',
  },
  'a choice of one of three for each example': {
    of: `
graph low(x: f32[2], y: f32[], k: i32[]) { %0 = mul(x, x) return %0, k, y }
graph middle(x: f32[2], y: f32[], k: i32[]) { %0: f32[2] = broadcastInDim(y) dims [] %1 = add(k, 1) return %0, %1, y }
graph high(x: f32[2], y: f32[], k: i32[]) { %0 = reduce add(x) axes [0] return x, k, %0 }
graph f(i: i32[], x: f32[2], y: f32[], k: i32[]) { %0 = case(i, x, y, k) branches [low, middle, high] return %0[2], %0[0], %0[1] }`,
    main: '(i: i32[5], x: f32[5, 2], y: f32[], k: i32[5]) { %0 = transform vmap f(i, x, y, k) axes [0, 0, none, 0] return %0[0], %0[1], %0[2] }',
  },
  'a choice that all examples share': {
    of: `
graph low(x: f32[2], y: f32[]) { %0 = mul(x, x) return %0, y }
graph high(x: f32[2], y: f32[]) { %0: f32[2] = broadcastInDim(y) dims [] %1 = add(y, 1) return %0, %1 }
graph f(i: i32[], x: f32[2], y: f32[]) { %0 = case(i, x, y) branches [low, high] return %0[0], %0[1] }`,
    main: '(i: i32[], x: f32[3, 2], y: f32[]) { %0 = transform vmap f(i, x, y) axes [none, 0, none] return %0[0], %0[1] }',
  },
  'a choice of one': {
    of: 'graph low(x: f32[2]) { %0 = mul(x, x) return %0 }\ngraph f(i: i32[], x: f32[2]) { %0 = case(i, x) branches [low] return %0 }',
    main: '(i: i32[3], x: f32[2]) { %0 = transform vmap f(i, x) axes [0, none] return %0 }',
  },
  'parts, each at a place of its own': {
    of: 'graph f(x: f32[3, 4], i: i32[], j: i32[]) { %0 = dynamicSlice(x, i, j) sizes [2, 3] return %0 }',
    main: '(x: f32[3, 4], i: i32[5], j: i32[]) { %0 = transform vmap f(x, i, j) axes [none, 0, none] return %0 }',
  },
  'parts of each example': {
    of: 'graph f(x: f32[3, 4], i: i32[], j: i32[]) { %0 = dynamicSlice(x, i, j) sizes [2, 3] return %0 }',
    main: '(x: f32[5, 3, 4], i: i32[], j: i32[5]) { %0 = transform vmap f(x, i, j) axes [0, none, 0] return %0 }',
  },
  'parts replaced, each at a place of its own': {
    of: 'graph f(x: f32[3, 4], u: f32[2, 1], i: i32[], j: i32[]) { %0 = dynamicUpdateSlice(x, u, i, j) return %0 }',
    main: '(x: f32[3, 4], u: f32[5, 2, 1], i: i32[], j: i32[5]) { %0 = transform vmap f(x, u, i, j) axes [none, 0, none, 0] return %0 }',
  },
};
