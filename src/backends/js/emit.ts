import type { Index } from '../../core/affine.ts';
import { invariant } from '../../core/invariant.ts';
import type { BufferId, Program, Step } from '../../ir/loop/syntax.ts';
import type { Artifact } from '../backend.ts';
import { ofKernels } from '../../ir/loop/visit.ts';
import { emitKernel, type KernelText } from './kernel.ts';
import { axisName, bufferName, sizeName } from './names.ts';
import { helpers } from './spell.ts';
import { arrays, constantText } from '../text.ts';

/**
 * A program as one ES module that needs nothing else, and no eval:
 * `create()` allocates the arena, the kernels' scratch and the constants; `create().run(inputs, sizes?, outputs?)` takes
 * and gives typed arrays. An output that is a donated state is that input's array; others are the given ones, or new.
 * `create({ arena })` shares an arena with other programs.
 */
export const emit = (program: Program): Artifact => {
  const axes = stepAxes(program.steps);
  const kernels = ofKernels(program, (k) => emitKernel(k, program.syms, axes));
  const used = new Set([...kernels.values()].flatMap((k) => [...k.helpers]));
  const text = [
    `// ${fileName(program.name)}: ${program.kernels.size} kernels, ${program.arena?.bytes ?? 0} bytes of temporaries`,
    ...Object.entries(helpers).filter(([name]) => used.has(name)).map(([, source]) => source),
    ...distinct(kernels).map(({ name, args, body }) => `const ${name} = (${args.join(', ')}) => {\n${body}\n};`),
    driver(program, kernels),
  ].join('\n\n');
  return { backend: 'js', files: { [`${fileName(program.name)}.mjs`]: `${text}\n\nexport const fingerprint = '${fingerprintOf(text)}';\n` } };
};

const distinct = (kernels: ReadonlyMap<string, KernelText>): readonly KernelText[] => [...new Set(kernels.values())];

const fileName = (name: string): string => name.replace(/[^\w.-]/g, '_');

/** FNV-1a of the text, by which a module that was imported is known to be the one that is wanted */
const fingerprintOf = (text: string): string => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
};

const stepAxes = (steps: readonly Step[]): readonly string[] => steps.flatMap((step) => {
  switch (step.kind) {
    case 'run': case 'barrier': return [];
    case 'loop': return [step.axis, ...stepAxes(step.body)];
    case 'branch': return step.cases.flatMap(stepAxes);
  }
});

/** the array that a buffer is: its own, or that of the buffer whose memory it shares */
const arrayOf = (program: Program, id: BufferId): string => bufferName(program.buffers.get(id)?.sameAs ?? id);

const driver = (program: Program, kernels: ReadonlyMap<string, KernelText>): string => {
  const { arena } = program;
  invariant(arena !== undefined, 'memory has not been planned');
  const own = [...program.buffers].filter(([, b]) => b.sameAs === undefined);
  const temporaries = own.filter(([, b]) => b.role === 'temporary').map(([id, b]) => `  const ${bufferName(id)} = new ${arrays[b.dtype]}(arena, ${arena.offsets.get(id)}, ${b.layout.size});`);
  const constants = own.filter(([, b]) => b.role === 'constant').map(([id, b]) => `  const ${bufferName(id)} = ${constantText(b)};`);
  const scratch = distinct(kernels).flatMap((k) => k.scratch.map((s) => `  const ${scratchOf(k, s.name)} = new ${arrays[s.dtype]}(${s.size});`));
  const inputs = program.inputs.map((id, i) => `    const ${bufferName(id)} = inputs[${i}];`);
  const outputs = own.filter(([, b]) => b.role === 'output').map(([id, b]) => `    const ${bufferName(id)} = outputs?.[${program.outputs.indexOf(id)}] ?? new ${arrays[b.dtype]}(${b.layout.size});`);
  const sizes = [...program.syms].map(([sym, max]) => `    const ${sizeName(sym)} = sizes?.[${JSON.stringify(sym)}] ?? ${max};`);
  return [
    `export const create = ({ arena = new ArrayBuffer(${arena.bytes}) } = {}) => {`,
    ...temporaries, ...constants, ...scratch,
    '  const run = (inputs, sizes, outputs) => {', ...inputs, ...outputs, ...sizes,
    ...stepLines(program, kernels, program.steps).map((line) => `    ${line}`),
    `    return [${program.outputs.map((id) => arrayOf(program, id)).join(', ')}];`, '  };', '  return { run };', '};',
  ].join('\n');
};
const scratchOf = (kernel: KernelText, name: string): string => `${kernel.name}_${name}`;

const stepLines = (program: Program, kernels: ReadonlyMap<string, KernelText>, steps: readonly Step[]): readonly string[] => {
  const inner = (body: readonly Step[]): readonly string[] => stepLines(program, kernels, body).map((line) => `  ${line}`);
  return steps.flatMap((step): readonly string[] => {
    switch (step.kind) {
      case 'barrier': return [];
      case 'run': {
        const kernel = kernels.get(step.kernel);
        invariant(kernel !== undefined, `no kernel ${step.kernel}`);
        return [`${kernel.name}(${[...step.args.map((id) => arrayOf(program, id)), ...kernel.scratch.map((s) => scratchOf(kernel, s.name)), ...kernel.free].join(', ')});`];
      }
      case 'loop': {
        const axis = axisName(step.axis), goesOn = step.while === undefined ? '' : ` && ${arrayOf(program, step.while)}[0] !== 0`;
        return [`for (let ${axis} = 0; ${axis} < ${extentText(step.extent)}${goesOn}; ${axis}++) {`, ...inner(step.body), '}'];
      }
      case 'branch': {
        const last = step.cases.length - 1;
        return [`switch (${arrayOf(program, step.on)}[0]) {`, ...step.cases.flatMap((body, i) => [
          i === last ? '  default: {' : `  case ${i}: {`, ...inner(body).map((line) => `  ${line}`), '    break;', '  }']), '}'];
      }
    }
  });
};
/** extents of steps' loops are few and outside of everything: no need to be clever */
const extentText = ({ bias, terms }: Index): string => [...terms.map(({ by, of }) => {
  switch (of.kind) {
    case 'axis': return `${by} * ${axisName(of.axis)}`;
    case 'size': return `${by} * ${sizeName(of.sym)}`;
    case 'floorDiv': return `${by} * Math.floor((${extentText(of.num)}) / ${of.den})`;
    case 'mod': return `${by} * ((${extentText(of.num)}) % ${of.den})`;
    case 'data': invariant(false, 'a step has no locals');
  }
}), String(bias)].join(' + ');
