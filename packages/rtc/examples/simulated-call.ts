import { SimulatedCall } from '@rtcd/rtc/testing';

const call = await SimulatedCall.start({ lossRate: 0.1, delayMs: 40 });
const carol = await call.join('carol');
const dave = await call.join('dave');
call.time.runFor(2_000);

call.speak([carol], 1_000); // 50 packets of 20 ms
call.time.runFor(100);
const voice = dave.received('carol');
console.log(`dave got ${voice && voice.packets > 30 && voice.packets <= 50 ? 'most' : 'too little'} of it`);
await call.close();
