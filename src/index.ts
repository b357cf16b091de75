/** fluxion: operations, leaves, keys, functions and transformations. */
export type { DType, Float, Half } from './core/dtype.ts';
export type { Code, Diagnostic, Diagnostics, Place, Result, Task } from './core/diagnostic.ts';
export { orThrow, render } from './core/render.ts';

export type { Dim, Dyn, Shape } from './expr/types/shape.ts';
export type { Arrays, F32, Host, Key, LeafOf, Loose, NDArray, Nested, Tensor } from './expr/types/tensor.ts';
export type { Unary } from './expr/types/operations.ts';
export type { Fn } from './expr/types/functions.ts';

export { assertShape, bf16, bool, constant, f16, f32, f64, full, i32, iota, ones, onesLike, u32, zeros, zerosLike } from './expr/leaves.ts';
export { array, arrayOf, intArray } from './expr/ndarray.ts';
export {
  abs, add, atan2, ceil, clamp, convert, cos, div, equal, erf, exp, expm1, floor, greater, greaterEqual, isFinite, isInf, isNaN, less, lessEqual, log, log1p, logicalAnd, logicalNot,
  logicalOr, logicalXor, logistic, maximum, minimum, mul, neg, notEqual, pow, reciprocal, relu, rem, round, rsqrt, select, sigmoid, sign, sin, sqrt, square,
  stopGradient, sub, tanh, where,
} from './expr/elementwise.ts';
export {
  elu, gelu, hardSigmoid, hardSwish, leakyRelu, logSigmoid, logSoftmax, logSumExp, mish, relu6, selu, silu, softmax, softplus, softsign, step,
} from './expr/composite.ts';
export { bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor, countLeadingZeros, popcount, shiftLeft, shiftRightArithmetic, shiftRightLogical } from './expr/bits.ts';
export { acos, acosh, asin, asinh, atan, atanh, cbrt, cosh, erfInv, exp2, hypot, log10, log2, logaddexp, remainder, sinh, tan } from './expr/maths.ts';
export { dotGeneral, matmul } from './expr/contraction.ts';
export { conv2d, convolution, type Conv2dOptions, type ConvolutionDims, type ConvolutionOptions } from './expr/convolution.ts';
export { avgPool, maxPool, reduceWindow, type ReduceWindowOptions, type WindowReduction } from './expr/pooling.ts';
export type { PaddingOf } from './expr/windows.ts';
export { einsum } from './expr/einsum.ts';
export { broadcastTo, concat, expandDims, pad, permute, reshape, reverse, slice, splitAt, squeeze, stack, transpose } from './expr/reshaping.ts';
export { all, any, argmax, argmin, max, mean, min, prod, sum, variance } from './expr/reduction.ts';
export { dynamicSlice, dynamicUpdateSlice, type Starts } from './expr/parts.ts';
export { gather, scatter, type GatherOptions, type ScatterOptions } from './expr/gather.ts';
export { scatterAdd, scatterMax, scatterMin, scatterSet, segmentMax, segmentMean, segmentMin, segmentSum, takeAlong } from './expr/scatter.ts';
export { cumlogsumexp, cummax, cummin, cumprod, cumsum, type CumulativeOptions } from './expr/cumulative.ts';
export { searchSorted } from './expr/search.ts';
export { argsort, sort, sortTogether, topK, type SortOptions } from './expr/sorting.ts';
export { cholesky, solve, triangularSolve, type TriangularOptions } from './expr/linalg.ts';
export { choice, permutation, type ChoiceOptions } from './expr/shuffle.ts';
export { eig, eigh, fft, ifft, qr, rfft, svd } from './expr/unavailable.ts';
export { oneHot, pick, take } from './expr/lookup.ts';
export { treeLeaves, treeMap } from './expr/tree.ts';
export { bernoulli, foldIn, key, keyOf, keyWords, normal, randomBits, split, uniform } from './expr/keys.ts';
export { categorical, exponential, gumbel, laplace, randint, truncatedNormal } from './expr/random.ts';
export { isKey, isSpoiled, origin, reword, sameShape, spoil, type Mistake, type Origin } from './expr/mistakes.ts';
export { fn, poly } from './expr/functions.ts';
export { call } from './expr/call.ts';
export { customJvp } from './expr/customJvp.ts';
export { cond, foriLoop, scan, switchCase, whileLoop, type Length, type LoopOptions, type Rows, type ScanOptions, type Stacked, type WhileOptions } from './expr/control.ts';
export { checkpoint, customVjp, grad, jvp, treeDot, valueAndGrad, valueAndGradAux, vjp, type CheckpointOptions } from './expr/transforms.ts';
export { vmap } from './expr/vmap.ts';
export { halfPrecision } from './expr/halves.ts';
export { hessian, hvp, jacfwd, jacobian, jacrev } from './expr/jacobians.ts';
export { emit, type EmitOptions, type Emitted } from './compile/emit.ts';
export { compile, compileAsync, compute, jit, type AsyncExecutable, type CompileOptions, type Executable, type Report } from './compile.ts';
