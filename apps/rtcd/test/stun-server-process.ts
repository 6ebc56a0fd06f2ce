import { startStunServer } from './stun-server.ts';

// For a namespace of its own: addresses are arguments, and a line on standard output says that it listens.
const { url } = await startStunServer(process.argv.slice(2), 3478);
process.stdout.write(`${url}\n`);
