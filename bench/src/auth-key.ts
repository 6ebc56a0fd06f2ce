/** Key of every installation of the bench. */
export const AUTH_KEY = 'a-key-of-the-bench-that-is-long-enough';
