import * as E from 'fp-ts/lib/Either.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dtypes, isHalf, typedArray, type DType } from '../../src/core/dtype.ts';
import { decode, encode, type StoredTensor } from '../../src/interop/safetensors.ts';
import { runs } from '../laws/runs.ts';

const file = (header: unknown, body: readonly number[] = [], length?: number): Uint8Array => {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header)), out = new Uint8Array(8 + text.length + body.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  out.set(text, 8);
  out.set(body, 8 + text.length);
  return out;
};
const said = (content: Uint8Array): readonly string[] => { const r = decode('f', content); return E.isLeft(r) ? r.left.map((d) => `${d.code} ${d.message}`) : ['read']; };
const f32 = (shape: readonly number[], from: number, to: number): unknown => ({ dtype: 'F32', shape, data_offsets: [from, to] });

describe('safetensors', () => {
  it('reads a file written by hand after the format', () => {
    const read = decode('f', file({ __metadata__: { made: 'by hand' }, w: { dtype: 'I32', shape: [1, 2], data_offsets: [4, 12] }, b: f32([], 0, 4) }, [0, 0, 0x80, 0x3f, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]));
    expect(E.isRight(read) && [...read.right.tensors]).toEqual([['w', { dtype: 'i32', shape: [1, 2], data: Int32Array.of(1, -1) }], ['b', { dtype: 'f32', shape: [], data: Float32Array.of(1) }]]);
    expect(E.isRight(read) && read.right.metadata).toEqual({ made: 'by hand' });
  });
  it('reads and writes halves as two bytes', () => {
    const bytes = [0x00, 0x3c, 0x01, 0xc0, 0x80, 0x3f], read = decode('f', file({ h: { dtype: 'F16', shape: [2], data_offsets: [0, 4] }, b: { dtype: 'BF16', shape: [1], data_offsets: [4, 6] } }, bytes));
    if (E.isLeft(read)) throw new Error(read.left[0].message);
    expect([...read.right.tensors]).toEqual([['h', { dtype: 'f16', shape: [2], data: Float32Array.of(1, -2.001953125) }], ['b', { dtype: 'bf16', shape: [1], data: Float32Array.of(1) }]]);
    expect([...encode(read.right).subarray(-6)]).toEqual(bytes);
  });
  it('gives back what was written, bit for bit, for any tensors', () => {
    const tensor = fc.tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(4), { maxLength: 3 }), fc.array(fc.integer(), { minLength: 64, maxLength: 64 })).map(([dtype, shape, raw]): StoredTensor => {
      const n = shape.reduce((a, d) => a * d, 1), data = typedArray<DType>(dtype, n);
      new Uint8Array(data.buffer).set(new Uint8Array(Int32Array.from({ length: 2 * n }, (_, i) => raw[i % 64]).buffer).subarray(0, data.byteLength));
      // of a half there are the numbers that its bits stand for
      return { dtype, shape, data: isHalf(dtype) ? typedArray(dtype, Array.from(data, (x) => (Number.isNaN(x) ? 0 : x))) : data };
    });
    fc.assert(fc.property(fc.dictionary(fc.string(), tensor), fc.dictionary(fc.string(), fc.string()), (dict, metadata) => {
      const tensors = new Map(Object.entries(dict).filter(([name]) => name !== '__metadata__' && name !== '__proto__'));
      const read = decode('f', encode({ tensors, metadata }));
      if (E.isLeft(read)) throw new Error(read.left[0].message);
      const raw = (t: ReadonlyMap<string, StoredTensor>): unknown => new Map([...t].map(([name, x]) => [name, [x.dtype, x.shape, [...new Uint8Array(x.data.buffer)]]]));
      expect(raw(read.right.tensors)).toEqual(raw(tensors));
    }), runs(60, 71));
  });
  it('checks the header', () => {
    expect(said(new Uint8Array(7))).toEqual(['FX6103 f: 7 bytes are too few for a safetensors file']);
    expect(said(file({}, [], 99))).toEqual(['FX6103 f: the file ends inside its header, after 10 of 107 bytes']);
    expect(said(new Uint8Array(64).fill(255))[0]).toMatch(/^FX6104 f: not a safetensors file/);
    expect(said(file('[1]'))).toEqual(['FX6104 f: the header is not a JSON object']);
    expect(said(file('{"a":'))).toEqual(['FX6104 f: the header is not a JSON object']);
    expect(said(file({ __metadata__: { a: 1 } }))).toEqual(['FX6104 f: __metadata__ must map names to texts']);
    expect(said(file({ w: 3 }))).toEqual(["FX6104 f: 'w' must have a dtype, a shape and data_offsets"]);
    expect(said(file({ w: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }))).toEqual(["FX6104 f: the shape of 'w' must be a list of sizes, but is [-1]"]);
    expect(said(file({ w: { dtype: 'F32', shape: [1], data_offsets: [0] } }, [0, 0, 0, 0]))).toEqual(["FX6104 f: the data_offsets of 'w' must be two positions, but are [0]"]);
  });
  it('finds a name that stands twice, however it is spelled', () => {
    const entry = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
    expect(said(file(`{"w":${entry},"w":${entry}}`))).toEqual(["FX6107 f: the name 'w' stands twice in the header"]);
    expect(said(file(`{"w":${entry}, "\\u0077" :${entry}}`))).toEqual(["FX6107 f: the name 'w' stands twice in the header"]);
    expect(said(file(`{"shape":${entry},"a{\\"}":${entry}}`))).toEqual(['read']);
  });
  it('checks dtypes, sizes and places, each wrong tensor named', () => {
    expect(said(file({ a: { dtype: 'F8_E4M3', shape: [4], data_offsets: [0, 4] }, b: { dtype: 'X', shape: [1], data_offsets: [0, 1] } }, [0, 0, 0, 0])))
      .toEqual(["FX6105 f: 'a' has the dtype \"F8_E4M3\"", "FX6105 f: 'b' has the dtype \"X\""]);
    const complex = decode('f', file({ a: { dtype: 'C64', shape: [1], data_offsets: [0, 8] } }, [0, 0, 0, 0, 0, 0, 0, 0]));
    expect(E.isLeft(complex) && complex.left.map((d) => [d.code, d.hint])).toEqual([['FX6105', 'complex numbers are not available: save the real and the imaginary part as two tensors']]);
    expect(said(file({ a: f32([2], 0, 4) }, [0, 0, 0, 0]))).toEqual(["FX6106 f: 'a' is F32 [2], which needs 8 bytes, but has 4"]);
    expect(said(file({ a: f32([1], 0, 4), b: f32([1], 2, 6) }, [0, 0, 0, 0, 0, 0]))).toEqual(["FX6106 f: 'b' starts at byte 2, but the numbers before it end at 4"]);
    expect(said(file({ a: f32([1], 4, 8) }, [0, 0, 0, 0, 0, 0, 0, 0]))).toEqual(["FX6106 f: 'a' starts at byte 4, but the numbers before it end at 0"]);
    expect(said(file({ a: f32([2], 0, 8) }, [0, 0, 0]))).toEqual(['FX6103 f: the file ends after 3 bytes of numbers, but its header names 8']);
    expect(said(file({ a: f32([1], 0, 4) }, [0, 0, 0, 0, 0]))).toEqual(['FX6106 f: 1 bytes are left over after the 4 that its header names']);
  });
  it('refuses every cut of a file', () => {
    const whole = encode({ tensors: new Map([['w', { dtype: 'f32', shape: [2], data: Float32Array.of(1, 2) }]]), metadata: {} });
    for (let n = 0; n < whole.length; n++) expect(said(whole.subarray(0, n))[0]).toMatch(/^FX61(03|04)/);
    expect(said(whole)).toEqual(['read']);
  });
});
