import { poissonUpperBound } from '@edgeguard/detection';
import type { Interval } from './wilson-interval.ts';

/** 95 % interval of a rate from the events that were counted, which come independently (Garwood 1936, exact). */
export function poissonInterval(events: number): Interval {
  // The lower end is the rate at which so many events or more have a chance of 2.5 %.
  const low = events === 0 ? 0 : poissonUpperBound(events - 1, 0.025);
  return [low, poissonUpperBound(events, 0.975)];
}
