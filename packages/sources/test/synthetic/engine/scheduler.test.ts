import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Clock } from '../../../src/synthetic/engine/clock.ts';
import { type Process, Scheduler } from '../../../src/synthetic/engine/scheduler.ts';

it('runs processes in the order of time, and of arrival at equal times', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 8 }), { maxLength: 20 }), (plans) => {
      const clock = new Clock();
      const scheduler = new Scheduler(clock);
      const seen: { at: number; process: number }[] = [];
      function* wait(process: number, delays: readonly number[]): Process {
        for (const delay of delays) {
          seen.push({ at: clock.microseconds, process });
          yield delay / 1e6;
        }
        seen.push({ at: clock.microseconds, process });
      }
      plans.forEach((delays, i) => scheduler.start(wait(i, delays)));
      expect(scheduler.run(1e9, 1e9)).toBe(true);
      expect(scheduler.alive).toBe(0);
      const expected = plans.flatMap((delays, process) => {
        let at = 0;
        return [...delays.map((delay) => ({ at: (at += delay) - delay, process })), { at, process }];
      });
      expect(seen.map(({ at }) => at)).toEqual(expected.map(({ at }) => at).sort((a, b) => a - b));
      const atStart = seen.slice(0, plans.length).map(({ process }) => process);
      expect(atStart).toEqual(plans.map((_, i) => i));
    }),
  );
});

it('stops at the end of the time and after a number of steps', () => {
  const clock = new Clock();
  const scheduler = new Scheduler(clock);
  let ended = false;
  function* forever(): Process {
    try {
      for (;;) yield 1;
    } finally {
      ended = true;
    }
  }
  scheduler.start(forever());
  expect(scheduler.run(10e6, 5)).toBe(false);
  expect(scheduler.run(10e6, 100)).toBe(true);
  expect(clock.seconds).toBe(9);
  scheduler.stop();
  expect(ended).toBe(true);
});
