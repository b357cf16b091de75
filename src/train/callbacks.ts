import type { Logs } from './trained.ts';

/** Is told of what happens in `fit`, and may end it. */
export interface Callback {
  readonly name: string;
  /** what is wrong with it where the epochs have the numbers of these names: told by `fit` before the first step */
  readonly problem?: (numbers: readonly string[]) => { readonly message: string; readonly hint?: string } | undefined;
  /** after every epoch, with its numbers and those of all epochs */
  readonly onEpochEnd?: (epoch: number, logs: Logs, history: readonly Logs[]) => 'stop' | void | Promise<'stop' | void>;
  /** after every step; counted from 0 */
  readonly onStepEnd?: (epoch: number, step: number) => 'stop' | void;
}

/**
 * Ends a training that does not get better: `patience` epochs after the best one. It looks at the history alone, so that
 * a training that is continued ends where it would have ended. A number that the epochs do not have is FX6405.
 * @example fit(t, data, { validation: 0.1, epochs: 100, callbacks: [earlyStopping({ patience: 3 })] })
 */
export const earlyStopping = ({ monitor = 'valLoss', patience = 0, minDelta = 0 }: { readonly monitor?: string; readonly patience?: number; readonly minDelta?: number } = {}): Callback => ({
  name: 'earlyStopping',
  problem: (numbers) => {
    if (!(patience >= 0) || !(minDelta >= 0)) return { message: `a patience of ${patience} and a minDelta of ${minDelta} cannot be`, hint: 'numbers from 0 on' };
    const needsMore = monitor.startsWith('val') && !numbers.some((n) => n.startsWith('val'));
    return numbers.includes(monitor) ? undefined : { message: `no number of an epoch is called '${monitor}'`, hint: `the names are ${numbers.join(', ')}${needsMore ? '; fit has others with the option validation' : ''}` };
  },
  onEpochEnd: (_, __, history) => {
    const sign = /loss|error/i.test(monitor) ? 1 : -1;
    let best = Infinity, at = -1;
    history.forEach((logs, i) => {
      const value = sign * (logs[monitor] ?? NaN);
      if (value < best - minDelta) { best = value; at = i; }
    });
    return history.length - 1 - at > patience ? 'stop' : undefined;
  },
});
