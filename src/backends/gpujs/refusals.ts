import { diagnostic, type Diagnostic } from '../../core/diagnostic.ts';
import { isHalf, isInteger, type DType } from '../../core/dtype.ts';
import type { Expr, Kernel, Program } from '../../ir/loop/syntax.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { scalarName, scalarRow, type ScalarName } from '../../ir/scalars.ts';
import { eachStmt, extremesOf, isExtreme } from './extremes.ts';
import { spellings } from './spell.ts';
import type { Mode } from './gpu.ts';

/** What gpu.js cannot do, found in the program before anything runs. One row a reason. */
export const reasons = {
  f64: 'gpu.js computes in 32-bit floats; use the js backend for f64',
  half: 'gpu.js has no memory of 16-bit numbers; use js or wasm for f16 and bf16',
  elements: 'gpu.js addresses at most 2^24 elements of one tensor',
  buffers: 'gpu.js kernels take at most 7 buffers here',
  constants: 'an integer constant beyond 2^24 is not exact in gpu.js',
  states: 'running states of several numbers are not merged by gpu.js kernels',
  control: 'loops and branches between kernels are not run by gpu.js',
  custom: 'the scalar function has no gpujs spelling and was not expanded',
} as const;

export const refusalsOf = (program: Program, mode: Mode): readonly Diagnostic[] => {
  const found = new Map<string, Diagnostic>();
  const refuse = (what: string, why: string): void => {
    found.set(`${what}: ${why}`, diagnostic('FX5101', `gpujs (${mode}) cannot run ${what}: ${why}`, { hint: 'choose another backend for this program, such as js()' }));
  };
  for (const [name, b] of program.buffers) {
    if (b.dtype === 'f64') refuse(`the f64 value '${name}'`, reasons.f64);
    if (isHalf(b.dtype)) refuse(`the ${b.dtype} value '${name}'`, reasons.half);
    if (b.layout.size > 1 << 24) refuse(`'${name}' of ${b.layout.size} elements`, reasons.elements);
  }
  for (const step of program.steps) if (step.kind === 'loop' || step.kind === 'branch') refuse(`a ${step.kind} of kernels`, reasons.control);
  for (const kernel of new Set(program.kernels.values())) refuseIn(kernel, refuse);
  return [...found.values()];
};

type Refuse = (what: string, why: string) => void;
const refuseIn = (kernel: Kernel, refuse: Refuse): void => {
  if (kernel.params.length > 8) refuse(`${kernel.name} with ${kernel.params.length} buffers`, reasons.buffers);
  const folded = extremesOf(kernel);
  const visit = (e: Expr): void => {
    if (e.kind === 'const') refuseConstant(e, kernel.name, refuse);
    if (e.kind === 'load' && !isExtreme(e.other)) visit(e.other);
    if (e.kind !== 'apply') return;
    (isPadded(e) && isExtreme(e.args[2]) ? e.args.slice(0, 2) : e.args).forEach(visit);
    refuseCall(e, kernel.name, refuse);
  };
  eachStmt(kernel.body, (s) => {
    if (s.kind === 'let' || (s.kind === 'store' && !(folded.has(s.to.buffer) && isExtreme(s.value)))) visit(s.value);
    if (s.kind === 'fold') { s.values.forEach(visit); if (s.monoid === 'maxExpSum' || s.monoid === 'welford') refuse(`${s.monoid} in ${kernel.name}`, reasons.states); }
    if (s.kind === 'if') visit(s.test);
  });
};

/** what stands beside a tensor, where none of its elements is */
const isPadded = ({ fn, args }: Extract<Expr, { kind: 'apply' }>): boolean => fn === 'select' && args[0].kind === 'guard';

const refuseConstant = ({ value, dtype }: Extract<Expr, { kind: 'const' }>, where: string, refuse: Refuse): void => {
  if (dtype !== 'f32' && Math.abs(value) > 1 << 24) refuse(`the constant ${value} in ${where}`, reasons.constants);
};
const refuseCall = (e: Extract<Expr, { kind: 'apply' }>, where: string, refuse: Refuse): void => {
  if (typeof e.fn !== 'string') { if (e.fn.spell.gpujs === undefined) refuse(`${scalarName(e.fn)} in ${where}`, reasons.custom); return; }
  if (isHalf(e.dtype)) return refuse(`a conversion to ${e.dtype} in ${where}`, reasons.half);
  const why = refusalOf(e.fn, e.dtype);
  if (why !== undefined) refuse(`${e.fn}${'refused' in spellings[e.fn] ? '' : ` of ${e.dtype}`} in ${where}`, why);
};
const refusalOf = (fn: ScalarName, dtype: DType): string | undefined => {
  const row = spellings[fn];
  if ('refused' in row) return row.refused;
  if (isInteger(dtype) && row.integers !== undefined) return row.integers.refused;
  return dtype === 'u32' ? row.unsigned?.refused : dtype === 'i32' ? row.signed?.refused : undefined;
};
/** of whole floats kernels cannot compute it, or only while they stay below 2²⁴, or it is to be rounded there and a device may not: of integers that were given the host can */
export const onHost = ({ op, attrs, inputs }: Node): 'needed' | 'better' | undefined => {
  const dtype = inputs[0]?.type.dtype;
  if (op === 'map' && attrs.fn === 'reducePrecision') return 'better';
  if (op !== 'map' || dtype === undefined || !isInteger(dtype) || typeof attrs.fn !== 'string') return undefined;
  return refusalOf(attrs.fn, dtype) !== undefined ? 'needed' : scalarRow(attrs.fn).integer !== undefined || scalarRow(attrs.fn).takes.startsWith('integer') ? 'better' : undefined;
};
