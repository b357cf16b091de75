import type { Sizes } from '../problems.ts';

export type { Sizes };

/**
 * The training step of a three-layer perceptron fused by hand into plain JavaScript loops: the limit that the `js`
 * backend is measured against. Forward pass with bias and relu, softmax and cross-entropy with its gradient in one sweep,
 * weight gradients, relu masks, bias gradients, and one flat Adam loop; 2×2 register tiles, k by 2, doubles in locals.
 */
export interface HandStep {
  /** the batch that the next step reads */
  readonly x: Float32Array;
  readonly labels: Int32Array;
  /** runs one step; gives the mean loss and how many of the batch were right */
  readonly step: () => { readonly loss: number; readonly correct: number };
  /** back to the first parameters, with moments of zero */
  readonly restart: () => void;
  readonly close: () => void;
}

const learningRate = 1e-3, b1 = 0.9, b2 = 0.999, epsilon = 1e-7;
/** what Adam's mean gradient over its root mean square is multiplied by at step t */
export const rateAt = (t: number): number => learningRate * Math.sqrt(1 - b2 ** t) / (1 - b1 ** t);

interface Product { readonly m: number; readonly n: number; readonly k: number; readonly ta?: boolean; readonly tb?: boolean; readonly after?: (row: string, column: string, sum: string) => string }

/** C[m,n] = A·B with 2×2 tiles and what is left at the edges; `after` turns a sum into what is stored */
const product = ({ m, n, k, ta = false, tb = false, after = (_r, _c, sum) => sum }: Product): ((a: Float32Array, b: Float32Array, c: Float32Array, extra: Float32Array) => void) => {
  const a = (row: string, at: string): string => (ta ? `A[(${at})*${m}+${row}]` : `A[(${row})*${k}+${at}]`);
  const b = (column: string, at: string): string => (tb ? `B[(${column})*${k}+${at}]` : `B[(${at})*${n}+${column}]`);
  const tile = (rows: number, columns: number): string => {
    const pairs = Array.from({ length: rows * columns }, (_, q) => [Math.floor(q / columns), q % columns] as const);
    const multiply = (at: string, tag: string): string => [
      ...Array.from({ length: rows }, (_, r) => `const a${tag}${r}=${a(`i+${r}`, at)};`),
      ...Array.from({ length: columns }, (_, c) => `const b${tag}${c}=${b(`j+${c}`, at)};`),
      ...pairs.map(([r, c]) => `s${r}${c}+=a${tag}${r}*b${tag}${c};`)].join('');
    return `${pairs.map(([r, c]) => `let s${r}${c}=0;`).join('')}
      let k=0;for(;k<${k - (k % 2)};k+=2){${multiply('k', 'x')}${multiply('k+1', 'y')}}
      ${k % 2 === 1 ? `{${multiply('k', 'z')}}` : ''}
      ${pairs.map(([r, c]) => `C[(i+${r})*${n}+j+${c}]=${after(`(i+${r})`, `(j+${c})`, `s${r}${c}`)};`).join('')}`;
  };
  const [wholeM, wholeN] = [m - (m % 2), n - (n % 2)];
  const columns = (rows: number): string => `for(let j=0;j<${wholeN};j+=2){${tile(rows, 2)}}${n % 2 === 1 ? `{const j=${wholeN};${tile(rows, 1)}}` : ''}`;
  const text = `return function(A,B,C,E){for(let i=0;i<${wholeM};i+=2){${columns(2)}}${m % 2 === 1 ? `{const i=${wholeM};${columns(1)}}` : ''}}`;
  return new Function(text)();
};

const relu = (columns: string) => (_row: string, column: string, sum: string): string => `Math.max(${sum}+${columns}[${column}],0)`;
const mask = (width: number) => (row: string, column: string, sum: string): string => `(E[${row}*${width}+${column}]>0?${sum}:0)`;

export const handStep = ([d0, d1, d2, d3]: Sizes, batch: number, initial: Float32Array): HandStep => {
  const lengths = [d0 * d1, d1, d1 * d2, d2, d2 * d3, d3];
  const offsets = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
  const count = lengths.reduce((a, b) => a + b, 0);
  const [p, g, m, v] = [initial.slice(), new Float32Array(count), new Float32Array(count), new Float32Array(count)];
  const view = (of: Float32Array, i: number): Float32Array => of.subarray(offsets[i], offsets[i] + lengths[i]);
  const [w1, c1, w2, c2, w3, c3] = lengths.map((_, i) => view(p, i));
  const [gw1, gc1, gw2, gc2, gw3, gc3] = lengths.map((_, i) => view(g, i));
  const x = new Float32Array(batch * d0), labels = new Int32Array(batch);
  const [h1, h2, logits] = [d1, d2, d3].map((d) => new Float32Array(batch * d));
  const [e1, e2] = [d1, d2].map((d) => new Float32Array(batch * d));
  const forward1 = product({ m: batch, n: d1, k: d0, after: relu('E') });
  const forward2 = product({ m: batch, n: d2, k: d1, after: relu('E') });
  const forward3 = product({ m: batch, n: d3, k: d2, after: (_r, column, sum) => `${sum}+E[${column}]` });
  const weight3 = product({ m: d2, n: d3, k: batch, ta: true }), weight2 = product({ m: d1, n: d2, k: batch, ta: true });
  const weight1 = product({ m: d0, n: d1, k: batch, ta: true });
  const back2 = product({ m: batch, n: d2, k: d3, tb: true, after: mask(d2) }), back1 = product({ m: batch, n: d1, k: d2, tb: true, after: mask(d1) });
  const softmax = crossEntropy(batch, d3), adam = adamLoop(count);
  const columns = [d1, d2, d3].map((d) => columnSums(batch, d));
  let t = 0;
  return {
    x, labels, close: () => undefined,
    restart: () => { t = 0; p.set(initial); m.fill(0); v.fill(0); },
    step: () => {
      forward1(x, w1, h1, c1); forward2(h1, w2, h2, c2); forward3(h2, w3, logits, c3);
      const result = softmax(logits, labels);
      weight3(h2, logits, gw3, h2); back2(logits, w3, e2, h2); weight2(h1, e2, gw2, h1); back1(e2, w2, e1, h1); weight1(x, e1, gw1, x);
      columns[2](logits, gc3); columns[1](e2, gc2); columns[0](e1, gc1);
      t += 1;
      adam(p, g, m, v, rateAt(t));
      return result;
    },
  };
};

const crossEntropy = (batch: number, n: number): ((z: Float32Array, y: Int32Array) => { loss: number; correct: number }) => new Function(`return function(Z,Y){
  let loss=0,correct=0;
  for(let r=0;r<${batch};r++){const o=r*${n};let top=-Infinity,at=0;
    for(let j=0;j<${n};j++){const z=Z[o+j];if(z>top){top=z;at=j}}
    let sum=0;const own=Z[o+Y[r]];
    for(let j=0;j<${n};j++){const e=Math.exp(Z[o+j]-top);Z[o+j]=e;sum+=e}
    loss+=Math.log(sum)+top-own;if(at===Y[r])correct++;
    sum=1/(sum*${batch});for(let j=0;j<${n};j++)Z[o+j]*=sum;Z[o+Y[r]]-=1/${batch}}
  return{loss:loss/${batch},correct}}`)();

const columnSums = (batch: number, n: number): ((d: Float32Array, out: Float32Array) => void) => new Function(`return function(D,O){
  O.fill(0);for(let r=0,i=0;r<${batch};r++)for(let j=0;j<${n};j++,i++)O[j]+=D[i]}`)();

const adamLoop = (count: number): ((p: Float32Array, g: Float32Array, m: Float32Array, v: Float32Array, rate: number) => void) => new Function(`return function(P,G,M,V,rate){
  for(let i=0;i<${count};i++){const g=G[i],m=${b1}*M[i]+${1 - b1}*g,v=${b2}*V[i]+${1 - b2}*g*g;M[i]=m;V[i]=v;P[i]-=rate*m/(Math.sqrt(v)+${epsilon})}}`)();
