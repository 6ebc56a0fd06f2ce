const defaultTimeoutMs = 20_000;
const pollMs = 50;

/**
 * Resolves once `condition` holds. `look` gives what is judged; on a timeout the error shows what it gave last,
 * so that a failed test reports what was there instead.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  condition: (seen: T) => boolean,
  timeoutMs = defaultTimeoutMs,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (condition(seen)) return seen;
    if (performance.now() > deadline) {
      throw new Error(`not so within ${timeoutMs / 1000} s: ${what}. Last seen: ${JSON.stringify(seen, null, 1)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
