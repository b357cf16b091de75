/**
 * The words by which the threads of one pool agree, as offsets in bytes from their start. Those that several threads
 * wait for lie on cache lines of their own.
 */
export const control = {
  /** how many threads stand at the barrier; how often it has opened; how many of those that stand there sleep */
  arrived: 0, generation: 64, sleepers: 128,
  /** one thread has claimed that it reports; which one failed, counted from 1, or `lost`; the length of what it says, and its text */
  claimed: 192, failed: 196, length: 200, text: 256,
  /** for how many naps the first thread waits at a barrier */
  patience: 204,
  /** counts what threads are woken for; how many sleep until then */
  wake: 512, parked: 576,
  /** how many messages were sent to each thread; how often a program was to run, and which, with what table */
  posted: 640, runs: 644, program: 648, table: 652,
  /** for each thread how many messages it has read */
  received: 704,
  bytes: 1024,
} as const;
export const mostThreads = (control.bytes - control.received) / 4;
export const mostText = (control.wake - control.text) / 2;
/** in `failed`: a thread did not come to a barrier in time */
export const lost = -1;
/** in `received`: a thread knows that the run has failed */
export const present = -1;
