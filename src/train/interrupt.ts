/** Whether somebody wants the training to end: an AbortSignal, or Ctrl-C. */
export interface Interruption { readonly wanted: () => boolean; readonly end: () => void }

/** The first Ctrl-C asks; the handler is then gone, so that a second one ends the process as ever. */
export const interruption = (signal: { readonly aborted: boolean } | undefined): Interruption => {
  let asked = false;
  const ask = (): void => { asked = true; };
  const isNode = typeof process !== 'undefined' && typeof process.once === 'function';
  if (isNode) process.once('SIGINT', ask);
  return { wanted: () => asked || signal?.aborted === true, end: () => { if (isNode) process.removeListener('SIGINT', ask); } };
};

/** Lets everything else that waits have its turn: timers, input, signals. */
export const pause = (): Promise<void> => new Promise((done) => {
  if (typeof setImmediate === 'function') { setImmediate(done); return; }
  // not a timer: pages hold theirs back, by some milliseconds, and in the background by a second
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', () => { port1.close(); done(); }, { once: true });
  port1.start();
  port2.postMessage(undefined);
});
