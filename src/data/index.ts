/** 'fluxion/data': data sets. */
export { mnist, type Images, type MnistOptions } from './mnist.ts';
export { batches, dataset, drop, shuffle, splitAt, take, type ArrayDataset, type Dataset } from './dataset.ts';
