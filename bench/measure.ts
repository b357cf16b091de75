import { cpus } from 'node:os';

/** What a lane computed, by name: compared with the reference's numbers of that name, as far as these go. */
export type Results = { readonly [name: string]: ArrayLike<number> };
/** Milliseconds that runs took, and how long other processes of ours computed for it. */
export interface Timed { readonly ms: number; readonly cpu: number }
export interface Running {
  readonly results: () => Results | Promise<Results>;
  /** so many runs, one after the other */
  readonly time: (runs: number) => Timed | Promise<Timed>;
  readonly close: () => void;
}
/** One way to do a workload. Nothing is built before `start`, which fails with the reason why it cannot be done here. */
export interface Lane { readonly subject: string; readonly backend: string; readonly threads: number; readonly start: () => Running | Promise<Running> }
export interface Workload {
  readonly name: string;
  readonly lanes: readonly Lane[];
  /** what it means, by the interpreter in doubles */
  readonly reference: () => Results;
  /** of a lane's results, what the reference has; all unless told otherwise */
  readonly sample?: (results: Results) => Results;
  /** the same with less data, lane by lane: what the reference computes, where `reference` would take too long */
  readonly fewer?: Workload;
  /** how far results may lie apart, of the largest of them */
  readonly tolerance: number;
  /** a line of the table about its rows */
  readonly note?: (rows: readonly Row[]) => string;
}
/** A line of the report; the schema of every benchmark. Times are of one run, in `unit`; null where results differed, for those are not timed. */
export interface Row {
  readonly workload: string; readonly subject: string; readonly backend: string; readonly threads: number; readonly unit: 'ms';
  readonly median: number | null; readonly min: number | null; readonly p25: number | null; readonly p75: number | null; readonly runs: number;
  /** the share of all cores' time that other processes used while this ran */
  readonly foreign: number;
  /** whether the results agree with the reference's */
  readonly checked: boolean;
}
/** A lane without a row, and why. */
export interface LeftOut { readonly workload: string; readonly lane: Pick<Lane, 'subject' | 'backend' | 'threads'>; readonly why: string }
export interface Measured { readonly rows: readonly Row[]; readonly leftOut: readonly LeftOut[] }
/** rounds that do not count: code that lanes share has then run for all of them, and is compiled for all of them */
const mixing = 3;
/** Milliseconds for each lane: before its times count, and while they do; in so many rounds. */
export interface Effort { readonly warmUp: number; readonly timed: number; readonly rounds: number }
export const effort = (quick: boolean): Effort => (quick ? { warmUp: 300, timed: 300, rounds: 5 } : { warmUp: 1000, timed: 3000, rounds: 21 });

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

/** A lane of this process: `begin` prepares runs that are timed, and is not. */
export const local = ({ run, results, begin, close }: { readonly run: (i: number) => void; readonly results: () => Results; readonly begin?: () => void; readonly close?: () => void }): Running => ({
  results,
  time: (runs) => {
    begin?.();
    const start = performance.now();
    for (let i = 0; i < runs; i++) run(i);
    return { ms: performance.now() - start, cpu: 0 };
  },
  close: () => close?.(),
});

/** The largest difference from the reference, of the reference's largest magnitude; infinite where numbers are missing. */
export const apart = (results: Results, reference: Results): number => {
  const names = Object.keys(reference).filter((name) => results[name] !== undefined);
  return names.length === 0 ? Infinity : Math.max(...names.map((name) => distance(results[name], reference[name])));
};
const distance = (actual: ArrayLike<number>, wanted: ArrayLike<number>): number => {
  if (actual.length < wanted.length) return Infinity;
  let worst = 0, scale = 0;
  for (let i = 0; i < wanted.length; i++) {
    const by = Math.abs(actual[i] - wanted[i]);
    worst = Number.isNaN(by) ? Infinity : Math.max(worst, by);
    scale = Math.max(scale, Math.abs(wanted[i]));
  }
  return worst === 0 ? 0 : worst / scale;
};

/** Whether a lane's results are the reference's; where the reference has less data, with that, and on all data those of the lanes before. */
const checker = ({ reference, sample = (all) => all, fewer, tolerance }: Workload): ((running: Running, index: number) => Promise<boolean>) => {
  const agrees = async (running: Running, wanted: Results): Promise<boolean> => apart(sample(await running.results()), wanted) <= tolerance;
  if (fewer === undefined) { const wanted = reference(); return (running) => agrees(running, wanted); }
  const check = checker(fewer);
  let wanted: Results | undefined;
  return async (running, index) => {
    const probe = await fewer.lanes[index].start(), right = await check(probe, index);
    probe.close();
    if (wanted !== undefined) return right && agrees(running, wanted);
    if (right) wanted = sample(await running.results());
    return right;
  };
};

interface Entrant { readonly lane: Lane; readonly running: Running; readonly checked: boolean; readonly perRound: number; readonly times: number[]; readonly foreign: { busy: number; total: number }; runs: number; spent: number }

/**
 * Times lanes in turn, some runs of each a round, so that what disturbs one disturbs all. Each lane's results are checked
 * before: one that computes something else is not timed. A slow lane leaves when it has had twice its time and three
 * rounds.
 */
export const interleaved = async (workload: Workload, { warmUp, timed, rounds }: Effort): Promise<Measured> => {
  const { name, lanes } = workload, check = checker(workload), entrants: Entrant[] = [], leftOut: LeftOut[] = [];
  for (const [index, lane] of lanes.entries()) {
    try {
      const running = await lane.start(), checked = await check(running, index);
      entrants.push({ lane, running, checked, perRound: checked ? await warmed(running, warmUp, timed / rounds) : 0, times: [], foreign: { busy: 0, total: 0 }, runs: 0, spent: 0 });
    } catch (error) {
      leftOut.push({ workload: name, lane, why: error instanceof Error ? error.message : String(error) });
    }
  }
  for (let round = -mixing; round < rounds; round++) {
    for (const entrant of entrants.filter((e) => e.checked && (round < 3 || e.spent < 2 * timed))) {
      const before = busy(), { ms, cpu } = await entrant.running.time(entrant.perRound), after = busy();
      if (round < 0) continue;
      entrant.times.push(ms / entrant.perRound);
      entrant.runs += entrant.perRound;
      entrant.spent += ms;
      entrant.foreign.busy += Math.max(0, after.all - before.all - (after.own - before.own) - cpu);
      entrant.foreign.total += after.total - before.total;
    }
  }
  for (const { running } of entrants) running.close();
  return { leftOut, rows: entrants.map(({ lane: { subject, backend, threads }, checked, times, foreign, runs }): Row => ({
    workload: name, subject, backend, threads,
    ...(checked ? summary(times, foreign) : { unit: 'ms', median: null, min: null, p25: null, p75: null, foreign: 0 }), runs, checked,
  })) };
};

/** runs until it is warm; how many runs make a round */
const warmed = async (running: Running, warmUp: number, round: number): Promise<number> => {
  let spent = 0, each = Infinity;
  const fitting = (): number => Math.max(1, Math.round(round / Math.max(each, 1e-3)));
  for (let runs = 1, all = 0; spent < warmUp || (all < 40 && spent < 3 * warmUp); all += runs, runs = Math.min(2 * runs, fitting())) {
    const { ms } = await running.time(runs);
    spent += ms;
    each = Math.min(each, ms / runs);
  }
  return fitting();
};
