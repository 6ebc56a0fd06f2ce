export { ADMIN_AUTHORIZATION, CLIENT_AUTHORIZATION, createTestHandlers, startTestApi } from './test-api.ts';
