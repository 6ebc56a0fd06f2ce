/** The part of Node's `EventEmitter` that is needed to call its listeners. */
export interface ListenerSource {
  /** Returns the listeners of an event, with the wrappers of those that are called once. */
  rawListeners(event: string): readonly object[];
}

type Listener = (...args: readonly unknown[]) => unknown;

/**
 * Calls the listeners of an event, as `emit` does. What one of them throws, or its promise rejects with, is passed to `onError`: neither the other
 * listeners nor the caller are affected.
 */
export function notifyListeners(
  emitter: ListenerSource,
  event: string,
  args: readonly unknown[],
  onError: (error: unknown) => void,
): void {
  for (const listener of emitter.rawListeners(event)) {
    try {
      const result = Reflect.apply(listener as Listener, emitter, args);
      if (result instanceof Promise) result.catch(onError);
    } catch (error) {
      onError(error);
    }
  }
}
