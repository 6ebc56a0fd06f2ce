import type { MiddlewareHandler } from 'hono';
import { MAIN_THREAD } from '../debug-tools.ts';
import { ApiError } from '../errors.ts';
import { jsonResponse } from '../responses.ts';
import type { ApiContext } from './context.ts';
import { type App, type AppOptions, requireCaller } from './context.ts';

const DEFAULT_SECONDS = 10;
const MAX_SECONDS = 60;

/** Routes to inspect the process, its sessions, and its calls. They exist only with an admin, and for the admin only. */
export function addDebugRoutes(app: App, options: AppOptions): void {
  const { admin, debugTools, handlers } = options;
  if (!admin || debugTools === undefined) return;
  const adminOnly: MiddlewareHandler = async (c, next) => {
    const caller = await requireCaller(c as ApiContext, options);
    if (!caller.admin) throw new ApiError('forbidden', 'only the admin may use this route');
    await next();
  };

  app.get('/debug/cpu-profile', adminOnly, async (c) => {
    const { thread = MAIN_THREAD, seconds } = c.req.query();
    const tools = debugTools.of(thread);
    const profile = await tools.recordCpuProfile(parseSeconds(seconds) * 1000, c.req.raw.signal);
    return download(JSON.stringify(profile), `rtcd-${thread}.cpuprofile`);
  });

  app.get('/debug/heap-snapshot', adminOnly, async (c) => {
    const { thread = MAIN_THREAD } = c.req.query();
    return download(await debugTools.of(thread).takeHeapSnapshot(), `rtcd-${thread}.heapsnapshot`);
  });

  app.get('/debug/event-loop-delay', adminOnly, async (c) => {
    const { thread = MAIN_THREAD } = c.req.query();
    return jsonResponse(await debugTools.of(thread).readEventLoopDelay());
  });

  app.get('/debug/sessions', adminOnly, async () => jsonResponse(await handlers.debugSessions()));

  app.get('/debug/sessions/:groupID/:sessionID', adminOnly, async (c) =>
    jsonResponse(await handlers.debugSession(c.req.param('groupID'), c.req.param('sessionID'))),
  );

  app.get('/debug/calls', adminOnly, async () => jsonResponse(await handlers.debugCalls()));

  app.get('/debug/calls/:groupID/:callID', adminOnly, async (c) =>
    jsonResponse(await handlers.debugCall(c.req.param('groupID'), c.req.param('callID'))),
  );

  app.get('/debug/sessions/:groupID/:sessionID/capture', adminOnly, async (c) => {
    const durationMs = parseSeconds(c.req.query('seconds')) * 1000;
    const { groupID, sessionID } = c.req.param();
    const file = await handlers.captureSession(groupID, sessionID, durationMs, c.req.raw.signal);
    return download(new Uint8Array(file), 'session.pcapng', 'application/octet-stream');
  });
}

function parseSeconds(text = String(DEFAULT_SECONDS)): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) {
    throw new ApiError('invalid_request', `seconds should be more than 0 and at most ${MAX_SECONDS}`);
  }
  return seconds;
}

function download(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  fileName: string,
  contentType = 'application/json',
): Response {
  return new Response(body, {
    headers: { 'Content-Type': contentType, 'Content-Disposition': `attachment; filename="${fileName}"` },
  });
}
