import type { Logs } from './trained.ts';

/** Shows how far a training is. On a terminal a bar with time left; elsewhere one line an epoch. */
export interface Progress {
  readonly epoch: (epoch: number, epochs: number, steps: number, done: number) => void;
  /** whether the numbers of this step would be shown: reading them costs a little */
  readonly due: () => boolean;
  readonly step: (done: number, logs: Logs) => void;
  readonly epochEnd: (logs: Logs) => void;
  readonly warn: (text: string) => void;
  readonly end: () => void;
}
export const silent: Progress = { epoch: () => undefined, due: () => false, step: () => undefined, epochEnd: () => undefined, warn: () => undefined, end: () => undefined };

const shown = (logs: Logs): string => Object.entries(logs).map(([name, x]) => `${name} ${Number.isFinite(x) ? x.toFixed(4) : x}`).join('  ');
const seconds = (ms: number): string => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);

/** between two looks at the numbers, milliseconds */
const interval = 100;

/** On standard error, so that what a program prints stays clean; silent where there is no such stream. */
export const progressOn = async (): Promise<Progress> => {
  if (typeof process === 'undefined' || process.stderr === undefined) return silent;
  return process.stderr.isTTY ? bar() : lines();
};

const warn = (text: string): void => { process.stderr.write(`${text}\n`); };
const lines = (): Progress => {
  let which = '', start = 0;
  return {
    ...silent, warn,
    epoch: (epoch, epochs) => { which = `epoch ${epoch + 1}/${epochs}`; start = performance.now(); },
    epochEnd: (logs) => { process.stderr.write(`${which}  ${seconds(performance.now() - start)}  ${shown(logs)}\n`); },
  };
};

const bar = async (): Promise<Progress> => {
  const { default: cli } = await import('cli-progress');
  const made = new cli.SingleBar({
    format: '{which} [{bar}] {value}/{total}  {left}  {numbers}', stream: process.stderr, clearOnComplete: true, hideCursor: true, barsize: 24, linewrap: false, stopOnComplete: false,
  }, cli.Presets.rect);
  let which = '', start = 0, from = 0, total = 0, last = 0;
  const left = (done: number): string => (done === from ? '' : `${seconds(((performance.now() - start) / (done - from)) * (total - done))} left`);
  return {
    epoch: (epoch, epochs, steps, done) => {
      which = `epoch ${epoch + 1}/${epochs}`;
      start = last = performance.now();
      from = done;
      total = steps;
      made.start(steps, done, { which, left: '', numbers: '' });
    },
    due: () => performance.now() - last >= interval,
    step: (done, logs) => { last = performance.now(); made.update(done, { which, left: left(done), numbers: shown(logs) }); },
    epochEnd: (logs) => {
      made.stop();
      process.stderr.write(`${which}  ${seconds(performance.now() - start)}  ${shown(logs)}\n`);
    },
    warn,
    end: () => made.stop(),
  };
};
