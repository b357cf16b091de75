/** What a value is, in words, where it is not what was wanted. */
export const kindOf = (x: unknown): string => {
  if (x === undefined || x === null || typeof x === 'boolean' || typeof x === 'number') return String(x);
  if (typeof x !== 'object') return `a ${typeof x}`;
  return Array.isArray(x) ? 'a list' : ArrayBuffer.isView(x) ? `a ${x.constructor.name}` : 'an object';
};
