import { once } from 'node:events';
import { connectWsClient } from '@rtcd/ws/client';

const client = connectWsClient({
  url: process.env.RTCD_URL ?? 'ws://127.0.0.1:8045/ws',
  auth: { type: 'basic', clientID: 'my-installation', authKey: 'a key of at least 32 characters.' },
});
client.on('error', (error) => console.error(error.code, error.message));

client.send(new TextEncoder().encode('hello')); // waits for the connection in the queue
const [echo] = await once(client, 'message');
console.log(new TextDecoder().decode(echo));

await client.close();
