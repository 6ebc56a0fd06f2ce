const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The signals that ask the process to end, in the order they come. */
export interface EndSignals {
  /** Asks for an end when the calls have ended. */
  readonly first: Promise<NodeJS.Signals>;
  /** Asks for an end now. */
  readonly second: Promise<NodeJS.Signals>;
  stop(): void;
}

/** Takes the signals over from Node, whose own answer is to die at once; a third one gets just that. */
export function listenForEndSignals(): EndSignals {
  const first = Promise.withResolvers<NodeJS.Signals>();
  const second = Promise.withResolvers<NodeJS.Signals>();
  let count = 0;

  function onSignal(signal: NodeJS.Signals): void {
    count++;
    if (count === 1) {
      first.resolve(signal);
    } else if (count === 2) {
      second.resolve(signal);
    } else {
      process.exit(1);
    }
  }

  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    first: first.promise,
    second: second.promise,
    stop() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
