import { orThrow } from 'fluxion';
import { mnist, take } from 'fluxion/data';

/** a few real digits: enough to see that something is learnt */
export const digits = async () => {
  const { train, test } = await orThrow(mnist({ flat: true, limit: 1024 }));
  return { train, test: take(test, 512) };
};
