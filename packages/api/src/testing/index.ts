export { startTestApi } from './test-api.ts';
export { ADMIN_AUTHORIZATION, CLIENT_AUTHORIZATION, createTestHandlers } from './test-handlers.ts';
