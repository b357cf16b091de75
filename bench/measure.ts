import { cpus } from 'node:os';

/** One way to do a workload: `run(i)` does it once and gives a number that is compared with the others'. */
export interface Lane { readonly subject: string; readonly backend: string; readonly threads: number; readonly run: (i: number) => number; readonly close?: () => void }
/** A line of the report; the schema of every benchmark. Times are of one run, in `unit`. */
export interface Row {
  readonly workload: string; readonly subject: string; readonly backend: string; readonly threads: number; readonly unit: 'ms';
  readonly median: number; readonly min: number; readonly p25: number; readonly p75: number; readonly runs: number;
  /** the share of all cores' time that other processes used while this ran */
  readonly foreign: number;
  /** whether the lane's results agree with the others' */
  readonly checked: boolean;
}
export interface Effort { readonly rounds: number; readonly perRound: number; readonly warmUp: number; readonly checks: number }
export const effort = (quick: boolean): Effort => (quick ? { rounds: 7, perRound: 3, warmUp: 6, checks: 5 } : { rounds: 21, perRound: 8, warmUp: 24, checks: 10 });

/** busy milliseconds of all cores, and of this process */
export const busy = (): { readonly all: number; readonly own: number; readonly total: number } => {
  const times = cpus().map((c) => c.times), sum = (t: (typeof times)[number]): number => t.user + t.nice + t.sys + t.irq + t.idle;
  const { user, system } = process.cpuUsage();
  return { all: times.reduce((n, t) => n + sum(t) - t.idle, 0), own: (user + system) / 1000, total: times.reduce((n, t) => n + sum(t), 0) };
};
const at = (sorted: readonly number[], q: number): number => sorted[Math.floor(q * (sorted.length - 1))];

/** Quartiles of times in milliseconds, and the share of the machine that others had meanwhile. */
export const summary = (times: readonly number[], { busy: other, total }: { readonly busy: number; readonly total: number }): Pick<Row, 'unit' | 'median' | 'min' | 'p25' | 'p75' | 'foreign'> => {
  const sorted = [...times].sort((a, b) => a - b);
  return { unit: 'ms', median: at(sorted, 0.5), min: sorted[0], p25: at(sorted, 0.25), p75: at(sorted, 0.75), foreign: total === 0 ? 0 : Math.round((1000 * other) / total) / 1000 };
};

/**
 * Times lanes in turn, a few runs of each a round, so that what disturbs one disturbs all. Their results are compared
 * first: a lane that computes something else is not worth timing.
 */
export const interleaved = (workload: string, lanes: readonly Lane[], tolerance: number, { rounds, perRound, warmUp, checks }: Effort): readonly Row[] => {
  const results = lanes.map((lane) => Array.from({ length: checks }, (_, i) => lane.run(i)));
  const checked = lanes.map((_, k) => results[k].every((x, i) => Math.abs(x - results[results.length - 1][i]) <= tolerance));
  for (const lane of lanes) for (let i = 0; i < warmUp; i++) lane.run(i);
  const times = lanes.map((): number[] => []), foreign = lanes.map(() => ({ busy: 0, total: 0 }));
  for (let round = 0; round < rounds; round++) {
    for (const [k, lane] of lanes.entries()) {
      const before = busy(), start = performance.now();
      for (let i = 0; i < perRound; i++) lane.run(i);
      times[k].push((performance.now() - start) / perRound);
      const after = busy();
      foreign[k].busy += Math.max(0, after.all - before.all - (after.own - before.own));
      foreign[k].total += after.total - before.total;
    }
  }
  for (const lane of lanes) lane.close?.();
  return lanes.map(({ subject, backend, threads }, k): Row => ({ workload, subject, backend, threads, ...summary(times[k], foreign[k]), runs: rounds * perRound, checked: checked[k] }));
};
