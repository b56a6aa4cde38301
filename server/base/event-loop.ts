/** Lets the event loop serve what waits (messages, timers) before long work goes on. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
