import type { HandModule } from './wasm/module.ts';
import { convFeatures, type ConvProblem } from '../problems.ts';

/**
 * The arrays of the convolutional network fused by hand. Images are taken in blocks, each through the whole network and
 * back; what a block leaves for its way back lies in its thread's own scratch. Sides are in pixels, addresses in bytes,
 * offsets in numbers. Of VALID maps only what the poolings read is computed.
 */
export interface ConvLayout {
  readonly batch: number; readonly blocks: number;
  /** images of a block */
  readonly images: number;
  /** zeros around images and maps, and around the slopes of the second convolution */
  readonly border: number; readonly halo: number;
  /** sides: of what a convolution reads with its border, of what it gives, of that pooled; of the second one's slopes with their halo */
  readonly read1: number; readonly open1: number; readonly pooled1: number; readonly read2: number; readonly open2: number; readonly pooled2: number; readonly slopes2: number;
  readonly features: number;
  readonly addresses: {
    readonly x: number; readonly labels: number; readonly parameters: number; readonly means: number; readonly squares: number;
    /** what the classes read, and their logits, then slopes, in rows of 12; their weights turned */
    readonly flat: number; readonly logits: number; readonly turned: number;
    readonly losses: number; readonly rate: number;
    /** for each block: slopes of the convolutions' parameters */
    readonly parts: number;
    /** for each thread */
    readonly scratch: readonly number[];
  };
  /** bytes from where a thread's scratch begins: of each image pooled maps, codes and slopes; slopes of one image; turned weights */
  readonly within: { readonly maps: number; readonly codes1: number; readonly codes2: number; readonly slopes2: number; readonly slopes1: number; readonly flipped: number };
  readonly offsets: { readonly w1: number; readonly b1: number; readonly w2: number; readonly b2: number; readonly w3: number; readonly b3: number };
  readonly count: number;
}
/** classes in vectors of four */
export const classWidth = 12;

export const convLayout = ({ place }: HandModule, { padding, batch }: ConvProblem, threads: number): ConvLayout => {
  const border = padding === 'valid' ? 0 : 1, images = batch % 16 === 0 ? 8 : 4, blocks = batch / images, features = convFeatures(padding);
  const read1 = 28 + 2 * border, pooled2 = padding === 'valid' ? 5 : 7, open2 = 2 * pooled2, read2 = open2 + 2, pooled1 = read2 - 2 * border, open1 = 2 * pooled1, halo = 2 - border, slopes2 = open2 + 2 * halo;
  const lengths = [144, 16, 4608, 32, features * classWidth, classWidth], [w1, b1, w2, b2, w3, b3] = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0)), count = b3 + classWidth;
  const pieces = [images * read2 ** 2 * 16, images * pooled1 ** 2 * 16, images * features, images * slopes2 ** 2 * 32, open1 ** 2 * 16, 4608];
  const [maps, codes1, codes2, atSlopes2, slopes1, flipped] = pieces.map((_, i) => 4 * pieces.slice(0, i).reduce((a, b) => a + b, 0));
  return {
    batch, blocks, images, border, halo, read1, open1, pooled1, read2, open2, pooled2, slopes2, features, count,
    addresses: {
      x: place(batch * read1 ** 2), labels: place(batch), parameters: place(count), means: place(count), squares: place(count),
      flat: place(batch * features), logits: place(batch * classWidth), turned: place(classWidth * features), losses: place(16 * blocks), rate: place(1), parts: place(blocks * w3),
      scratch: Array.from({ length: threads }, () => place(pieces.reduce((a, b) => a + b, 0))),
    },
    within: { maps, codes1, codes2, slopes2: atSlopes2, slopes1, flipped },
    offsets: { w1, b1, w2, b2, w3, b3 },
  };
};

/** where the numbers of each parameter stand among the packed ones: filters in panels of eight channels [channels / 8][window][8], classes padded */
export const convPlaces = ({ offsets: { w1, b1, w2, b2, w3, b3 }, features }: ConvLayout): readonly (readonly number[])[] => {
  const panels = (at: number, window: number, channels: number): readonly number[] =>
    Array.from({ length: window * channels }, (_, i) => { const c = i % channels; return at + ((c >> 3) * window + Math.floor(i / channels)) * 8 + (c & 7); });
  const plain = (at: number, n: number): readonly number[] => Array.from({ length: n }, (_, i) => at + i);
  return [panels(w1, 9, 16), plain(b1, 16), panels(w2, 144, 32), plain(b2, 32), Array.from({ length: features * 10 }, (_, i) => w3 + Math.floor(i / 10) * classWidth + (i % 10)), plain(b3, 10)];
};
/** all parameters packed; the biases of classes that are none are −10³⁰ */
export const packedParameters = (layout: ConvLayout, weights: readonly Float32Array[]): Float32Array => {
  const packed = new Float32Array(layout.count);
  convPlaces(layout).forEach((places, i) => places.forEach((at, j) => { packed[at] = weights[i][j]; }));
  return packed.fill(-1e30, layout.offsets.b3 + 10);
};
/** images into their places within borders of zeros */
export const setImages = (into: Float32Array, { border, read1 }: ConvLayout, x: Float32Array): void => {
  for (let row = 0; row < x.length / 28; row++) into.set(x.subarray(28 * row, 28 * row + 28), (Math.floor(row / 28) * read1 + (row % 28) + border) * read1 + border);
};
