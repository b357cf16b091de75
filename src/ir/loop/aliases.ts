import type { BufferId, KernelId, Program, Step } from './syntax.ts';

/** The buffer whose memory this one is. */
export const memoryOf = (program: Program, id: BufferId): BufferId => program.buffers.get(id)?.sameAs ?? id;

/** Kernels that some step gives the same memory twice: there a store to one parameter changes another. */
export const aliasedKernels = (program: Program): ReadonlySet<KernelId> => {
  const aliased = new Set<KernelId>();
  const see = (step: Step): void => {
    switch (step.kind) {
      case 'barrier': return;
      case 'loop': return step.body.forEach(see);
      case 'branch': return step.cases.forEach((steps) => steps.forEach(see));
      case 'run': if (new Set(step.args.map((id) => memoryOf(program, id))).size < step.args.length) aliased.add(step.kernel);
    }
  };
  program.steps.forEach(see);
  return aliased;
};

/** The buffers that a step names, with all inside a loop or a branch. */
export const buffersOf = (step: Step): readonly BufferId[] => {
  switch (step.kind) {
    case 'run': return step.args;
    case 'barrier': return [];
    case 'loop': return [...(step.while === undefined ? [] : [step.while]), ...step.body.flatMap(buffersOf)];
    case 'branch': return [step.on, ...step.cases.flatMap((c) => c.flatMap(buffersOf))];
  }
};
