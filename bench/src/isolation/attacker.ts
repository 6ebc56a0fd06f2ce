/** Process of the attackers. */
import { setPriority } from 'node:os';
import { Target } from './attack.ts';
import { ATTACKS } from './attacks/attacks.ts';

/** Sent by the bench: the attack begins, and it ends. */
export type AttackerRequest = 'begin' | 'end';

// Attackers have machines of their own; here they must not take the service's cores.
setPriority(10);
const [, , name, url] = process.argv;
const attack = ATTACKS.find((known) => known.name === name);
if (attack === undefined || url === undefined) throw new Error(`usage: attacker NAME URL, not ${name} ${url}`);

const ended = new AbortController();
const run = await attack.prepare(new Target(url));
process.on('message', async (request: AttackerRequest) => {
  if (request === 'end') return ended.abort();
  process.send?.(await run(ended.signal));
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
