import { openSfu } from '@rtcd/rtc';
import { joinCall } from '@rtcd/rtc/testing';

// Sockets on loopback and free ports; a real service leaves `udpAddress` out and takes port 8443, for UDP and TCP.
const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
sfu.on('sessionClosed', ({ config, reason }) => console.log(`${config.sessionID} is gone: ${reason}`));

// Two participants without a browser. Over real sockets: ICE, DTLS, SRTP, SCTP.
const alice = await joinCall(sfu, { groupID: 'acme', callID: 'standup', sessionID: 'alice' });
const bob = await joinCall(sfu, { groupID: 'acme', callID: 'standup', sessionID: 'bob' });
await alice.hears('bob');
await bob.hears('alice');

alice.sendVoice();
await bob.heard('alice', 1);
console.log(`bob heard ${bob.received('alice')?.packets} packet of alice`);

sfu.leave('acme', 'alice'); // alice is gone: left
await alice.close();
await bob.close();
await sfu.close();
