import { getRequestListener } from '@hono/node-server';
import { createApiApp } from '@rtcd/api';
import { createTestHandlers } from '@rtcd/api/testing';
import express from 'express';

const api = createApiApp({ handlers: createTestHandlers() });

const app = express();
app.get('/', (_request, response) => void response.send('my own page'));
app.use('/rtcd', getRequestListener(api.fetch));

export const server = app.listen(0);
