import type { Counts } from '../ir/loop/counts.ts';
import type { Reason } from '../passes/plan/plan.ts';
import { showReason } from '../passes/plan/print.ts';
import type { ExplainedKernel } from './explain.ts';
import type { Machine } from './machine.ts';
import type { Merge, Refusal } from './merges.ts';

interface Told {
  readonly kernels: readonly ExplainedKernel[];
  readonly counts: Counts;
  /** where it was measured */
  readonly machine: (Machine & { readonly name: string }) | undefined;
  /** the backend whose kernels could not be timed, though that was asked for */
  readonly unmeasured: string | undefined;
  /** in place of the merges by kernel */
  readonly why: readonly (readonly Reason[])[] | undefined;
}

export const written = ({ kernels, counts, machine, unmeasured, why }: Told): string => [
  `${counts.kernels} kernels, ${counts.launches} launches; ${grouped(counts.loadedBytes)} bytes loaded, ${grouped(counts.storedBytes)} stored, ${grouped(counts.operations)} operations, ${grouped(counts.peakBytes)} bytes of temporaries and state`,
  ...(machine === undefined ? [] : [machineLine(machine), totalLine(kernels)]),
  ...(unmeasured === undefined ? [] : [`no kernel was timed: those of ${unmeasured} cannot be run one by one from here`]),
  ...kernels.flatMap((k, i) => ['', `${k.name}  (${k.nest})  ${k.fused.join(', ')}`, `     stores ${k.stores.join(', ')}`,
    `     ${grouped(k.loadedBytes)} bytes loaded, ${grouped(k.storedBytes)} stored, ${grouped(k.operations)} operations`, `     ${timeLine(k)}`,
    ...k.blocks.map((line) => `     ${line}`),
    ...(k.scheduled === undefined ? [] : [`     scheduled: ${k.scheduled}`]),
    ...(k.rest === undefined ? [] : [`     its rows run in blocks; ${k.rest} folds what they hand on`]),
    ...(why === undefined ? mergeLines(k, kernels.length > 1) : why[i].map(showReason))]),
].join('\n');

const machineLine = ({ name, operations, bytes, launch }: Machine & { readonly name: string }): string => {
  const rates = bytes.map(({ of, rate }) => `${rate.toFixed(1)} of ${sized(of)}`).join(', ');
  return `${name} on this machine, at best: ${operations.toFixed(1)} operations a nanosecond; of bytes ${rates}; a launch ${timed(launch / 1e6)}`;
};
const totalLine = (kernels: readonly ExplainedKernel[]): string => {
  const sum = (of: (k: ExplainedKernel) => number): number => kernels.reduce((n, k) => n + of(k), 0), predicted = sum((k) => k.predictedMs), measured = sum((k) => k.measuredMs ?? 0);
  return `all kernels: predicted ${timed(predicted)}, measured ${timed(measured)}, ${percent(predicted / measured)} of the roofline`;
};
const timeLine = ({ predictedMs, arithmeticMs, memoryMs, bound, measuredMs, roofline }: ExplainedKernel): string => [
  `predicted ${timed(predictedMs)} (${bound === 'launch' ? 'the launch' : bound} bound: arithmetic ${timed(arithmeticMs)}, memory ${timed(memoryMs)})`,
  ...(measuredMs === undefined || roofline === undefined ? [] : [`measured ${timed(measuredMs)}, ${percent(roofline)} of the roofline`]),
].join(', ');

const mergeLines = ({ merges, notFused }: ExplainedKernel, others: boolean): readonly string[] => {
  const none = others && notFused.length === 0 ? ['     not fused with others: it would save no memory traffic'] : [];
  return [...byReason(merges, mergeLine), ...byReason(notFused, refusalLine), ...none];
};
const byReason = <M extends Merge>(all: readonly M[], line: (because: string, some: readonly M[]) => string): readonly string[] =>
  [...new Set(all.map((m) => m.because))].map((because) => line(because, all.filter((m) => m.because === because)));
const mergeLine = (because: string, merges: readonly Merge[]): string =>
  `     fused ${because}: ${merges.map((m) => m.what).join(', ')}; saves ${grouped(merges.reduce((sum, m) => sum + m.gain, 0))} bytes of memory traffic`;
/** the kernels that most would have been gained with, those with the same reason in one line; sorted by gain already */
const refusalLine = (because: string, refusals: readonly Refusal[]): string => {
  const shown = refusals.slice(0, most).map((r) => r.kernel), more = refusals.length - shown.length, bytes = grouped(refusals[0].gain);
  return `     not fused with ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}: ${because} (${refusals.length > 1 ? 'at most ' : ''}${bytes} bytes would be saved)`;
};
const most = 4;

const grouped = (n: number): string => Math.round(n).toLocaleString('en-US');
const percent = (part: number): string => `${Math.round(100 * part)} %`;
/** in the unit that leaves few digits */
const timed = (ms: number): string => (ms >= 0.1 ? `${ms.toFixed(2)} ms` : ms >= 1e-3 ? `${(1e3 * ms).toFixed(1)} µs` : `${(1e6 * ms).toFixed(0)} ns`);
const sized = (bytes: number): string => (bytes >= 1e6 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e3).toFixed(0)} kB`);
