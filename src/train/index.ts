/** 'fluxion/train': training, evaluation and prediction over pure values. */
export { trainer, type AnyModel, type Trainer, type TrainerOptions } from './trainer.ts';
export { fit, type DataOf, type FitOptions } from './fit.ts';
export { evaluate, predict, type EvaluateOptions } from './evaluate.ts';
export { earlyStopping, type Callback } from './callbacks.ts';
export { loadTrained, saveTrained } from './checkpoint.ts';
export { metric, metrics, type Metric, type MetricName } from './metrics.ts';
export { evaluationOf, inferenceOf, initialOf, stepOf, type Totals, type TrainState } from './steps.ts';
export type { Logs, Position, Trained } from './trained.ts';
