import { cpus, totalmem } from 'node:os';
import type { LeftOut, Row } from './measure.ts';

export interface Report { readonly machine: { readonly cpu: string; readonly cores: number; readonly memory: number; readonly node: string }; readonly rows: readonly Row[] }
export const reportOf = (rows: readonly Row[]): Report => ({ machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memory: totalmem(), node: process.version }, rows });

/** a lane's name, with its threads where it has several; a library's says what it runs on */
export const laneName = ({ subject, backend, threads }: Pick<Row, 'subject' | 'backend' | 'threads'>): string =>
  `${subject}${subject === 'fluxion' || subject === 'hand' ? ` ${backend}` : ''}${threads > 1 ? ` ×${threads}` : ''}`;
const digits = (ms: number): string => (ms >= 100 ? ms.toFixed(1) : ms >= 1 ? ms.toFixed(2) : ms.toFixed(4));

/** The rows of one workload, the fastest first, beside the fastest. */
export const table = (rows: readonly Row[], name: (row: Row) => string = laneName): string => {
  const width = Math.max(...rows.map((r) => name(r).length)), fastest = Math.min(...rows.map((r) => r.median ?? Infinity));
  return [...rows].sort((a, b) => (a.median ?? Infinity) - (b.median ?? Infinity)).map((r) => {
    if (r.median === null || r.min === null || r.p25 === null || r.p75 === null) return `  ${name(r).padEnd(width)}  its results differ from the reference's: not timed`;
    return `  ${name(r).padEnd(width)}  ${digits(r.median).padStart(9)} ms ${`×${(r.median / fastest).toFixed(2)}`.padStart(8)}  (min ${digits(r.min)}, quartiles ${digits(r.p25)} to ${digits(r.p75)}, ${r.runs} runs; others used ${Math.round(100 * r.foreign)} % of the machine)`;
  }).join('\n');
};
/** fluxion's rows beside those fused by hand for the same backend and as many threads */
export const ratios = (rows: readonly Row[]): readonly string[] => rows.filter((r) => r.subject === 'hand').flatMap((hand) => rows
  .filter((r) => r.workload === hand.workload && r.subject === 'fluxion' && r.backend === hand.backend && r.threads === hand.threads)
  .flatMap((own) => (own.median === null || hand.median === null || own.min === null || hand.min === null ? []
    : [`  fluxion / hand, ${own.backend}${own.threads > 1 ? ` ×${own.threads}` : ''}: ${(own.median / hand.median).toFixed(2)} (of the fastest runs ${(own.min / hand.min).toFixed(2)})`])));
/** something of each lane's times, which are the fastest run's */
const ofFastest = (rows: readonly Row[], of: (ms: number) => number): string => rows.flatMap((r) => (r.min === null ? [] : [`${laneName(r)} ${of(r.min).toFixed(1)}`])).join(', ');
export const rates = (operations: number) => (rows: readonly Row[]): string => `GFLOP/s of the fastest runs: ${ofFastest(rows, (ms) => operations / ms / 1e6)}`;
/** how much more a step takes than where the loop is written by hand in JavaScript */
export const beyondHand = (steps: number) => (rows: readonly Row[]): string => {
  const hand = rows.find((r) => r.subject === 'hand')?.min ?? 0;
  return `nanoseconds a step beyond the loop by hand, fastest runs: ${ofFastest(rows.filter((r) => r.subject !== 'hand'), (ms) => ((ms - hand) * 1e6) / steps)}`;
};
export const perThousand = (nodes: number) => (rows: readonly Row[]): string => `milliseconds for 1,000 of ${nodes} nodes, fastest runs: ${ofFastest(rows, (ms) => (1000 * ms) / nodes)}`;
export const leftOutLine = ({ lane, why }: LeftOut): string => `  ${laneName(lane)} is left out: ${why.split('\n')[0]}`;
