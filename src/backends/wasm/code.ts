/**
 * WebAssembly instructions as nested bytes: an expression is its operands followed by its opcode. Locals stand as
 * references, which get their numbers when their function is finished, so that parameters can be added on the way.
 * Opcodes: WebAssembly Core Specification 2.0, §5.4, and the threads proposal.
 */
export type Code = number | readonly Code[] | LocalUse;
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';
/** of the function with that index; `at` is its number there, once the function is encoded */
export interface Local { readonly type: ValueType; readonly fn: number; at: number }
export interface LocalUse { readonly use: number; readonly of: Local }
export const isLocalUse = (code: Code): code is LocalUse => typeof code === 'object' && !Array.isArray(code);

const single: readonly (readonly number[])[] = Array.from({ length: 0x80 }, (_, i) => [i]);
export const unsigned = (value: number): readonly number[] => {
  // most numbers are small
  if (value >= 0 && value < 0x80) return single[value];
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
};
const signed = (value: number): readonly number[] => {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const low = rest & 0x7f;
    if ((rest >> 7 === 0 && (low & 0x40) === 0) || (rest >> 7 === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
};
const view = new DataView(new ArrayBuffer(8));
const written = new Uint8Array(view.buffer);
const [four, eight] = [4, 8].map((size) => written.subarray(0, size));
const f32Bytes = (x: number): readonly number[] => { view.setFloat32(0, x, true); return Array.from(four); };
const f64Bytes = (x: number): readonly number[] => { view.setFloat64(0, x, true); return Array.from(eight); };
const i32Bytes = (x: number): readonly number[] => { view.setInt32(0, x, true); return Array.from(four); };
const i64Bytes = (x: bigint): readonly number[] => { view.setBigInt64(0, x, true); return Array.from(eight); };

type Op = (...operands: readonly Code[]) => Code;
// the operands' array is the instruction's own
const op = (opcode: number): Op => (...operands: Code[]) => { operands.push(opcode); return operands; };
const simd = (opcode: number): Op => { const bytes = [0xfd, ...unsigned(opcode)]; return (...operands: Code[]) => { operands.push(bytes); return operands; }; };
const saturating = (opcode: number): Op => (x) => [x, 0xfc, opcode];
/** alignment is a hint only, which no engine of today reads: 0 promises nothing */
const memory = (bytes: readonly number[]) => ({
  load: (address: Code, offset = 0): Code => [address, bytes, 0, unsigned(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [address, value, bytes, 0, unsigned(offset)],
});
const simdBytes = (opcode: number): readonly number[] => [0xfd, ...unsigned(opcode)];

export const get = (of: Local): Code => ({ use: 0x20, of });
export const set = (of: Local, value: Code): Code => [value, { use: 0x21, of }];
export const tee = (of: Local, value: Code): Code => [value, { use: 0x22, of }];

export const i32 = {
  const: (n: number): Code => [0x41, signed(n)],
  load: memory([0x28]).load, store: memory([0x36]).store, load8: memory([0x2d]).load, store8: memory([0x3a]).store, load16: memory([0x2f]).load, store16: memory([0x3b]).store,
  eqz: op(0x45), eq: op(0x46), ne: op(0x47), ltS: op(0x48), ltU: op(0x49), gtS: op(0x4a), gtU: op(0x4b), leS: op(0x4c), leU: op(0x4d), geS: op(0x4e), geU: op(0x4f),
  add: op(0x6a), sub: op(0x6b), mul: op(0x6c), divS: op(0x6d), divU: op(0x6e), remS: op(0x6f), remU: op(0x70),
  clz: op(0x67), popcnt: op(0x69), and: op(0x71), or: op(0x72), xor: op(0x73), shl: op(0x74), shrS: op(0x75), shrU: op(0x76),
  wrap: op(0xa7), bitsOfF32: op(0xbc),
};
export const i64 = {
  const: (n: bigint): Code => [0x42, signed64(n)],
  ltU: op(0x54),
  add: op(0x7c), sub: op(0x7d), mul: op(0x7e), and: op(0x83), or: op(0x84), shl: op(0x86), shrS: op(0x87), shrU: op(0x88), fromI32: op(0xac), fromU32: op(0xad), bitsOfF64: op(0xbd), fromF64: saturating(6),
};
const signed64 = (value: bigint): readonly number[] => {
  const bytes: number[] = [];
  for (let rest = BigInt.asIntN(64, value); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if ((rest >> 7n === 0n && (low & 0x40) === 0) || (rest >> 7n === -1n && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
};
export const f32 = {
  const: (x: number): Code => [0x43, f32Bytes(x)],
  load: memory([0x2a]).load, store: memory([0x38]).store,
  eq: op(0x5b), ne: op(0x5c), lt: op(0x5d), gt: op(0x5e), le: op(0x5f), ge: op(0x60),
  abs: op(0x8b), neg: op(0x8c), ceil: op(0x8d), floor: op(0x8e), trunc: op(0x8f), nearest: op(0x90), sqrt: op(0x91),
  add: op(0x92), sub: op(0x93), mul: op(0x94), div: op(0x95), min: op(0x96), max: op(0x97), copysign: op(0x98),
  fromI32: op(0xb2), fromU32: op(0xb3), fromF64: op(0xb6), ofBits: op(0xbe),
};
export const f64 = {
  const: (x: number): Code => [0x44, f64Bytes(x)],
  load: memory([0x2b]).load, store: memory([0x39]).store,
  eq: op(0x61), ne: op(0x62), lt: op(0x63), gt: op(0x64), le: op(0x65), ge: op(0x66),
  abs: op(0x99), neg: op(0x9a), ceil: op(0x9b), floor: op(0x9c), trunc: op(0x9d), nearest: op(0x9e), sqrt: op(0x9f),
  add: op(0xa0), sub: op(0xa1), mul: op(0xa2), div: op(0xa3), min: op(0xa4), max: op(0xa5), copysign: op(0xa6),
  fromI32: op(0xb7), fromU32: op(0xb8), fromI64: op(0xb9), fromU64: op(0xba), fromF32: op(0xbb), ofBits: op(0xbf),
};

const lane = (opcode: number) => (v: Code, at: number): Code => [v, 0xfd, unsigned(opcode), at];
const replace = (opcode: number) => (v: Code, at: number, x: Code): Code => [v, x, 0xfd, unsigned(opcode), at];
export const v128 = {
  load: memory(simdBytes(0x00)).load, store: memory(simdBytes(0x0b)).store,
  /** four numbers of 16 bits, as four words */
  load16x4: memory(simdBytes(0x04)).load,
  load32Splat: memory(simdBytes(0x09)).load, load64Splat: memory(simdBytes(0x0a)).load, load32Zero: memory(simdBytes(0x5c)).load, load64Zero: memory(simdBytes(0x5d)).load,
  store32Lane: (address: Code, v: Code, at: number, offset: number): Code => [address, v, simdBytes(0x5a), 0, unsigned(offset), at],
  store64Lane: (address: Code, v: Code, at: number, offset: number): Code => [address, v, simdBytes(0x5b), 0, unsigned(offset), at],
  /** the words of the result, of the eight words of both operands */
  shuffle: (a: Code, b: Code, words: readonly number[]): Code => [a, b, 0xfd, 0x0d, words.flatMap((w) => [4 * w, 4 * w + 1, 4 * w + 2, 4 * w + 3])],
  not: simd(0x4d), and: simd(0x4e), andnot: simd(0x4f), or: simd(0x50), xor: simd(0x51), bitselect: simd(0x52),
};
export const i32x4 = {
  const: (n: readonly number[]): Code => [0xfd, 0x0c, n.flatMap(i32Bytes)],
  all: (n: number): Code => { const bytes = i32Bytes(n); return [0xfd, 0x0c, bytes, bytes, bytes, bytes]; },
  splat: simd(0x11), lane: lane(0x1b), replace: replace(0x1c),
  eq: simd(0x37), ne: simd(0x38), ltS: simd(0x39), ltU: simd(0x3a), gtS: simd(0x3b), gtU: simd(0x3c), leS: simd(0x3d), leU: simd(0x3e), geS: simd(0x3f), geU: simd(0x40),
  abs: simd(0xa0), neg: simd(0xa1), bitmask: simd(0xa4), shl: simd(0xab), shrS: simd(0xac), shrU: simd(0xad), add: simd(0xae), sub: simd(0xb1), mul: simd(0xb5),
  minS: simd(0xb6), minU: simd(0xb7), maxS: simd(0xb8), maxU: simd(0xb9),
  /** those of the bytes, added in pairs two times */
  popcnt: (v: Code): Code => simd(0x7f)(simd(0x7d)(simd(0x62)(v))),
  /** toward zero; what does not fit becomes the nearest number that does, NaN 0 */
  fromF32: simd(0xf8),
  /** of two f64, in the low words; the others are 0 */
  fromF64U: simd(0xfd),
  /** four bytes in the low word, as four words */
  fromBytes: (v: Code): Code => simd(0xa9)(simd(0x89)(v)),
  /** four words that fit into 16 bits, as such in the low half */
  toHalves: (v: Code): Code => simd(0x86)(v, i32x4.all(0)),
  /** four words that fit into a signed byte, as bytes in the low word */
  toBytes: (v: Code): Code => simd(0x65)(simd(0x85)(v, i32x4.all(0)), i32x4.all(0)),
};
export const f32x4 = {
  const: (x: readonly number[]): Code => [0xfd, 0x0c, x.flatMap(f32Bytes)],
  all: (x: number): Code => { const bytes = f32Bytes(x); return [0xfd, 0x0c, bytes, bytes, bytes, bytes]; },
  splat: simd(0x13), lane: lane(0x1f), replace: replace(0x20),
  eq: simd(0x41), ne: simd(0x42), lt: simd(0x43), gt: simd(0x44), le: simd(0x45), ge: simd(0x46),
  ceil: simd(0x67), floor: simd(0x68), trunc: simd(0x69), nearest: simd(0x6a),
  abs: simd(0xe0), neg: simd(0xe1), sqrt: simd(0xe3), add: simd(0xe4), sub: simd(0xe5), mul: simd(0xe6), div: simd(0xe7), min: simd(0xe8), max: simd(0xe9),
  /** pmax(a, b) = a < b ? b : a, pmin(a, b) = b < a ? b : a: one instruction where min and max are several */
  pmin: simd(0xea), pmax: simd(0xeb), fromI32: simd(0xfa), fromU32: simd(0xfb), fromF64: simd(0x5e),
};
/** the low words of an operand become two f64 */
export const f64x2 = {
  const: (x: readonly number[]): Code => [0xfd, 0x0c, x.flatMap(f64Bytes)],
  all: (x: number): Code => f64x2.const([x, x]),
  splat: simd(0x14), lane: lane(0x21), replace: replace(0x22),
  eq: simd(0x47), ne: simd(0x48), lt: simd(0x49), gt: simd(0x4a), le: simd(0x4b), ge: simd(0x4c),
  ceil: simd(0x74), floor: simd(0x75), trunc: simd(0x7a), nearest: simd(0x94),
  abs: simd(0xec), neg: simd(0xed), sqrt: simd(0xef), add: simd(0xf0), sub: simd(0xf1), mul: simd(0xf2), div: simd(0xf3), min: simd(0xf4), max: simd(0xf5),
  pmin: simd(0xf6), pmax: simd(0xf7), fromF32: simd(0x5f), fromI32: simd(0xfe), fromU32: simd(0xff),
};
export const i64x2 = {
  const: (n: readonly bigint[]): Code => [0xfd, 0x0c, n.flatMap(i64Bytes)],
  all: (n: bigint): Code => i64x2.const([n, n]),
  shl: simd(0xcb), shrS: simd(0xcc), shrU: simd(0xcd), add: simd(0xce), sub: simd(0xd1),
};
const atomicOp = (opcode: number) => (operands: readonly Code[], offset = 0): Code => [operands, 0xfe, opcode, 2, unsigned(offset)];
/** words that threads share, in one order for all of them; they lie at multiples of four */
export const atomic = {
  /** wakes that many of those that wait; gives how many there were */
  notify: atomicOp(0x00),
  /** address, expected, nanoseconds: 0 where woken, 1 where another number stood there, 2 after that time */
  wait: atomicOp(0x01),
  load: atomicOp(0x10), store: atomicOp(0x17),
  /** address, number: what stood there before */
  add: atomicOp(0x1e),
};
export const drop = (value: Code): Code => [value, 0x1a];
export const trap: Code = 0x00;
export const block = (...body: readonly Code[]): Code => [0x02, 0x40, body, 0x0b];
export const branch = (depth: number): Code => [0x0c, unsigned(depth)];
export const loop = (...body: readonly Code[]): Code => [0x03, 0x40, body, 0x0b];
export const when = (test: Code, then: Code, otherwise?: Code): Code => [test, 0x04, 0x40, then, otherwise === undefined ? [] : [0x05, otherwise], 0x0b];
const typeBytes: { readonly [T in ValueType]: number } = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
export const typeByte = (type: ValueType): number => typeBytes[type];
/** the value of one branch or the other, of which only one is computed */
export const choose = (type: ValueType, test: Code, then: Code, otherwise: Code): Code => [test, 0x04, typeBytes[type], then, 0x05, otherwise, 0x0b];
/** both are computed */
export const select = (test: Code, then: Code, otherwise: Code): Code => [then, otherwise, test, 0x1b];
export const branchIf = (depth: number, test: Code): Code => [test, 0x0d, unsigned(depth)];
export const call = (callee: number, ...operands: readonly Code[]): Code => [operands, 0x10, unsigned(callee)];
