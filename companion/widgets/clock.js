// A clock that plays steps. tests/explore/test_clock_js.py runs it in node.

const STALL = 250; // milliseconds between two frames, from which on the page stood still

/** Call onSteps(count) with the steps that are due, at `pace` steps a second, until stop(). After a stall, as of a hidden tab, nothing
 *  is made up for: one step at most is due.
 *  @param {{pace: number, onSteps: (count: number) => void}} options
 *  @returns {{start(): void, stop(): void, isRunning(): boolean, setPace(pace: number): void}} */
export function ticker({ pace, onSteps }) {
  let running = 0; // the animation frame that is asked for; 0 while the clock stands
  let owed = 0;
  let last = 0;

  function tick(now) {
    running = requestAnimationFrame(tick);
    const passed = now - last;
    last = now;
    owed += (passed / 1000) * pace;
    if (passed > STALL) owed = Math.min(owed, 1);
    const due = Math.floor(owed);
    owed -= due;
    if (due > 0) onSteps(due);
  }

  return {
    isRunning: () => running !== 0,
    setPace(next) { pace = next; },
    start() {
      if (running !== 0) return;
      owed = 0;
      last = performance.now();
      running = requestAnimationFrame(tick);
    },
    stop() {
      cancelAnimationFrame(running);
      running = 0;
    },
  };
}
