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
/** how fast each lane's fastest run was, in operations a nanosecond */
export const rates = (rows: readonly Row[], operations: number): string =>
  `  GFLOP/s of the fastest runs: ${rows.flatMap((r) => (r.min === null ? [] : [`${laneName(r)} ${(operations / r.min / 1e6).toFixed(1)}`])).join(', ')}`;
export const leftOutLine = ({ lane, why }: LeftOut): string => `  ${laneName(lane)} is left out: ${why.split('\n')[0]}`;
