import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { PageFile } from './page-bundle.ts';

/** Devices that the page uses and frames in it may not. */
const devices = ['microphone', 'camera', 'displayCapture', 'fullscreen', 'pictureInPicture'] as const;

/** The page's files over HTTP, with headers that let it load nothing from anywhere else. */
export function createWebApp(files: ReadonlyMap<string, PageFile>): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        // Some browsers do not count the page's own WebSocket as 'self'.
        connectSrc: ["'self'", 'ws:', 'wss:'],
        mediaSrc: ["'self'", 'blob:', 'mediastream:'],
        imgSrc: ["'self'", 'data:'],
      },
      permissionsPolicy: Object.fromEntries(devices.map((device) => [device, ['self']])),
      strictTransportSecurity: false,
    }),
  );
  for (const [path, { contentType, text }] of files) {
    app.get(path, (context) => context.body(text, 200, { 'Content-Type': contentType, 'Cache-Control': 'no-cache' }));
  }
  return app;
}
