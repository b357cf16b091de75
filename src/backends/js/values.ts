import { computedAs, isFloat, type Computed, type DType } from '../../core/dtype.ts';
import type { Expr } from '../../ir/loop/syntax.ts';
import { isScalarName, scalarRow, takesRounded, type CustomScalar, type ScalarName, type ScalarOp } from '../../ir/scalars.ts';
import { localName } from './names.ts';
import { helpers, spellings } from './spell.ts';
import { declareLocal, dtypeOf, isExact, loadText, put, roundedToHalf, type Writer } from './writer.ts';

/*
 * Expressions as text. f32 values are doubles until they are stored; they are rounded before that only where they feed
 * a function that jumps (floor, comparisons, conversion to integers, …), which rounding could carry across.
 */
type Apply = Extract<Expr, { kind: 'apply' }>;

export const exprText = (w: Writer, e: Expr): string => {
  switch (e.kind) {
    case 'const': return literal(e.value);
    case 'index': return e.dtype === 'u32' ? `((${w.index.text(e.index)}) >>> 0)` : `(${w.index.text(e.index)})`;
    case 'guard': return `(${w.index.guard(e.guard)} ? 1 : 0)`;
    case 'local': return localName(e.local);
    case 'load': return e.guard.length === 0 ? loadText(w, e.from) : `(${w.index.guard(e.guard)} ? ${loadText(w, e.from)} : ${exprText(w, e.other)})`;
    case 'apply': return typeof e.fn === 'string' ? applyText(w, e, e.fn) : customText(w, e, e.fn);
  }
};
const literal = (value: number): string => (Object.is(value, -0) || value < 0 ? `(${Object.is(value, -0) ? '-0' : value})` : String(value));

/** the value as it would be stored */
export const roundedText = (w: Writer, e: Expr): string =>
  (dtypeOf(w, e) === 'f32' && !isExact(w, e) ? `Math.fround(${bare(exprText(w, e))})` : exprText(w, e));

/** without parentheses around all of it */
export const bare = (text: string): string => {
  if (!text.startsWith('(')) return text;
  let open = 0;
  for (let i = 0; i < text.length; i++) {
    open += text[i] === '(' ? 1 : text[i] === ')' ? -1 : 0;
    if (open === 0) return i === text.length - 1 ? text.slice(1, -1) : text;
  }
  return text;
};

const comparisons: { readonly [fn: string]: string } = { eq: '===', ne: '!==', lt: '<', le: '<=', gt: '>', ge: '>=' };
/** a bool as the condition of a test */
export const testText = (w: Writer, e: Expr): string => {
  if (e.kind === 'guard') return w.index.guard(e.guard);
  if (e.kind !== 'apply' || typeof e.fn !== 'string') return `${exprText(w, e)} !== 0`;
  const op = comparisons[e.fn];
  if (op !== undefined) return e.args.map((x) => roundedText(w, x)).join(` ${op} `);
  if ((e.fn === 'and' || e.fn === 'or') && e.dtype === 'bool') return e.args.map((x) => `(${testText(w, x)})`).join(e.fn === 'and' ? ' && ' : ' || ');
  return e.fn === 'not' && e.dtype === 'bool' ? `!(${testText(w, e.args[0])})` : `${exprText(w, e)} !== 0`;
};

const applyText = (w: Writer, e: Apply, fn: ScalarName): string => {
  if (fn === 'select') return `(${testText(w, e.args[0])} ? ${exprText(w, e.args[1])} : ${exprText(w, e.args[2])})`;
  const operand = dtypeOf(w, e.args[0]), rounds = takesRounded(fn) || (fn === 'convert' && e.dtype !== 'f32');
  const twice = !isFloat(operand) && (fn === 'div' || fn === 'rem' || fn.startsWith('shift'));
  const args = e.args.map((x) => (twice ? named(w, x, exprText(w, x)) : rounds ? roundedText(w, x) : exprText(w, x)));
  const helper = Object.hasOwn(helpers, fn) ? fn : undefined;
  if (helper !== undefined) w.helpers.add(helper);
  return fn === 'convert' ? convertText(w, args[0], operand, e.dtype) : spellings[fn](args, operand);
};

/** what changes the set of numbers rounds to it, but for f32 as f32 */
const convertText = (w: Writer, x: string, from: Computed, to: DType): string => {
  switch (to) {
    case 'f32': return from === 'f32' || from === 'bool' ? x : `Math.fround(${bare(x)})`;
    case 'f64': return x;
    case 'f16': case 'bf16': return roundedToHalf(w, to, bare(x));
    case 'i32': return from === 'i32' || from === 'bool' ? x : `(${x} | 0)`;
    case 'u32': return from === 'u32' || from === 'bool' ? x : `(${x} >>> 0)`;
    case 'bool': return from === 'bool' ? x : `(${x} !== 0 ? 1 : 0)`;
  }
};

/** text that may stand twice: a name or a literal */
const named = (w: Writer, e: Expr, text: string): string => {
  if (e.kind === 'local' || e.kind === 'const') return text;
  const name = w.fresh('x');
  put(w, `const ${name} = ${bare(text)};`);
  return name;
};

/** a user's function by its own spelling, else by what it expands into */
const customText = (w: Writer, e: Apply, fn: CustomScalar): string => {
  if (fn.spell.js !== undefined) {
    const args = e.args.map((x) => named(w, x, exprText(w, x)));
    return `(${fn.spell.js.replace(/(?<![\w$.])[xyz](?![\w$])/g, (v) => args['xyz'.indexOf(v)])})`;
  }
  const bind = (x: Expr): Expr => {
    if (x.kind === 'local' || x.kind === 'const') return x;
    const local = w.fresh('t'), text = bare(exprText(w, x));
    declareLocal(w, local, x);
    put(w, `const ${localName(local)} = ${text};`);
    return { kind: 'local', local };
  };
  const apply = (op: ScalarOp, ...given: readonly (Expr | number)[]): Expr => {
    const like = [...given].reverse().find((x): x is Expr => typeof x !== 'number'), operand = like === undefined ? computedAs(e.dtype) : dtypeOf(w, like);
    const args = given.map((x): Expr => (typeof x === 'number' ? { kind: 'const', dtype: operand, value: x } : x));
    const dtype = typeof op === 'string' && isScalarName(op) && scalarRow(op).gives === 'bool' ? 'bool' : operand;
    return bind({ kind: 'apply', fn: op, dtype, args });
  };
  return exprText(w, fn.expand<Expr>(apply, ...e.args.map(bind)));
};
