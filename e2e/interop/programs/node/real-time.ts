/** Calls `tick` once per `periodMs` on average, with calls that come late made up for. Returns what stops it. */
export function everyPeriod(periodMs: number, tick: () => void): () => void {
  let nextMs = performance.now();
  const timer = setInterval(() => {
    for (; nextMs <= performance.now(); nextMs += periodMs) tick();
  }, periodMs / 2);
  return () => clearInterval(timer);
}
