import { createAuth } from '@rtcd/auth';
import { createMemoryStore } from '@rtcd/store';

const auth = createAuth({ store: createMemoryStore(), sessionExpirationMinutes: 1440 });

await auth.register('my-client', 'a key of at least 32 characters: keep it secret');

const bearerToken = await auth.login('my-client', 'a key of at least 32 characters: keep it secret');
console.log(auth.clientOfToken(bearerToken)); // my-client

const caller = await auth.authorize(`Bearer ${bearerToken}`);
console.log(caller); // { clientID: 'my-client', admin: false }
