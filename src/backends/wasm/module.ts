import { invariant } from '../../core/invariant.ts';
import { isLocalUse, typeByte, unsigned, type Code, type Local, type LocalUse, type ValueType } from './code.ts';

/** A function while it is written. Its parameters come first, in the order in which they were added. */
export interface Fn {
  readonly name: string;
  readonly index: number;
  readonly param: (type: ValueType) => Local;
  readonly local: (type: ValueType) => Local;
  readonly finish: (body: Code) => void;
}
/** A module while it is written: functions over one memory that it imports. */
export interface ModuleWriter {
  readonly fn: (name: string, results?: readonly ValueType[]) => Fn;
  readonly bytes: (exported: ReadonlyMap<string, Fn>, memory: MemoryType) => Uint8Array;
}
/** in pages of 64 KiB; memory that threads share has a maximum */
export interface MemoryType { readonly shared: boolean; readonly pages: number; readonly most: number }

interface Written { readonly name: string; readonly index: number; readonly params: Local[]; readonly results: readonly ValueType[]; readonly locals: Local[]; body: Code | undefined }

export const createModule = (): ModuleWriter => {
  const written: Written[] = [];
  const fn: ModuleWriter['fn'] = (name, results = []) => {
    const index = written.length, own: Written = { name, index, params: [], results, locals: [], body: undefined };
    written.push(own);
    const declared = (into: Local[]) => (type: ValueType): Local => { const made: Local = { type, fn: index, at: -1 }; into.push(made); return made; };
    return { name, index, param: declared(own.params), local: declared(own.locals), finish: (body) => { own.body = body; } };
  };
  return { fn, bytes: (exported, memory) => encode(written, exported, memory) };
};

const text = (name: string): readonly number[] => { const bytes = [...new TextEncoder().encode(name)]; return [...unsigned(bytes.length), ...bytes]; };
const vector = (items: readonly (readonly number[])[]): readonly number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]): readonly number[] => [id, ...unsigned(content.length), ...content];
const typesOf = (locals: readonly Local[]): readonly number[] => locals.map((l) => typeByte(l.type));

/** what profilers and traces call the functions: Appendix, Custom Sections, §7.4.1 */
const names = (written: readonly Written[]): readonly number[] =>
  section(0, [...text('name'), ...section(1, vector(written.map(({ name }, i) => [...unsigned(i), ...text(name)])))]);

/** sections by WebAssembly Core Specification 2.0, §5.5 */
const encode = (written: readonly Written[], exported: ReadonlyMap<string, Fn>, { shared, pages, most }: MemoryType): Uint8Array => {
  const types = new Map<string, number>(), forms: (readonly number[])[] = [];
  const typeOf = ({ params, results }: Written): number => {
    const form = [0x60, ...unsigned(params.length), ...typesOf(params), ...unsigned(results.length), ...results.map(typeByte)], key = form.join();
    const known = types.get(key);
    if (known !== undefined) return known;
    types.set(key, forms.length);
    return forms.push(form) - 1;
  };
  const functions = written.map((f) => unsigned(typeOf(f)));
  const imported = [...text('env'), ...text('memory'), 2, shared ? 3 : 1, ...unsigned(pages), ...unsigned(most)];
  const exports = [...exported].map(([name, { index }]) => [...text(name), 0, ...unsigned(index)]);
  const head = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...section(1, vector(forms)), ...section(2, vector([imported])), ...section(3, vector(functions)), ...section(7, vector(exports))];
  const bodies = written.map(bodyOf), size = bodies.reduce((sum, b) => sum + b.length, 0) + unsigned(bodies.length).length;
  const head2 = [10, ...unsigned(size), ...unsigned(bodies.length)];
  const parts = [head, head2, ...bodies, names(written)], out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => { out.set(part, at); return at + part.length; }, 0);
  return out;
};

const order: readonly ValueType[] = ['i32', 'i64', 'f32', 'f64', 'v128'];
/** locals of one type stand together, after the parameters */
const bodyOf = ({ index, params, locals, body }: Written): readonly number[] => {
  invariant(body !== undefined, 'a function that was not finished');
  const byType = order.map((type) => locals.filter((l) => l.type === type)).filter((of) => of.length > 0);
  [...params, ...byType.flat()].forEach((l, at) => { l.at = at; });
  const bytes: number[] = [...vector(byType.map((of) => [...unsigned(of.length), typeByte(of[0].type)]))];
  flatten(body, index, bytes);
  bytes.push(0x0b);
  return unsigned(bytes.length).concat(bytes);
};
/** Counted loops: what runs once for each byte of a program that is compiled once must be quick before V8 has made it so. */
const flatten = (code: Code, fn: number, out: number[]): void => {
  if (typeof code === 'number') out.push(code);
  else if (isLocalUse(code)) writeUse(code, fn, out);
  else {
    // most are bytes, which need no call
    for (let i = 0; i < code.length; i++) {
      const part = code[i];
      if (typeof part === 'number') out.push(part);
      else flatten(part, fn, out);
    }
  }
};
const writeUse = ({ use, of: { at, fn: own } }: LocalUse, fn: number, out: number[]): void => {
  invariant(own === fn, 'a local of another function');
  if (at < 0x80) out.push(use, at);
  else out.push(use, ...unsigned(at));
};
