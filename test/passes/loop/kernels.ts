import { collapse } from '../../../src/passes/loop/collapse.ts';
import { hoist } from '../../../src/passes/loop/hoist.ts';
import { peelGuards } from '../../../src/passes/loop/peelGuards.ts';
import { scalarReplace } from '../../../src/passes/loop/scalarReplace.ts';
import { schedule } from '../../../src/passes/loop/schedule.ts';
import { simplifyIndex } from '../../../src/passes/loop/simplifyIndex.ts';
import { tile } from '../../../src/passes/loop/tile.ts';
import { unroll } from '../../../src/passes/loop/unroll.ts';
import { vectorise } from '../../../src/passes/loop/vectorise.ts';
import { wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import { jsTarget } from '../../../src/backends/js/js.ts';
import type { Program, Stage } from '../../../src/ir/loop/syntax.ts';

/** A kernel: parameters `name: access dtype[size]` and statements. `n` is a bounded dimension of at most 6. */
export interface Case { readonly params: string; readonly body: string; readonly n?: number; readonly twice?: string }
export interface PassCases { readonly run: (program: Program) => Program; readonly from: Stage; readonly gives: Stage; readonly cases: { readonly [title: string]: Case } }

/** a condition stands on a line of its own: behind a load it would be its guard */
const lines = (body: string): string => body.replaceAll(/ (if (?:guard|gt)\()/g, '\n$1');
/** the program that runs the kernel once: what it reads is given, what it writes comes out */
export const textOf = ({ params, body, twice }: Case): string => {
  const all = [...params.matchAll(/(\w+): (\w+) (\w+\[\d+\])/g)].map(([, name, access, type]) => ({ name, access, type }));
  const args = twice?.split(', ') ?? all.map((p) => p.name);
  return [
    'program small (n <= 6)', ...all.filter((p) => args.includes(p.name)).map(({ name, access, type }) => `buffer ${name}: ${type} ${access === 'read' && twice === undefined ? 'input' : 'output'}`),
    `kernel small(${params}) { ${lines(body)} }`, `steps { run small(${args.join(', ')}) }`,
  ].join('\n');
};

/** Small kernels for each pass: what it changes, and what it must leave. */
export const passes: { readonly [pass: string]: PassCases } = {
  schedule: { run: (program) => schedule(program, { ...wasmTarget, blocks: { work: 4, rows: 4 } }), from: 'naive', gives: 'scheduled', cases: {
    'rows of a product': { params: 'a: read f32[40], b: read f32[20], y: write f32[32]', body: 'contract m(i < 8) n(j < 4) k(p < 5) c = a[5*i + p] * b[4*p + j] { store y[4*i + j] = c }' },
    'as many as there are': { params: 'a: read f32[30], b: read f32[20], y: write f32[24]', body: 'contract m(i < %n) n(j < 4) k(p < 5) c = a[5*i + p] * b[4*p + j] { store y[4*i + j] = c }', n: 5 },
    'columns, where rows are few': { params: 'a: read f32[5], b: read f32[40], y: write f32[8]', body: 'contract m(i < 1) n(j < 8) k(p < 5) c = a[p] * b[8*p + j] { store y[j] = c }' },
    'a batch of products': { params: 'a: read f32[60], b: read f32[60], y: write f32[48]', body: 'contract m(t < 3, i < 4) n(j < 4) k(p < 5) c = a[20*t + 5*i + p] * b[20*t + 4*p + j] { store y[16*t + 4*i + j] = c }' },
    'a loop, and values for every thread': { params: 's: read f32[1], x: read f32[12], y: write f32[12]', body: 'let v = s[0] * 2.0 for i < 12 { store y[i] = x[i] + v }' },
    'not a sum over all': { params: 'x: read f32[12], y: write f32[1]', body: 'alloc register s: f32[1] store s[0] = 0.0 for i < 12 { fold add into s[0] with x[i] } store y[0] = s[0]' },
    'not what another iteration wrote': { params: 'y: update f32[13]', body: 'store y[0] = 1.0 for i < 12 { store y[i + 1] = y[i] * 2.0 }' },
    'not beside what reads its result': { params: 'x: read f32[12], y: update f32[12], z: write f32[12]', body: 'for i < 12 { store y[i] = x[i] } for i < 12 { store z[i] = y[0 - i + 11] }' },
    'not where every thread would read what one writes': { params: 's: update f32[1], y: write f32[12]', body: 'store s[0] = 0.5 let v = s[0] store s[0] = v + 1.0 for i < 12 { store y[i] = v }' },
    'columns of rows, each its own': { params: 'x: read f32[12], y: write f32[12]', body: 'for j < 4 { for i < 3 { store y[4*i + j] = x[3*j + i] } }' },
    'not little work': { params: 'x: read f32[3], y: write f32[3]', body: 'for i < 3 { store y[i] = x[i] }' },
    'not where two parameters are one memory': { params: 'x: read f32[12], y: write f32[12]', body: 'for i < 12 { store y[i] = x[i] }', twice: 'y, y' },
  } },
  tileInVectors: { run: (program) => tile(program, { ...wasmTarget, pack: { stride: 32, lines: 512, bytes: 1 << 20 } }), from: 'naive', gives: 'tiled', cases: {
    'whole tiles': { params: 'a: read f32[12], b: read f32[24], y: write f32[32]', body: 'contract m(i < 4) n(j < 8) k(p < 3) c = a[3*i + p] * b[8*p + j] { store y[8*i + j] = c }' },
    'columns and rows left over': { params: 'a: read f32[14], b: read f32[20], y: write f32[70]', body: 'contract m(i < 7) n(j < 10) k(p < 2) c = a[2*i + p] * b[10*p + j] init b[j] { store y[10*i + j] = max(c, 0.0) }' },
    'columns that lie across memory': { params: 'a: read f32[24], b: read f32[48], y: write f32[32]', body: 'contract m(i < 4) n(j < 8) k(p < 6) c = a[6*i + p] * b[6*j + p] { store y[8*i + j] = c }' },
    'columns across memory, fewer than lanes': { params: 'a: read f32[16], b: read f32[8], y: write f32[8]', body: 'contract m(i < 4) n(j < 2) k(p < 4) c = a[4*i + p] * b[4*j + p] { store y[2*i + j] = c }' },
    'rows in which columns lie far apart': { params: 'a: read f32[48], b: read f32[48], y: write f32[256]', body: 'contract m(i < 16) n(j < 16) k(p < 3) c = a[3*i + p] * b[16*p + j] { store y[16*i + j] = c }' },
    'rows that lie far apart along k': { params: 'a: read f32[24], b: read f32[192], y: write f32[512]', body: 'contract m(i < 8) n(j < 64) k(p < 3) c = a[8*p + i] * b[64*p + j] { store y[64*i + j] = c }' },
    'a factor that is computed': { params: 'a: read f32[12], b: read f32[96], y: write f32[128]', body: 'contract m(i < 4) n(j < 32) k(p < 3) c = max(a[3*i + p], 0.0) * b[32*p + j] { store y[32*i + j] = c }' },
    'one row': { params: 'a: read f32[3], b: read f32[72], y: write f32[24]', body: 'contract m(i < 1) n(j < 24) k(p < 3) c = a[p] * b[24*p + j] { store y[j] = c }' },
    'columns as many as there are': { params: 'a: read f32[12], b: read f32[18], y: write f32[24]', body: 'contract m(i < 4) n(j < %n) k(p < 3) c = a[3*i + p] * b[6*p + j] { store y[6*i + j] = c }', n: 5 },
    'doubles': { params: 'a: read f64[12], b: read f64[24], y: write f64[32]', body: 'contract m(i < 4) n(j < 8) k(p < 3) c = a[3*i + p] * b[8*p + j] { store y[8*i + j] = c }' },
    'sums of 32 bits that become doubles': { params: 'a: read f32[12], b: read f32[18], y: write f64[24]', body: 'contract m(i < 4) n(j < 6) k(p < 3) c = a[3*i + p] * b[6*p + j] { store y[6*i + j] = convert:f64(c) }' },
    'doubles that lie across memory, a column and rows left over': { params: 'a: read f64[18], b: read f64[21], y: write f32[42]', body: 'contract m(i < 6) n(j < 7) k(p < 3) c = a[3*i + p] * b[3*j + p] { store y[7*i + j] = convert:f32(max(c, 0:f64)) }' },
  } },
  vectorise: { run: (program) => vectorise(program, wasmTarget), from: 'tiled', gives: 'tiled', cases: {
    'neighbours, and what is left over': { params: 'x: read f32[11], y: write f32[11]', body: 'for i < 11 { let v = x[i] store y[i] = v * 2.0 }' },
    'a sum in as many places as lanes': { params: 'x: read f32[8], y: write f32[1]', body: 'alloc register s: f32[1] store s[0] = 0.0 for i < 8 { fold add into s[0] with x[i] } store y[0] = s[0]' },
    'the largest of integers begins with the least': { params: 'x: read i32[6], y: update i32[1]', body: 'store y[0] = -9 for i < 6 { fold max into y[0] with x[i] }' },
    'as many as there are': { params: 'x: read f32[18], y: write f32[18]', body: 'for i < 3*%n { store y[i] = x[i] + 1.0 }', n: 5 },
    'the same place read and written': { params: 'x: read f32[8], y: update f32[8]', body: 'for i < 8 { store y[i] = x[i] } for i < 8 { store y[i] = y[i] * 2.0 }' },
    'not what an iteration before wrote': { params: 'y: update f32[9]', body: 'store y[0] = 1.0 for i < 8 { store y[i + 1] = y[i] * 2.0 }' },
    'not columns, which lie apart': { params: 'x: read f32[16], y: write f32[4]', body: 'for i < 4 { store y[i] = x[4*i] }' },
    'lanes that are not there': { params: 'x: read f32[10], y: write f32[10], s: write f32[1]', body: 'alloc register t: f32[1] store t[0] = -inf for i < 10 { let v = x[i] fold max into t[0] with v store y[i] = exp(v) } store s[0] = t[0]' },
    'folds into places that are not there': { params: 'x: read f32[30], y: update f32[6]', body: 'for j < 6 { store y[j] = 0.0 } for i < 5 { for j < 6 { fold add into y[j] with x[6*i + j] } }' },
    'an extreme and where it stands': { params: 'x: read f32[19], top: write f32[1], at: write i32[1]', body: 'alloc register t: f32[1] alloc register p: i32[1] store t[0] = -inf store p[0] = -1 for i < 19 { fold argMax into t[0], p[0] with x[i], index(i):i32 } store top[0] = t[0] store at[0] = p[0]' },
    'many, four vectors abreast': { params: 'x: read f32[71], y: write f32[71], s: write f32[1]', body: 'alloc register t: f32[1] store t[0] = 0.0 for i < 71 { fold add into t[0] with x[i] } for i < 71 { store y[i] = max(x[i], 0.0) } store s[0] = t[0]' },
    'a division of integers stays alone at the end': { params: 'x: read i32[6], y: write i32[6]', body: 'for i < 6 { let v = x[i] store y[i] = 100 / (v * v + 1) }' },
    'columns: the loop inside walks across memory': { params: 'x: read f32[60], y: write f32[20]', body: 'for j < 20 { alloc register t: f32[1] store t[0] = 0.0 for i < 3 { let v = x[20*i + j] fold add into t[0] with v * v } let r = t[0] store y[j] = sqrt(r) }' },
    'columns, with a value for the loop inside and after it': { params: 'w: read f32[4], x: read f32[8], y: write f32[4]', body: 'for j < 4 { let v = w[j] alloc register t: f32[1] store t[0] = v for i < 2 { fold max into t[0] with x[4*i + j] * v } store y[j] = t[0] + v }' },
    'not columns that another iteration reads': { params: 'x: read f32[8], y: update f32[5]', body: 'for j < 5 { store y[j] = 1.0 } for j < 4 { alloc register t: f32[1] store t[0] = y[j + 1] for i < 2 { fold add into t[0] with x[4*i + j] } store y[j] = t[0] }' },
    'not three, not behind a guard': { params: 'x: read f32[8], y: write f32[8], w: update f32[8]', body: 'for i < 3 { store y[i] = x[i] } for i < 8 { store w[i] = 1.0 if i - 2 >= 0 }' },
    'doubles two by two, and the last alone': { params: 'x: read f64[7], y: write f64[7], z: write f64[1]', body: 'for i < 7 { let v = x[i] store y[i] = tanh(v) * v } for i < 1 { store z[i] = x[i] }' },
    'a sum of doubles in as many places as lanes': { params: 'x: read f64[37], y: write f64[2]', body: 'alloc register s: f64[1] alloc register m: f64[1] store s[0] = 0:f64 store m[0] = -inf:f64 for i < 37 { let v = x[i] fold add into s[0] with v * v fold max into m[0] with v } store y[0] = s[0] store y[1] = m[0]' },
    'numbers of 32 bits beside doubles': { params: 'x: read f32[6], k: read i32[6], b: read bool[6], y: write f64[6], z: write f32[6], p: write bool[6], q: write i32[6]', body: 'for i < 6 { let v = convert:f64(x[i]) let w = select(b[i], v, convert:f64(k[i])) store y[i] = w * 2:f64 store z[i] = convert:f32(w) + x[i] store p[i] = gt(w, 1:f64) store q[i] = convert:i32(w) + index(3*i):i32 }' },
    'not a sum of others beside doubles, nor where an extreme of doubles stands': { params: 'x: read f64[8], y: write f64[8], s: update f32[1], top: write f64[1], at: write i32[1]', body: 'store s[0] = 0.0 alloc register t: f64[1] alloc register p: i32[1] store t[0] = -inf:f64 store p[0] = -1 for i < 8 { store y[i] = x[i] fold add into s[0] with convert:f32(x[i]) } for i < 8 { fold argMax into t[0], p[0] with x[i], index(i):i32 } store top[0] = t[0] store at[0] = p[0]' },
    'doubles behind guards that differ from lane to lane': { params: 'x: read f64[6], k: read i32[6], y: write f64[18]', body: 'for r < 3 { for i < 6 { let v = x[i + r - 1] if i + r - 1 >= 0 && 6 - i - r >= 0 else 1:f64 let w = k[i + r - 1] if i + r - 1 >= 0 && 6 - i - r >= 0 else 5 store y[6*r + i] = select(guard(i - 2*r == 0), v, v * convert:f64(w) + convert:f64(index(mod(i + r, 3)):i32)) } }' },
    'a double from outside beside numbers of 32 bits': { params: 'd: read f64[1], x: read f32[8], y: write f32[8]', body: 'let v = d[0] for i < 8 { store y[i] = convert:f32(v) * x[i] }' },
    'columns of doubles': { params: 'x: read f64[21], y: write f64[7]', body: 'for j < 7 { alloc register t: f64[1] store t[0] = 0:f64 for i < 3 { let v = x[7*i + j] fold add into t[0] with v * v } let r = t[0] store y[j] = sqrt(r) }' },
    'not places that the loop computes': { params: 'k: read i32[8], x: read f32[4], y: write f32[8]', body: 'for i < 8 { let at = k[i] store y[i] = x[data(at, 0..3)] }' },
    'not where two parameters are one memory': { params: 'x: read f32[8], y: write f32[8]', body: 'for i < 8 { store y[i] = x[i] }', twice: 'y, y' },
  } },
  simplifyIndex: { run: simplifyIndex, from: 'naive', gives: 'naive', cases: {
    'divisions that the axes make plain': { params: 'x: read f32[12], y: write f32[12]', body: 'for i < 3 { for j < 4 { store y[4*floorDiv(4*i + j, 4) + mod(4*i + j, 4)] = x[4*i + mod(j, 8)] } }' },
    'loops of one round and of none': { params: 'x: read f32[4], y: write f32[4]', body: 'for i < 1 { for j < 4 { store y[4*i + j] = x[i + j] } } for k < 0 { store y[k] = 1.0 }' },
    'a loop of at most one round stays': { params: 'y: write f32[1]', body: 'store y[0] = 2.0 for i < floorDiv(%n, 6) { store y[i] = 1.0 if 0 - i >= 0 }', n: 3 },
    'a loop with nothing left': { params: 'x: read f32[4], y: write f32[4]', body: 'for i < 4 { store y[i] = x[i] } for j < 4 { store y[j] = 1.0 if j - 4 >= 0 }' },
    'guards that hold, and that never do': { params: 'x: read f32[4], y: write f32[4]', body: 'for i < 4 { let a = x[i] if i >= 0 else exp(2.0) let b = x[0] if i - 7 >= 0 else 3.0 store y[i] = select(guard(i - 4 >= 0), a, b) if 3 - i >= 0 }' },
    'guards of which a part holds': { params: 'x: read f32[4], y: write f32[6]', body: 'for i < 6 { store y[i] = x[i - 1] if i - 1 >= 0 && 4 - i >= 0 && i + 3 >= 0 else -1.0 }' },
    'what a store’s guard says of its index': { params: 'x: read f32[9], y: write f32[9]', body: 'for i < 9 { store y[i] = 0.0 } for i < 9 { store y[mod(i, 4)] = x[mod(i, 4)] if 3 - i >= 0 }' },
    'conditions that are known': { params: 'x: read f32[4], y: write f32[4]', body: 'for i < 4 { if guard(i >= 0) { let v = x[i] store y[i] = v } else { store y[i] = 0.0 } if guard(i - 9 >= 0) { store y[i] = 1.0 } if guard(i - 2 >= 0) { store y[i] = 2.0 } }' },
    'an empty block, and one that is not': { params: 'y: write f32[4]', body: 'block { for k < 0 { store y[k] = 1.0 } } block { for k < 4 { store y[k] = 1.0 } }' },
    'a choice that is known': { params: 'x: read f32[4], y: write f32[8]', body: 'for i < 4 { store y[i] = select(false, x[i], 2.0) store y[i + 4] = select(true, x[i], 2.0) }' },
    'a contraction with axes of one element': { params: 'x: read f32[6], w: read f32[6], y: write f32[4]', body: 'contract m(a < 1, i < 2) n(j < 2) k(p < 3, q < 1) c = x[6*a + 3*i + p + q] * w[2*p + j + q] init x[a] { store y[4*a + 2*i + j] = c }' },
    'not a contraction without steps': { params: 'x: read f32[2], y: write f32[4]', body: 'contract m(i < 2) n(j < 2) k(p < 0) c = x[i] * x[j] { store y[2*i + j] = c }' },
    'nor one without rows': { params: 'x: read f32[2], y: write f32[4]', body: 'for i < 4 { store y[i] = 1.0 } contract m(i < 0) n(j < 2) k(p < 2) c = x[p] * x[j] { store y[2*i + j] = c }' },
    'guards inside a contraction': { params: 'x: read f32[6], w: read f32[3], y: write f32[2]', body: 'contract m(i < 2) n() k(p < 3) c = (x[3*i + p] if p >= 0 && i >= 0 else 0.0) * (w[mod(p, 3)] if 2 - p >= 0 else 0.0) { let s = select(guard(i >= 0), c, 0.0) store y[i] = s }' },
  } },
  collapse: { run: collapse, from: 'naive', gives: 'naive', cases: {
    'loops over consecutive elements': { params: 'x: read f32[24], y: write f32[24]', body: 'for a < 2 { for b < 3 { for c < 4 { store y[12*a + 4*b + c] = x[12*a + 4*b + c] * 2.0 } } }' },
    'a bounded one outside': { params: 'x: read f32[24], y: write f32[24]', body: 'for a < 24 { store y[a] = 0.0 } for a < %n { for b < 4 { store y[4*a + b] = x[4*a + b] } }', n: 3 },
    'not a bounded one inside': { params: 'x: read f32[24], y: write f32[24]', body: 'for a < 24 { store y[a] = 0.0 } for a < 4 { for b < %n { store y[6*a + b] = x[6*a + b] } }', n: 3 },
    'not transposed': { params: 'x: read f32[12], y: write f32[12]', body: 'for a < 3 { for b < 4 { store y[3*b + a] = x[4*a + b] } }' },
    'not with something between them': { params: 'x: read f32[12], y: write f32[12]', body: 'for a < 3 { let s = x[a] for b < 4 { store y[4*a + b] = s } }' },
    'not with something after the inner one': { params: 'x: read f32[12], y: write f32[12], z: write f32[3]', body: 'for a < 3 { for b < 4 { store y[4*a + b] = x[4*a + b] } store z[a] = 1.0 }' },
    'not where an index stands alone': { params: 'x: read f32[12], y: write i32[12]', body: 'for a < 3 { for b < 4 { store y[4*a + b] = index(a + b):i32 } }' },
    'through divisions of both': { params: 'x: read f32[12], y: write f32[12]', body: 'for a < 3 { for b < 4 { store y[4*a + b] = x[floorDiv(4*a + b, 2)] } }' },
    'not through divisions of one': { params: 'x: read f32[12], y: write f32[12]', body: 'for a < 3 { for b < 4 { store y[4*a + b] = x[floorDiv(b, 2)] } }' },
    'rows, columns and steps of contractions': { params: 'x: read f32[24], w: read f32[24], y: write f32[16]', body: 'contract m(a < 2, b < 2) n(d < 2, e < 2) k(p < 2, q < 3) c = x[12*a + 6*b + 3*p + q] * w[12*p + 4*q + 2*d + e] init w[2*d + e] { store y[8*a + 4*b + 2*d + e] = c }' },
    'the last two of three': { params: 'x: read f32[24], y: write f32[24]', body: 'contract m(a < 2, b < 3, d < 4) n() k() c = x[12*a + 4*b + d] * 2.0 { store y[4*b + d + 12*a] = c }' },
    'the last two of three, where the first is apart': { params: 'x: read f32[24], y: write f32[24]', body: 'contract m(a < 2, b < 3, d < 4) n() k() c = x[12*a + 4*b + d] * 2.0 { store y[a + 8*b + 2*d] = c }' },
    'the first two of three': { params: 'x: read f32[24], y: write f32[24]', body: 'contract m(a < 2, b < 3, d < 4) n() k() c = x[12*a + 4*b + d] * 2.0 { store y[3*a + b + 6*d] = c }' },
    'not where the first factor says no': { params: 'x: read f32[6], w: read f32[6], y: write f32[1]', body: 'contract m() n() k(p < 2, q < 3) c = x[p + 2*q] * w[3*p + q] { store y[0] = c }' },
    'not where the second does': { params: 'x: read f32[6], w: read f32[6], y: write f32[1]', body: 'contract m() n() k(p < 2, q < 3) c = x[3*p + q] * w[p + 2*q] { store y[0] = c }' },
    'not where the start does': { params: 'x: read f32[6], w: read f32[6], y: write f32[6]', body: 'contract m(p < 2, q < 3) n() k() c = x[3*p + q] * 1.0 init w[p + 2*q] { store y[3*p + q] = c }' },
    'not where what follows does': { params: 'x: read f32[6], y: write f32[6]', body: 'contract m(p < 2, q < 3) n() k() c = x[3*p + q] * 1.0 { store y[p + 2*q] = c }' },
    'loops inside loops that stay': { params: 'x: read f32[24], y: write f32[24]', body: 'for a < 2 { for b < 3 { for c < 4 { store y[a + 8*b + 2*c] = x[a + 8*b + 2*c] } } }' },
  } },
  peelGuards: { run: peelGuards, from: 'naive', gives: 'naive', cases: {
    'a border on both sides': { params: 'x: read f32[4], y: write f32[7]', body: 'for i < 7 { store y[i] = x[i - 2] if i - 2 >= 0 && 5 - i >= 0 else 0.0 }' },
    'one element apart': { params: 'y: write f32[5]', body: 'for i < 5 { store y[i] = select(guard(i - 2 == 0), 1.0, 2.0) }' },
    'the first element': { params: 'y: write f32[5]', body: 'for i < 5 { store y[i] = select(guard(i == 0), 1.0, 2.0) }' },
    'the last element': { params: 'y: write f32[5]', body: 'for i < 5 { store y[i] = select(guard(4 - i >= 1), 1.0, 2.0) }' },
    'between multiples': { params: 'x: read f32[4], y: write f32[5]', body: 'for i < 5 { store y[i] = x[2*i - 3] if 2*i - 3 >= 0 && 5 - 2*i - 1 >= 0 else 1.0 }' },
    'never, an odd one among even': { params: 'y: write f32[5]', body: 'for i < 5 { store y[i] = select(guard(2*i - 3 == 0), 1.0, 2.0) }' },
    'guards of stores and conditions': { params: 'y: write f32[6]', body: 'for i < 6 { store y[i] = 0.0 } for i < 6 { let v = 3.0 store y[i] = v if i - 4 >= 0 if guard(1 - i >= 0) { store y[i] = 5.0 } }' },
    'not guards of two axes': { params: 'y: write f32[12]', body: 'for i < 3 { for j < 4 { store y[4*i + j] = select(guard(i - j >= 0), 1.0, 2.0) } }' },
    'not a loop of unknown length': { params: 'y: write f32[6]', body: 'for i < 6 { store y[i] = 0.0 } for i < %n { store y[i] = select(guard(i - 2 >= 0), 1.0, 2.0) }', n: 4 },
    'not beyond the loop': { params: 'y: write f32[4]', body: 'for i < 4 { store y[i] = select(guard(i - 4 >= 0), 1.0, 2.0) + select(guard(i >= 0), 1.0, 2.0) }' },
    'six parts': { params: 'y: write f32[9]', body: 'for i < 9 { store y[i] = select(guard(i - 1 >= 0), 1.0, 0.0) + select(guard(i - 3 == 0), 1.0, 0.0) + select(guard(i - 6 >= 0), 1.0, 0.0) + select(guard(i - 8 >= 0), 1.0, 0.0) }' },
    'not seven': { params: 'y: write f32[9]', body: 'for i < 9 { store y[i] = select(guard(i - 1 >= 0), 1.0, 0.0) + select(guard(i - 3 == 0), 1.0, 0.0) + select(guard(i - 6 == 0), 1.0, 0.0) + select(guard(i - 8 >= 0), 1.0, 0.0) }' },
  } },
  hoist: { run: hoist, from: 'naive', gives: 'naive', cases: {
    'values and parts that stay the same': { params: 's: read f32[1], x: read f32[4], y: write f32[4]', body: 'for i < 4 { let r = sqrt(s[0]) let v = x[i] * exp(s[0]) store y[i] = v + r * 2.0 }' },
    'out of two loops': { params: 's: read f32[3], x: read f32[12], y: write f32[12]', body: 'for i < 3 { for j < 4 { let a = s[i] let b = s[0] let c = index(j):f32 store y[4*i + j] = x[4*i + j] * a + b * c } }' },
    'the same value once': { params: 's: read f32[1], y: write f32[4]', body: 'for i < 4 { let a = exp(s[0]) let b = exp(s[0]) store y[i] = a * b } ' },
    'another name for a value that stays': { params: 'x: read f32[4], y: write f32[4]', body: 'for i < 4 { let a = x[i] let b = a store y[i] = b * b }' },
    'not what the loop writes': { params: 's: update f32[1], y: write f32[4]', body: 'store s[0] = 1.0 for i < 4 { let a = s[0] store y[i] = a store s[0] = a + 1.0 }' },
    'not what the loop folds into': { params: 'y: write f32[4]', body: 'alloc register s: f32[1] store s[0] = 1.0 for i < 4 { fold add into s[0] with 1.0 store y[i] = s[0] }' },
    'not what is defined in the loop': { params: 'x: read f32[4], y: write f32[4]', body: 'for i < 4 { alloc register s: f32[1] store s[0] = x[i] let a = s[0] store y[i] = a * a }' },
    'loads of a loop that may not run, if they lie in memory': { params: 's: read f32[3], y: write f32[6], z: write f32[1]', body: 'store z[0] = 0.0 for i < 6 { store y[i] = 0.0 } for i < %n { store y[i] = s[0] * s[2] }', n: 2 },
    'not those that need the loop to run': { params: 's: read f32[6], y: write f32[6]', body: 'for i < 6 { store y[i] = 0.0 } if guard(%n - 1 >= 0) { for i < %n { store y[i] = s[%n - 1] } }', n: 2 },
    'nor those that lie just behind memory where the loop does not run': { params: 's: read f32[6], y: write f32[6]', body: 'for i < 6 { store y[i] = 0.0 } if guard(5 - %n >= 0) { for i < %n { store y[i] = s[%n] } }', n: 2 },
    'of a store’s value under its guard, what lies in memory': { params: 's: read f32[4], y: write f32[16]', body: 'for i < 4 { for j < 4 { store y[4*i + j] = 1.0 } } for i < 4 { for j < 4 { store y[4*i + j] = exp(s[i]) if j - 1 >= 0 } }' },
    'not of a store’s value what its guard allows': { params: 's: read f32[4], y: write f32[16]', body: 'for i < 4 { for j < 4 { store y[4*i + j] = 1.0 } } for i < 4 { for j < 4 { store y[4*i + j] = s[i - 1] if i - 1 >= 0 } }' },
    'of a store’s value without a guard, wherever it lies': { params: 's: read f32[6], y: write f32[24]', body: 'for i < 24 { store y[i] = 1.0 } if guard(%n - 1 >= 0) { for i < 4 { store y[i] = exp(s[%n - 1]) } }', n: 2 },
    'of a loop of one round, wherever it lies': { params: 's: read f32[6], y: write f32[1]', body: 'store y[0] = 0.0 if guard(%n - 1 >= 0) { for i < 1 { store y[i] = exp(s[%n - 1]) } }', n: 2 },
    'the test of a condition, and nothing inside': { params: 's: read f32[2], y: write f32[4]', body: 'for i < 4 { store y[i] = 1.0 if gt(exp(s[0]), 1.0) { store y[i] = s[1] * 2.0 } }' },
    'what is folded': { params: 's: read f32[1], x: read f32[4], y: update f32[1]', body: 'store y[0] = 0.0 for i < 4 { fold add into y[0] with x[i] * exp(s[0]) }' },
    'inside blocks': { params: 's: read f32[1], y: write f32[4]', body: 'for i < 4 { block { let a = exp(s[0]) store y[i] = a } }' },
    'what stands beside a choice': { params: 's: read f32[4], x: read f32[4], y: write f32[4]', body: 'if guard(%n - 1 >= 0) { for i < 4 { store y[i] = select(gt(x[i] + exp(s[%n - 1]), 0.0), s[%n - 1], exp(s[0])) } } else { for i < 4 { store y[i] = 0.0 } }', n: 3 },
    'from the first and to the last element': { params: 's: read f32[4], y: write f32[6]', body: 'for i < 6 { store y[i] = 0.0 } for k < 4 { for i < %n { store y[i] = s[k] } }', n: 2 },
    'not of memory that goes by two names': { params: 'x: read f32[4], s: read f32[1], y: write f32[4]', body: 'for i < 4 { let a = s[0] store y[i] = x[i] * a }', twice: 'x, s, x' },
  } },
  scalarReplace: { run: scalarReplace, from: 'naive', gives: 'naive', cases: {
    'a cell folded into by one loop': { params: 'x: read f32[6], y: update f32[2]', body: 'for i < 2 { store y[i] = 0.0 for j < 3 { fold add into y[i] with x[3*i + j] } }' },
    'by two loops': { params: 'x: read f32[6], y: update f32[1]', body: 'store y[0] = 0.0 for i < 2 { for j < 3 { fold max into y[0] with x[3*i + j] } }' },
    'if the loop runs': { params: 'x: read f32[6], y: update f32[1]', body: 'store y[0] = 0.0 for i < %n { fold add into y[0] with x[i] }', n: 3 },
    'two cells at once': { params: 'x: read f32[6], v: update f32[1], p: update i32[1]', body: 'store v[0] = -inf store p[0] = -1 for i < 6 { fold argMax into v[0], p[0] with x[i], index(i) }' },
    'one after the other': { params: 'x: read f32[6], y: update f32[1], z: update f32[1]', body: 'store y[0] = 0.0 store z[0] = -inf for i < 6 { fold add into y[0] with x[i] fold max into z[0] with x[i] }' },
    'not one that the loop moves': { params: 'x: read f32[6], y: update f32[6]', body: 'for i < 6 { store y[i] = 0.0 } for i < 6 { fold add into y[i] with x[i] }' },
    'not one that an inner loop moves': { params: 'x: read f32[6], y: update f32[3]', body: 'for i < 3 { store y[i] = 0.0 } for j < 2 { for i < 3 { fold add into y[i] with x[3*j + i] } }' },
    'not one that is read too': { params: 'x: read f32[6], y: update f32[1], z: write f32[6]', body: 'store y[0] = 0.0 for i < 6 { fold add into y[0] with x[i] store z[i] = y[0] }' },
    'not one that is written too': { params: 'x: read f32[6], y: update f32[2]', body: 'store y[0] = 0.0 for i < 6 { fold add into y[0] with x[i] store y[1] = x[i] }' },
    'not one under a condition': { params: 'x: read f32[6], y: update f32[1]', body: 'store y[0] = 0.0 for i < 6 { if gt(x[i], 0.0) { fold add into y[0] with x[i] } }' },
    'around the loop that may not run, no further out': { params: 'x: read f32[6], y: update f32[1]', body: 'store y[0] = 0.0 for j < 2 { for i < %n { fold add into y[0] with x[i] } }', n: 3 },
    'not a register': { params: 'x: read f32[6], y: write f32[1]', body: 'alloc register r: f32[1] store r[0] = 0.0 for i < 6 { fold add into r[0] with x[i] } store y[0] = r[0]' },
    'scratch, around the inner loop': { params: 'x: read f32[6], y: write f32[2]', body: 'for i < 2 { alloc scratch s: f32[1] store s[0] = 0.0 for j < 3 { fold add into s[0] with x[3*i + j] } store y[i] = s[0] }' },
    'not one that data picks': { params: 'x: read i32[6], y: update f32[3]', body: 'for i < 3 { store y[i] = 0.0 } for i < 6 { let k = max(x[i], 0) fold add into y[data(k, 0..2)] with 1.0 }' },
    'one that data outside picks': { params: 'x: read i32[6], w: read f32[4], y: update f32[3]', body: 'for i < 3 { store y[i] = 0.0 } let k = max(x[0], 0) for i < 4 { fold add into y[data(k, 0..2)] with w[i] }' },
    'not of memory that goes by two names': { params: 'x: read f32[6], y: update f32[6]', body: 'store y[0] = 0.0 for i < 6 { fold add into y[0] with x[i] }', twice: 'y, y' },
  } },
  tile: { run: (p) => tile(p, jsTarget), from: 'naive', gives: 'tiled', cases: {
    'whole tiles': { params: 'x: read f32[8], w: read f32[8], y: write f32[4]', body: 'contract m(i < 2) n(j < 2) k(p < 4) c = x[4*i + p] * w[2*p + j] { store y[2*i + j] = c }' },
    'tiles and edges': { params: 'x: read f32[9], w: read f32[9], y: write f32[9]', body: 'contract m(i < 3) n(j < 3) k(p < 3) c = x[3*i + p] * w[3*p + j] { let v = c * 2.0 store y[3*i + j] = v }' },
    'of unknown extent, from a start': { params: 'x: read f32[12], w: read f32[4], b: read f32[2], y: write f32[12]', body: 'for i < 12 { store y[i] = 0.0 } contract m(i < %n) n(j < 2) k(p < 2) c = x[2*i + p] * w[2*p + j] init b[j] { store y[2*i + j] = c }', n: 3 },
    'a sum alone': { params: 'x: read f32[4], y: write f32[1]', body: 'contract m() n() k(p < 4) c = x[p] * x[p] { store y[0] = c }' },
    'rows of several axes, steps of several axes': { params: 'x: read f32[24], w: read f32[12], y: write f32[4]', body: 'contract m(a < 2, i < 2) n() k(q < 3, p < 2) c = x[12*a + 6*i + 2*q + p] * w[2*q + p] { store y[2*a + i] = c }' },
    'columns of several axes': { params: 'x: read f32[2], w: read f32[8], y: write f32[4]', body: 'contract m() n(b < 2, j < 2) k(p < 2) c = x[p] * w[4*b + 2*p + j] { store y[2*b + j] = c }' },
    'a factor that knows the other side': { params: 'x: read f32[8], y: write f32[4]', body: 'contract m(i < 2) n(j < 2) k(p < 2) c = (x[4*j + 2*i + p]) * (x[4*i + 2*j + p]) { store y[2*i + j] = c }' },
    'integers': { params: 'x: read i32[4], y: write i32[4]', body: 'contract m(i < 2) n(j < 2) k() c = x[i] * x[j + 2] { store y[2*i + j] = c }' },
    'integers out of scratch': { params: 'x: read i32[2], y: write i32[2]', body: 'alloc scratch s: i32[2] for i < 2 { store s[i] = x[i] } contract m(i < 2) n() k(p < 2) c = s[i] * s[p] { store y[i] = c }' },
    'inside loops and conditions': { params: 'x: read f32[4], y: write f32[4]', body: 'for t < 2 { if guard(t - 1 >= 0) { contract m(i < 2) n() k(p < 2) c = x[2*i + p] * x[p] { store y[2*t + i] = c } } else { store y[0] = 1.0 store y[1] = 1.0 } }' },
    'one inside another': { params: 'x: read f32[4], y: write f32[4]', body: 'contract m(i < 2) n() k(p < 2) c = x[2*i + p] * x[p] { contract m() n(j < 2) k(q < 2) d = x[q] * x[2*j + q] { store y[2*i + j] = c + d } }' },
  } },
  unroll: { run: (p) => unroll(p, jsTarget), from: 'tiled', gives: 'tiled', cases: {
    'copies with names of their own': { params: 'x: read f32[6], y: write f32[6]', body: 'for i < 2 { for j < 3 unroll { alloc register r: f32[1] store r[0] = x[3*i + j] let v = r[0] store y[3*i + j] = v } }' },
    'one in another': { params: 'x: read f32[4], y: write f32[4]', body: 'for i < 2 unroll { for j < 2 unroll { store y[2*i + j] = x[i + 2*j] } }' },
    'vectors where there are none': { params: 'x: read f32[2], y: write f32[2]', body: 'for i < 2 vector { store y[i] = x[i] }' },
    'nothing of none': { params: 'y: write f32[2]', body: 'for i < 2 { store y[i] = 1.0 } for i < 0 unroll { store y[i] = 2.0 }' },
  } },
};
