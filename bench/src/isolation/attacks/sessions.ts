import type { Socket } from 'node:net';
import { encodeClientMessage, encodeSessionDescription, RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { Participant } from '@rtcd/rtc/testing';
import { type Attack, pause, type Target, writeAll } from '../attack.ts';
import { frame } from '../raw-websocket.ts';

const SESSIONS = 100;
const CONNECTIONS = 60;
const OFFERS_PER_SESSION = 50;

const join = (sessionID: string, callID: string): Buffer =>
  frame(
    encodeClientMessage({
      type: 'join',
      data: { callID, userID: 'u', sessionID, channelID: 'c', av1Support: false, dcSignaling: true },
    }),
  );

const offer = (sessionID: string, description: SessionDescription): Buffer =>
  frame(
    encodeClientMessage({
      type: 'rtc',
      data: {
        groupID: '',
        userID: '',
        callID: '',
        sessionID,
        type: RtcMessageType.SDP,
        data: encodeSessionDescription(description),
      },
    }),
  );

/** First offer of a headless participant. */
async function firstOffer(): Promise<SessionDescription> {
  let description: SessionDescription | undefined;
  const participant = await Participant.open({
    openIo: async () => ({ localAddresses: [], close: async () => {} }) as never,
    signal: (made) => {
      description = made;
    },
  });
  participant.join();
  await participant.vanish();
  if (description === undefined) throw new Error('the participant made no offer');
  return description;
}

const OFFER_BURSTS: Attack = {
  name: 'offers',
  description: '100 sessions of one installation, each with a burst of 50 offers',
  async prepare(target: Target) {
    await target.register('attacker');
    const socket = await target.openSocket('attacker');
    socket.resume();
    const description = await firstOffer();
    const names = Array.from({ length: SESSIONS }, (_, index) => `s${index}`);
    const joins = Buffer.concat(names.map((name) => join(name, 'attack')));
    const burst = Buffer.concat(
      names.flatMap((name) => Array.from({ length: OFFERS_PER_SESSION }, () => offer(name, description))),
    );
    return async (signal) => {
      let count = 0;
      for (; !signal.aborted && !socket.destroyed; count++) {
        await writeAll(socket, joins, signal);
        await writeAll(socket, burst, signal);
        await pause(1_000, signal);
      }
      socket.destroy();
      return `${count} bursts of ${burst.length} bytes`;
    };
  },
};

const SLOW_READERS: Attack = {
  name: 'slow-readers',
  description: '60 connections with 100 sessions each, offers in a loop, answers not read',
  async prepare(target: Target) {
    await target.register('attacker');
    const description = await firstOffer();
    const sockets: Socket[] = [];
    for (let index = 0; index < CONNECTIONS; index++) {
      sockets.push((await target.openSocket('attacker', target.newAddress())).pause());
    }
    return async (signal) => {
      let rounds = 0;
      await Promise.all(
        sockets.map(async (socket, connection) => {
          const names = Array.from({ length: SESSIONS }, (_, index) => `s${connection}-${index}`);
          await writeAll(socket, Buffer.concat(names.map((name) => join(name, `call-${connection}`))), signal);
          const round = Buffer.concat(names.map((name) => offer(name, description)));
          for (; !signal.aborted && !socket.destroyed; rounds++) {
            await writeAll(socket, round, signal);
            await pause(100, signal);
          }
        }),
      );
      const cut = sockets.filter(({ destroyed }) => destroyed).length;
      for (const socket of sockets) socket.destroy();
      return `${rounds} rounds of 100 offers, ${cut} of ${CONNECTIONS} connections cut by the service`;
    };
  },
};

/** Many sessions of one installation. */
export const SESSION_ATTACKS: readonly Attack[] = [OFFER_BURSTS, SLOW_READERS];
