/** What a program is run with: one thread, or all. */
export type Way = 'alone' | 'together';

/**
 * Which of two ways is the quicker one, learnt from runs. They come in bouts of one way, of which the first run is not
 * counted and the median of the others holds: two bouts of each to begin with, then of the quicker one, and now and then
 * one of the other. A bout that was slow, because others need the cores, changes the choice at once.
 */
export interface Choice {
  readonly next: () => Way;
  readonly ran: (nanoseconds: number) => void;
  /** why the program runs alone, if it was found to be quicker */
  readonly slower: () => readonly string[];
}

const bout = 4, trials: readonly Way[] = ['alone', 'together', 'alone', 'together'];
/** bouts of the chosen way before the other is tried again */
const between = 64;
/** together must be quicker than this share of what it takes alone */
const worth = 0.95;

const milliseconds = (nanoseconds: number | undefined): string => ((nanoseconds ?? 0) / 1e6).toFixed(2);

export const createChoice = (): Choice => {
  const times: Record<Way, number | undefined> = { alone: undefined, together: undefined };
  let way: Way = trials[0], bouts = 0, sinceOther = 0, samples: number[] = [];
  const quicker = (): Way => ((times.together ?? Infinity) < worth * (times.alone ?? Infinity) ? 'together' : 'alone');
  const following = (): Way => {
    if (bouts < trials.length) return trials[bouts];
    const best = quicker();
    sinceOther = way === best ? sinceOther + 1 : 0;
    return sinceOther <= between ? best : best === 'alone' ? 'together' : 'alone';
  };
  return {
    next: () => way,
    ran: (nanoseconds) => {
      samples.push(nanoseconds);
      if (samples.length < bout) return;
      const [, ...counted] = samples;
      times[way] = counted.sort((a, b) => a - b)[counted.length >> 1];
      samples = [];
      bouts++;
      way = following();
    },
    slower: () => (bouts < trials.length || quicker() === 'together' ? [] : [`${milliseconds(times.alone)} ms, by threads ${milliseconds(times.together)}`]),
  };
};
