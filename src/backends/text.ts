import { storedArray, type DType, type StoredArray } from '../core/dtype.ts';
import type { Buffer } from '../ir/loop/syntax.ts';

/** Numbers in the text of JavaScript modules. */
export const arrays: { readonly [D in DType]: string } = { f32: 'Float32Array', f64: 'Float64Array', f16: 'Uint16Array', bf16: 'Uint16Array', i32: 'Int32Array', u32: 'Uint32Array', bool: 'Uint8Array' };

/** the array of a constant buffer */
export const constantText = ({ dtype, layout, value }: Buffer): string => {
  const array = arrays[dtype];
  const stored = storedArray(dtype, typeof value === 'number' ? [value] : value ?? [0]);
  if (value === undefined || typeof value === 'number') return `new ${array}(${layout.size}).fill(${literal(stored[0])})`;
  if (value.length <= 64) return `new ${array}([${Array.from(stored, literal).join(', ')}])`;
  return `new ${array}(Uint8Array.from(atob('${base64(stored)}'), (c) => c.charCodeAt(0)).buffer)`;
};
const literal = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));
/** bytes in the machine's order, which is little-endian wherever this runs */
export const base64 = (data: StoredArray): string => {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength), parts: string[] = [];
  for (const byte of bytes) parts.push(String.fromCharCode(byte));
  return btoa(parts.join(''));
};
