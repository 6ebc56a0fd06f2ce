import { config } from 'zod';

// Where it may, zod compiles its checks. Even to try is reported as a violation of the page's Content-Security-Policy.
config({ jitless: true });
