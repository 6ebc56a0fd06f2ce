import { serve } from '@hono/node-server';
import { createApiApp } from '@rtcd/api';
import { createTestHandlers } from '@rtcd/api/testing';
import { Hono } from 'hono';

const api = createApiApp({ handlers: createTestHandlers() });

const app = new Hono();
app.get('/', (c) => c.text('my own page'));
app.mount('/rtcd', api.fetch);

export const server = serve({ fetch: app.fetch, port: 0 });
