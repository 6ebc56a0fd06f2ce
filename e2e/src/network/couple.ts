import type { Socket } from 'node:net';

/** Passes on what comes on one connection to the other, in both directions, until one of them ends. */
export function couple(near: Socket, far: Socket): void {
  pass(near, far);
  pass(far, near);
}

function pass(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', () => {});
  from.on('close', () => to.destroy());
}
