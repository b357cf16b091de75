import type { Diagnostics } from '../core/diagnostic.ts';
import type { Arrays, DType, Key, NDArray, Report } from '../index.ts';
import type { Slots } from '../optim/index.ts';
import type { Variables } from './steps.ts';
import type { AnyModel, Trainer } from './trainer.ts';

/** The numbers of one epoch: loss and metrics, those of the validation data as valLoss, valAccuracy and so on. */
export type Logs = Readonly<Record<string, number>>;

/** Where a training stands: so many whole epochs, and so many steps of the next one. */
export interface Position { readonly epoch: number; readonly step: number }

type ParamsOf<M extends AnyModel> = M['params'];
/** A trainer with what it has learnt: plain data, from which `fit` goes on as if it had never stopped. */
export interface Trained<M extends AnyModel = AnyModel, Y extends DType = DType, N extends string = string> extends Trainer<M, Y, N> {
  readonly variables: Arrays<{ readonly params: M['params']; readonly state: M['state'] }>;
  readonly slots: Arrays<Slots<ParamsOf<M>>>;
  readonly history: readonly Logs[];
  /** random numbers of the steps are made from it and the count of steps */
  readonly key: Key;
  readonly position: Position;
  /** sums over the steps of an epoch that is not whole */
  readonly totals: Readonly<Record<string, number>>;
  /** why it ended before its last epoch, if it did */
  readonly stopped?: 'signal' | 'callback';
  /** what `fit` says besides: a loss that is no longer a number (FX6408); absent where there is nothing to say */
  readonly warnings?: Diagnostics;
  /** of the program of a step; absent where none was run */
  readonly report?: Report;
}
export const isTrained = (t: Trainer): t is Trained => 'variables' in t;

/** what a step works on, as arrays */
export interface LiveState { readonly variables: Arrays<Variables>; readonly slots: Arrays<Slots<unknown>>; readonly totals: { readonly [name: string]: NDArray<[], 'f32'> } }
