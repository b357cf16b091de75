export interface Heap<A> { push(item: A): void; pop(): A | undefined }

/** A binary heap: `pop` gives the item that `before` puts first. */
export const createHeap = <A>(before: (a: A, b: A) => number): Heap<A> => {
  const items: A[] = [];
  const swap = (i: number, j: number): void => { const item = items[i]; items[i] = items[j]; items[j] = item; };
  const rise = (i: number): void => {
    for (let up = (i - 1) >> 1; i > 0 && before(items[i], items[up]) < 0; up = (i - 1) >> 1) { swap(i, up); i = up; }
  };
  const sink = (i: number): void => {
    for (;;) {
      let first = i;
      for (let child = 2 * i + 1; child <= 2 * i + 2; child++) if (child < items.length && before(items[child], items[first]) < 0) first = child;
      if (first === i) return;
      swap(i, first);
      i = first;
    }
  };
  return {
    push: (item) => { items.push(item); rise(items.length - 1); },
    pop: () => {
      const top = items[0], last = items.pop();
      if (items.length > 0 && last !== undefined) { items[0] = last; sink(0); }
      return top;
    },
  };
};
