import type { Logs } from './trained.ts';

/** Is told of what happens in `fit`, and may end it. */
export interface Callback {
  readonly name: string;
  /** after every epoch, with its numbers and those of all epochs */
  readonly onEpochEnd?: (epoch: number, logs: Logs, history: readonly Logs[]) => 'stop' | void | Promise<'stop' | void>;
  /** after every step; counted from 0 */
  readonly onStepEnd?: (epoch: number, step: number) => 'stop' | void;
}

/**
 * Ends a training that does not get better: `patience` epochs after the best one. It looks at the history alone, so that
 * a training that is continued ends where it would have ended.
 * @example fit(t, data, { validation: 0.1, epochs: 100, callbacks: [earlyStopping({ patience: 3 })] })
 */
export const earlyStopping = ({ monitor = 'valLoss', patience = 0, minDelta = 0 }: { readonly monitor?: string; readonly patience?: number; readonly minDelta?: number } = {}): Callback => ({
  name: 'earlyStopping',
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
