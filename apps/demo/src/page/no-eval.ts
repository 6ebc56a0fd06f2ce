import { config } from 'zod';

// zod compiles its checks if `eval` is allowed. Browsers report even the attempt as a violation of the page's Content-Security-Policy.
config({ jitless: true });
