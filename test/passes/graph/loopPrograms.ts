type Programs = { readonly [name: string]: string };

/** Choices of which branches compute what they alone need. A choice is named by a whole number `i`. */
export const sinking: Programs = (() => {
  const graphs = (types: string): string => `
graph left(x: ${types}, y: ${types}, z: ${types}) { %0 = add(x, y) return %0 }
graph middle(x: ${types}, y: ${types}, z: ${types}) { %0 = mul(y, y) return %0 }
graph right(x: ${types}, y: ${types}, z: ${types}) { return z }`, abc = graphs('f32[3]');
  return {
    'what each branch alone needs': `${abc}
graph main(i: i32[], x: f32[3], y: f32[3]) { %0 = exp(x) %1 = sin(%0) %2 = cos(y) %3 = tanh(y) %4 = case(i, %1, %2, %3) branches [left, middle, right] return %4 }`,
    'what two branches need stays, with what it is made of': `${abc}
graph main(i: i32[], x: f32[3], y: f32[3]) { %0 = exp(x) %1 = sin(%0) %2 = cos(%0) %3 = tanh(y) %4 = case(i, %1, %2, %3) branches [left, middle, right] return %4 }`,
    'what a branch needs in two places': `${abc}
graph main(i: i32[], x: f32[3]) { %0 = exp(x) %1 = sin(x) %2 = case(i, %0, %1, %0) branches [left, right, right] return %2 }`,
    'one branch for two numbers shares what it needs with itself': `${abc}
graph main(i: i32[], x: f32[3]) { %0 = exp(x) %1 = sin(x) %2 = case(i, %0, %1, %0) branches [middle, middle, right] return %2 }`,
    'the number of the branch stays': `${abc}
graph main(x: f32[3], k: i32[]) { %0 = mul(k, k) %1: f32[] = convert(%0) %2: f32[3] = broadcastInDim(%1) dims [] %3 = exp(x) %4 = case(%0, %3, x, %2) branches [left, middle, right] return %4 }`,
    'the number of the branch, computed of what the branch needs': `${abc}
graph main(i: i32[], x: f32[3], k: i32[3]) { %0 = mul(k, k) %1 = reduce add(%0) axes [0] %2: f32[3] = convert(%0) %3 = exp(x) %4 = case(%1, %3, x, %2) branches [left, middle, right] return %4 }`,
    'results, and what others read, stay': `${abc}
graph main(i: i32[], x: f32[3]) { %0 = exp(x) %1 = sin(x) %2 = cos(x) %3 = case(i, %0, %1, %2) branches [left, middle, right] %4 = add(%3, %1) return %4, %2 }`,
    'what nothing reads is in no branch': `
graph left(x: f32[3], y: f32[3]) { return x }
graph right(x: f32[3], y: f32[3]) { return x }
graph main(i: i32[], x: f32[3]) { %0 = exp(x) %1 = sin(x) %2 = case(i, %0, %1) branches [left, right] return %2 }`,
    'numbers go along with what is made of them': `${abc}
graph main(i: i32[], x: f32[3]) { %0: f32[3] = constant [1, 2, 3] %1: f32[3] = iota axis 0 %2 = add(x, %0) %3 = mul(x, %1) %4 = case(i, x, %2, %3) branches [middle, right] return %4 }`,
    'numbers alone stay where they are': `${abc}
graph main(i: i32[], x: f32[3]) { %0: f32[3] = constant [1, 2, 3] %1: f32[3] = iota axis 0 %2 = case(i, x, %0, %1) branches [left, middle, right] return %2 }`,
    'all parts of a whole go together': `
graph low(x: f32[3], y: f32[3]) { %0 = mul(x, y) return %0 }
graph high(x: f32[3], y: f32[3]) { %0: f32[3] = constant 2 return %0 }
graph main(i: i32[], x: f32[3, 2], y: f32[3, 2]) { %0 = reduce max(x, y) axes [1] %1 = exp(%0[0]) %2 = case(i, %1, %0[1]) branches [low, high] return %2 }`,
    'a part stays with a whole of which others read': `${abc}
graph main(i: i32[], x: f32[3, 2], y: f32[3, 2]) { %0 = reduce max(x, y) axes [1] %1 = exp(%0[0]) %2: f32[3] = constant 2 %3 = case(i, %1, %2, %0[1]) branches [left, middle, right] return %3, %0[1] }`,
    'two choices, each of the other branch': `${abc}
graph main(i: i32[], x: f32[3], y: f32[3]) { %0 = exp(x) %1 = sin(y) %2 = case(i, x, %0, %1) branches [left, middle, right] %3 = cos(%2) %4 = tanh(y) %5 = case(i, %4, x, %3) branches [left, middle, right] return %5 }`,
    'one of two choices': `${abc}
graph main(i: i32[], x: f32[3], y: f32[3]) { %0 = exp(x) %1 = case(i, x, y, %0) branches [left, middle, right] %2 = case(i, y, x, y) branches [right, left, middle] %3 = add(%1, %2) %4 = mul(%3, x) return %4 }`,
    'a choice in a graph that another calls, of several results': `
graph low(x: f32[3], k: i32[2]) { %0 = neg(x) return %0, k }
graph high(x: f32[3], k: i32[2]) { %0: f32[3] = constant 1 %1 = add(k, k) return %0, %1 }
graph chosen(i: i32[], x: f32[3], k: i32[2]) { %0 = exp(x) %1 = mul(k, k) %2 = case(i, %0, %1) branches [low, high] return %2[0], %2[1] }
graph main(i: i32[], x: f32[3], k: i32[2]) { %0 = call chosen(i, x, k) %1 = sin(%0[0]) return %1, %0[1] }`,
    'a choice in a choice': `
graph low(x: f32[3], y: f32[3]) { %0 = sin(x) return %0 }
graph high(x: f32[3], y: f32[3]) { %0 = cos(y) return %0 }
graph both(i: i32[], x: f32[3], y: f32[3]) { %0 = exp(x) %1 = tanh(y) %2 = case(i, %0, %1) branches [low, high] return %2 }
graph neither(i: i32[], x: f32[3], y: f32[3]) { return y }
graph main(i: i32[], x: f32[3], y: f32[3]) { %0 = neg(x) %1 = case(i, i, %0, y) branches [neither, both] return %1 }`,
    'of another size': `${graphs('f32[n<=4, 2]')}
graph main(i: i32[], x: f32[n<=4, 2]) { %0 = exp(x) %1 = sin(x) %2 = cos(x) %3 = case(i, %0, %1, %2) branches [left, right, right] return %3 }`,
  };
})();

/** Loops over rows that are given, or stack, what nothing reads. */
export const unread: Programs = {
  'rows and shared values that no run reads; carries are kept': `
graph run(c: f32[], d: f32[], x: f32[2], y: f32[], z: f32[], v: f32[3], w: f32[]) { %0 = add(d, z) %1 = mul(%0, w) return c, %1, %0 }
graph main(c: f32[], d: f32[], x: f32[4, 2], y: f32[4], z: f32[4], v: f32[3], w: f32[]) { %0 = scan run(c, d, x, y, z, v, w) carries 2 slices 3 length 4 reverse save contractions return %0[0], %0[1], %0[2] }`,
  'a carry that no run reads': `
graph run(c: f32[], x: f32[], w: f32[]) { %0 = mul(x, w) return %0, %0 }
graph main(c: f32[], x: f32[3], w: f32[]) { %0 = scan run(c, x, w) carries 1 slices 1 length 3 return %0[0], %0[1] }`,
  'the last rows alone are read': `
graph run(c: f32[], w: f32[2], x: f32[], y: f32[2]) { %0 = exp(y) return c, %0 }
graph main(c: f32[], w: f32[3, 2], x: f32[3], y: f32[3, 2]) { %0 = scan run(c, w, x, y) carries 1 slices 3 length 3 return %0[1] }`,
  'stacked rows that nothing reads: the first, the last, one between': `
graph run(c: f32[], d: f32[], x: f32[2], w: f32[]) { %0 = exp(x) %1 = sin(c) %2 = cos(d) %3 = tanh(w) %4 = neg(x) return d, c, %0, %1, %2, %3, %4 }
graph main(c: f32[], d: f32[], x: f32[3, 2], w: f32[]) { %0 = scan run(c, d, x, w) carries 2 slices 1 length 3 %1 = add(%0[3], %0[5]) return %1 }`,
  'no carries, and all but one of the rows unread': `
graph run(x: f32[2], y: f32[]) { %0 = exp(x) %1 = sin(y) %2 = mul(x, x) return %0, %1, %2 }
graph main(x: f32[3, 2], y: f32[3]) { %0 = scan run(x, y) carries 0 slices 2 length 3 return %0[2] }`,
  'what one loop stacks for another, which passes it on': `
graph first(x: f32[]) { %0 = exp(x) %1 = sin(x) return %0, %1 }
graph second(a: f32[], b: f32[]) { %0 = exp(a) %1 = neg(b) return %0, %1 }
graph third(a: f32[], b: f32[]) { %0 = cos(a) return %0 }
graph main(x: f32[3]) { %0 = scan first(x) carries 0 slices 1 length 3 %1 = scan second(%0[0], %0[1]) carries 0 slices 2 length 3 %2 = scan third(%1[0], %1[1]) carries 0 slices 2 length 3 return %2 }`,
  'one loop for two numbers of rows': `
graph run(c: f32[], x: f32[], w: f32[]) { %0 = add(c, x) %1 = exp(x) return %0, %1 }
graph main(c: f32[], x: f32[3], y: f32[2], w: f32[]) { %0 = scan run(c, x, w) carries 1 slices 1 length 3 %1 = scan run(c, y, w) carries 1 slices 1 length 2 return %0[0], %1[0], %1[1] }`,
  'a loop in a loop': `
graph inner(c: f32[], x: f32[], w: f32[]) { %0 = add(c, x) %1 = exp(x) return %0, %1 }
graph outer(c: f32[], x: f32[2], v: f32[], w: f32[]) { %0 = scan inner(c, x, w) carries 1 slices 1 length 2 return %0[0], %0[1] }
graph main(c: f32[], x: f32[3, 2], v: f32[3], w: f32[]) { %0 = scan outer(c, x, v, w) carries 1 slices 2 length 3 return %0[0] }`,
  'no rows at all are read': `
graph run(c: f32[], x: f32[], w: f32[2]) { %0 = sin(c) %1 = exp(c) return %0, %1 }
graph main(c: f32[], x: f32[3], w: f32[2]) { %0 = scan run(c, x, w) carries 1 slices 1 length 3 return %0[0] }`,
  'all is read': `
graph run(c: f32[], x: f32[]) { %0 = mul(c, x) return %0, x }
graph main(c: f32[], x: f32[3]) { %0 = scan run(c, x) carries 1 slices 1 length 3 return %0[0], %0[1] }`,
  'nothing is stacked': `
graph run(c: f32[], x: f32[]) { %0 = mul(c, x) return %0 }
graph main(c: f32[], x: f32[3]) { %0 = scan run(c, x) carries 1 slices 1 length 3 return %0 }`,
};

/** Loops over rows of which a contraction needs no carry. */
export const hoisting: Programs = {
  'products of the rows with what is shared; those of a carry stay': `
graph run(h: f32[2], x: f32[3], w: f32[3, 2], u: f32[2, 2], b: f32[2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = dotGeneral(h, u) contract [0] [0] %2 = add(%0, b) %3 = add(%1, %2) %4 = tanh(%3) return %4, %3 }
graph main(h: f32[2], x: f32[4, 3], w: f32[3, 2], u: f32[2, 2], b: f32[2]) { %0 = scan run(h, x, w, u, b) carries 1 slices 1 length 4 reverse save contractions return %0[0], %0[1] }`,
  'products of what is shared are done once, beside those of rows': `
graph run(h: f32[2], x: f32[3], y: f32[], w: f32[3, 2], u: f32[2, 2], v: f32[2]) { %0 = dotGeneral(u, v) contract [1] [0] %1 = dotGeneral(x, w) contract [0] [0] %2 = mul(%1, %0) %3 = mul(h, %0) %4 = add(%3, %2) %5: f32[2] = broadcastInDim(y) dims [] %6 = mul(%4, %5) return %6 }
graph main(h: f32[2], x: f32[4, 3], y: f32[4], w: f32[3, 2], u: f32[2, 2], v: f32[2]) { %0 = scan run(h, x, y, w, u, v) carries 1 slices 2 length 4 return %0 }`,
  'products of what is shared alone': `
graph run(h: f32[2], x: f32[2], u: f32[2, 2], v: f32[2]) { %0 = dotGeneral(u, v) contract [1] [0] %1 = mul(h, %0) %2 = add(%1, x) return %2 }
graph main(h: f32[2], x: f32[3, 2], u: f32[2, 2], v: f32[2]) { %0 = scan run(h, x, u, v) carries 1 slices 1 length 3 return %0 }`,
  'three products of what is shared': `
graph run(h: f32[2], x: f32[2], u: f32[2, 2], v: f32[2]) { %0 = dotGeneral(u, v) contract [1] [0] %1 = dotGeneral(u, %0) contract [1] [0] %2 = exp(%1) %3 = mul(h, %0) %4 = mul(%3, %1) %5 = add(%4, %2) %6 = add(%5, x) return %6 }
graph main(h: f32[2], x: f32[3, 2], u: f32[2, 2], v: f32[2]) { %0 = scan run(h, x, u, v) carries 1 slices 1 length 3 return %0 }`,
  'a result that needs no carry': `
graph run(h: f32[2], x: f32[3], w: f32[3, 2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = exp(%0) %2 = add(h, h) return %2, %1, %0 }
graph main(h: f32[2], x: f32[3, 3], w: f32[3, 2]) { %0 = scan run(h, x, w) carries 1 slices 1 length 3 return %0[0], %0[1], %0[2] }`,
  'products of rows with rows': `
graph run(h: f32[], x: f32[3], y: f32[3]) { %0 = dotGeneral(x, y) contract [0] [0] %1 = mul(h, %0) return %1 }
graph main(h: f32[], x: f32[4, 3], y: f32[4, 3]) { %0 = scan run(h, x, y) carries 1 slices 2 length 4 return %0 }`,
  'two of several values are needed, the one made of the other': `
graph run(h: f32[2], x: f32[3], w: f32[3, 2], u: f32[2, 2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = exp(%0) %2 = dotGeneral(%1, u) contract [0] [0] %3 = mul(h, %2) %4 = add(%3, %0) return %4 }
graph main(h: f32[2], x: f32[4, 3], w: f32[3, 2], u: f32[2, 2]) { %0 = scan run(h, x, w, u) carries 1 slices 1 length 4 return %0 }`,
  'no carries': `
graph run(x: f32[3], w: f32[3, 2]) { %0 = dotGeneral(x, w) contract [0] [0] return %0 }
graph main(x: f32[4, 3], w: f32[3, 2]) { %0 = scan run(x, w) carries 0 slices 1 length 4 return %0 }`,
  'two runs': `
graph run(h: f32[2], x: f32[3], w: f32[3, 2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = mul(h, %0) return %1 }
graph main(h: f32[2], x: f32[2, 3], w: f32[3, 2]) { %0 = scan run(h, x, w) carries 1 slices 1 length 2 return %0 }`,
  'one run is left alone': `
graph run(h: f32[2], x: f32[3], w: f32[3, 2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = mul(h, %0) return %1 }
graph main(h: f32[2], x: f32[1, 3], w: f32[3, 2]) { %0 = scan run(h, x, w) carries 1 slices 1 length 1 return %0 }`,
  'what contracts nothing is left alone': `
graph run(h: f32[2], x: f32[2], w: f32[2]) { %0 = mul(x, w) %1 = exp(%0) %2 = mul(h, %1) return %2 }
graph main(h: f32[2], x: f32[3, 2], w: f32[2]) { %0 = scan run(h, x, w) carries 1 slices 1 length 3 return %0 }`,
  'one of two loops': `
graph run(h: f32[2], x: f32[2], w: f32[2, 2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = mul(h, %0) return %1 }
graph carried(h: f32[2], x: f32[2], w: f32[2, 2]) { %0 = dotGeneral(h, w) contract [0] [0] %1 = mul(%0, x) return %1 }
graph main(h: f32[2], x: f32[3, 2], w: f32[2, 2]) { %0 = scan carried(h, x, w) carries 1 slices 1 length 3 %1 = scan run(%0, x, w) carries 1 slices 1 length 3 return %1 }`,
  'a loop in a loop, whose rows come from the outer one': `
graph inner(c: f32[2], x: f32[2], w: f32[2, 2]) { %0 = dotGeneral(x, w) contract [0] [0] %1 = add(c, %0) return %1 }
graph outer(c: f32[2], x: f32[3, 2], w: f32[2, 2]) { %0 = scan inner(c, x, w) carries 1 slices 1 length 3 return %0, %0 }
graph main(c: f32[2], x: f32[2, 3, 2], w: f32[2, 2]) { %0 = scan outer(c, x, w) carries 1 slices 1 length 2 return %0[0], %0[1] }`,
};
