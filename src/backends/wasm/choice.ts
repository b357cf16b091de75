/** What a program is run with: one thread, or all. */
export type Way = 'alone' | 'together';

/**
 * Which of two ways is the quicker one, learnt from runs. They come in bouts of one way, of which the first run is not
 * counted and the median of the others holds: two bouts of each to begin with, then of the quicker one, and of the other
 * after one more bout, then two, four, … as long as it loses. A run together that takes several times what it takes alone
 * ends its bout: others need the cores, and threads that wait for each other stand in each other's way.
 */
export interface Choice {
  readonly next: () => Way;
  readonly ran: (nanoseconds: number) => void;
  /** why the program runs alone, if it was found to be quicker */
  readonly slower: () => readonly string[];
}

const bout = 4, trials: readonly Way[] = ['alone', 'together', 'alone', 'together'];
/** most bouts of the quicker way before the other is tried again */
const longest = 64;
/** together must be quicker than this share of what it takes alone; beyond so many times it, it is given up at once */
const worth = 0.95, hopeless = 4;

const milliseconds = (nanoseconds: number | undefined): string => `${((nanoseconds ?? 0) / 1e6).toFixed(2)} ms`;

export const createChoice = (): Choice => {
  const times: Record<Way, number | undefined> = { alone: undefined, together: undefined };
  let way: Way = trials[0], bouts = 0, best: Way = 'alone', left = 1, wait = 1, samples: number[] = [];
  const quicker = (): Way => ((times.together ?? Infinity) < worth * (times.alone ?? Infinity) ? 'together' : 'alone');
  const following = (): Way => {
    if (bouts < trials.length) return trials[bouts];
    const before = best;
    best = quicker();
    if (best !== before) left = wait = 1;
    else if (way !== best) left = wait = Math.min(longest, 2 * wait);
    else left--;
    return left >= 0 ? best : best === 'alone' ? 'together' : 'alone';
  };
  const settle = (nanoseconds: number): void => {
    times[way] = nanoseconds;
    samples = [];
    bouts++;
    way = following();
  };
  return {
    next: () => way,
    ran: (nanoseconds) => {
      samples.push(nanoseconds);
      if (way === 'together' && nanoseconds > hopeless * (times.alone ?? Infinity)) return settle(nanoseconds);
      if (samples.length < bout) return;
      const [, ...counted] = samples;
      settle(counted.sort((a, b) => a - b)[counted.length >> 1]);
    },
    slower: () => (bouts < trials.length || quicker() === 'together' ? [] : [`${milliseconds(times.alone)}, by threads ${milliseconds(times.together)}`]),
  };
};
