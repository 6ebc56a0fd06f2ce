import { createSimulatedNetwork } from '@rtcd/packet-io/testing';

const pending: (() => void)[] = [];
const network = createSimulatedNetwork({
  seed: 7,
  lossRate: 0.2,
  delayMs: 30,
  // Leave this out to use the global timers, which under fake timers are virtual too.
  scheduler: { now: () => 0, setTimeout: (arrive) => pending.push(arrive) },
});

let arrived = 0;
const here = network.open({ addresses: [{ address: '10.0.0.1', port: 5000 }], onDatagram: () => {} });
network.open({ addresses: [{ address: '10.0.0.2', port: 5000 }], onDatagram: () => arrived++ });

const path = { local: 0, address: '10.0.0.2', port: 5000 };
for (let i = 0; i < 1000; i++) here.transmit(Uint8Array.of(i), path);
for (const arrive of pending) arrive();

const { sent, lost } = network.stats();
console.log(sent, arrived + lost, lost > 150 && lost < 250); // 1000 1000 true
