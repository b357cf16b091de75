import { leaves, unbounded } from '../../core/affine.ts';
import type { AxisId, Bounds, Index } from '../../core/affine.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import type { Code, Diagnostic } from '../../core/diagnostic.ts';
import { byteSize } from '../../core/dtype.ts';
import { stageFindings } from './stages.ts';
import type { Buffer, BufferId, Kernel, Program, Stage, Step } from './syntax.ts';
import { spanOf, verifyKernel } from './verifyKernel.ts';
import type { Finding } from './verifyKernel.ts';

type Spans = Parameters<typeof verifyKernel>[2];
type Found = (code: Code, message: string) => void;

/**
 * What is wrong with the program at this stage; [] where nothing is.
 * FX3101 scopes · FX3102 dtypes · FX3103 an index that surely leaves its buffer · FX3104 access · FX3105 the stage ·
 * FX3106 structure (counts, sizes, arguments).
 */
export const verifyProgram = (p: Program, stage: Stage): readonly Diagnostic[] => {
  const found: Diagnostic[] = [];
  const say: Found = (code, message) => void found.push(diagnostic(code, message));
  for (const [name, buffer] of p.buffers) checkBuffer(p, name, buffer, say);
  checkSignature(p, say);
  checkArena(p, say);
  const runs = new Map<string, Spans>();
  checkSteps(p, p.steps, new Map(), runs, say);
  for (const finding of kernelFindings(p, runs)) if (finding.unproven !== true) say(finding.code, finding.message);
  for (const kernel of new Set(p.kernels.values())) for (const message of stageFindings(kernel, stage)) say('FX3105', message);
  return found;
};

/** The indices that interval arithmetic does not prove to lie in their buffers (data, guards in other words): run-time checks find them. */
export const unprovenIndices = (p: Program): readonly string[] => {
  const runs = new Map<string, Spans>();
  checkSteps(p, p.steps, new Map(), runs, () => undefined);
  return kernelFindings(p, runs).filter((f) => f.unproven === true).map((f) => f.message);
};

/** every kernel once for each set of step axes around its runs */
const kernelFindings = (p: Program, runs: ReadonlyMap<string, Spans>): readonly Finding[] => {
  const once = new Map<string, Finding>();
  for (const kernel of new Set(p.kernels.values())) {
    const around = [...runs].filter(([key]) => key.startsWith(`${kernel.name}\n`)).map(([, spans]) => spans);
    for (const spans of around.length === 0 ? [new Map() as Spans] : around) {
      for (const finding of verifyKernel(kernel, p.syms, spans)) once.set(finding.code + finding.message, finding);
    }
  }
  return [...once.values()];
};

// ---- Buffers

const checkBuffer = (p: Program, name: BufferId, { dtype, layout, role, sameAs, value }: Buffer, say: Found): void => {
  if (!Number.isInteger(layout.size) || layout.size < 0) say('FX3106', `buffer ${name} has no size that is a natural number`);
  if ((role === 'constant') !== (value !== undefined)) say('FX3106', `buffer ${name}: constants have values, and nothing else has`);
  if (typeof value === 'object' && value.length !== layout.size) say('FX3106', `buffer ${name} has ${layout.size} elements and ${value.length} values`);
  if (sameAs === undefined) return;
  const other = p.buffers.get(sameAs);
  if (other === undefined) say('FX3101', `buffer ${name} shares memory with ${sameAs}, which is not declared`);
  else if (other.dtype !== dtype || other.layout.size !== layout.size) say('FX3102', `buffer ${name} shares memory with ${sameAs}, which is ${other.dtype}[${other.layout.size}]`);
  else if (other.sameAs !== undefined) say('FX3106', `buffer ${name} shares memory with ${sameAs}, which itself shares it`);
  else if (other.role === 'constant' || other.role === 'input') say('FX3104', `buffer ${name} would overwrite the ${other.role} ${sameAs}`);
};

const checkSignature = (p: Program, say: Found): void => {
  for (const name of [...p.inputs, ...p.outputs]) if (!p.buffers.has(name)) say('FX3101', `buffer ${name} is not declared`);
  for (const [name, { role }] of p.buffers) {
    const outside = role === 'input' || role === 'state';
    if (outside && p.buffers.get(name)?.sameAs === undefined && !p.inputs.includes(name)) say('FX3106', `the ${role} ${name} is not among the inputs`);
    if (!outside && p.inputs.includes(name)) say('FX3106', `the ${role} ${name} is among the inputs`);
    if (role === 'output' && !p.outputs.includes(name)) say('FX3106', `the output ${name} is not among the outputs`);
  }
};

const checkArena = (p: Program, say: Found): void => {
  if (p.arena === undefined) return;
  const { bytes, offsets } = p.arena;
  for (const [name, at] of offsets) {
    const buffer = p.buffers.get(name);
    if (buffer === undefined) say('FX3101', `the arena places ${name}, which is not declared`);
    else if (at < 0 || at + buffer.layout.size * byteSize[buffer.dtype] > bytes) say('FX3103', `${name} lies outside the arena`);
    else if (at % byteSize[buffer.dtype] !== 0) say('FX3106', `${name} is not aligned in the arena`);
  }
  for (const [name, { role, sameAs }] of p.buffers) {
    if (role === 'temporary' && sameAs === undefined && !offsets.has(name)) say('FX3106', `the arena has no place for ${name}`);
  }
};

// ---- Steps

const checkSteps = (p: Program, steps: readonly Step[], axes: Spans, runs: Map<string, Spans>, say: Found): void => {
  for (const step of steps) checkStep(p, step, axes, runs, say);
};

const checkStep = (p: Program, step: Step, axes: Spans, runs: Map<string, Spans>, say: Found): void => {
  switch (step.kind) {
    case 'barrier': return;
    case 'run': {
      const kernel = p.kernels.get(step.kernel);
      if (kernel === undefined) return say('FX3101', `kernel ${step.kernel} is not declared`);
      runs.set(`${kernel.name}\n${JSON.stringify([...axes])}`, axes);
      return checkArguments(p, kernel, step.args, say);
    }
    case 'loop': {
      if (axes.has(step.axis)) say('FX3101', `axis ${step.axis} is already in scope`);
      checkExtent(p, step.extent, axes, say);
      if (step.while !== undefined) checkDecider(p, step.while, 'while', say);
      const bounds: Bounds = (leaf) => (leaf.kind === 'size' ? { lo: 0, hi: p.syms.get(leaf.sym) ?? Infinity }
        : leaf.kind === 'axis' ? axes.get(leaf.axis) ?? unbounded(leaf) : unbounded(leaf));
      return checkSteps(p, step.body, new Map([...axes, [step.axis, spanOf(step.extent, bounds)]]), runs, say);
    }
    case 'branch': {
      checkDecider(p, step.on, 'branch', say);
      if (step.cases.length === 0) say('FX3106', 'a branch without cases');
      return step.cases.forEach((body) => checkSteps(p, body, axes, runs, say));
    }
  }
};

const checkExtent = (p: Program, extent: Index, axes: ReadonlyMap<AxisId, unknown>, say: Found): void => {
  for (const leaf of leaves(extent)) {
    const there = leaf.kind === 'axis' ? axes.has(leaf.axis) : leaf.kind === 'size' && p.syms.has(leaf.sym);
    if (!there) say('FX3101', `the extent of a step's loop mentions ${leaf.kind === 'axis' ? leaf.axis : leaf.kind === 'size' ? leaf.sym : leaf.local}, which is not in scope`);
  }
};

const checkDecider = (p: Program, name: BufferId, what: 'while' | 'branch', say: Found): void => {
  const buffer = p.buffers.get(name);
  if (buffer === undefined) return say('FX3101', `buffer ${name} is not declared`);
  const fits = buffer.dtype === 'bool' || (what === 'branch' && buffer.dtype === 'i32');
  if (!fits || buffer.layout.size < 1) say('FX3102', `${what} is decided by ${name}, which is ${buffer.dtype}[${buffer.layout.size}]`);
};

const checkArguments = (p: Program, { name, params }: Kernel, args: readonly BufferId[], say: Found): void => {
  if (params.length !== args.length) return say('FX3106', `kernel ${name} takes ${params.length} buffers, not ${args.length}`);
  params.forEach((param, i) => {
    const buffer = p.buffers.get(args[i]), what = `${param.name} of kernel ${name} is given ${args[i]}`;
    if (buffer === undefined) return say('FX3101', `${what}, which is not declared`);
    if (buffer.dtype !== param.dtype) say('FX3102', `${what}, which is ${buffer.dtype}, not ${param.dtype}`);
    if (buffer.layout.size < param.size) say('FX3103', `${what}, which holds ${buffer.layout.size} elements, not ${param.size}`);
    if (param.access !== 'read' && (buffer.role === 'constant' || buffer.role === 'input')) say('FX3104', `${what} and writes it, which is ${buffer.role === 'input' ? 'an input' : 'a constant'}`);
  });
};
