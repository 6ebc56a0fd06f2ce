import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { Dice } from '../dice.ts';
import type { SendErrorCode } from '../schedule.ts';

type SendCallback = (error: Error | null) => void;

/** UDP sockets that refuse to send for a while, as the kernel does when its buffers are full, or a firewall or the MTU is in the way. */
export class FaultySockets {
  readonly #dice: Dice;
  #errors: { readonly code: SendErrorCode; readonly rate: number } | undefined;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  break(code: SendErrorCode, rate: number): void {
    this.#errors = { code, rate };
  }

  heal(): void {
    this.#errors = undefined;
  }

  readonly createSocket = (options: SocketOptions): Socket => {
    const socket = createSocket(options);
    const send = socket.send.bind(socket) as (...args: readonly unknown[]) => void;
    return Object.assign(socket, {
      send: (...args: readonly unknown[]) => {
        const errors = this.#errors;
        if (errors === undefined || !this.#dice.isLucky(errors.rate)) return send(...args);
        const { code } = errors;
        const callback = args.at(-1) as SendCallback;
        process.nextTick(() => callback(Object.assign(new Error(`send ${code}`), { code, syscall: 'send' })));
      },
    });
  };
}
