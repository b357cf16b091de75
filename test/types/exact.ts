/** Are two types the same, to the letter? */
export type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
/** `is<Expected>()(value)` compiles where the value has exactly that type. */
export const is = <E>() => <A>(x: A, ...ok: Eq<A, E> extends true ? [] : [expected: E, got: A]): void => { void [x, ok]; };
