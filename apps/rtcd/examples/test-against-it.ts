import { startRtcd } from 'rtcd/testing';

const rtcd = await startRtcd({ config: { api: { limits: { sessions_per_client: 10 } } } });

const body = JSON.stringify({ clientID: 'my-client', authKey: 'a key of at least 32 characters: keep it secret' });
const response = await fetch(`${rtcd.url}/register`, { method: 'POST', body });
console.log(await response.json()); // { clientID: 'my-client', code: '201' }

await rtcd.close();
