import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '../../src/browser.ts';

/** A picture is recognized by its width. */
const WIDTHS = [160, 192, 224, 256];
const HEIGHT = 96;
const FRAMES = 20;

/** Encodes pictures that change with Chromium's VP8, each video with one key frame, and writes videos.json. Run with `node interop/src/make-videos.ts`. */
const browser = await launchBrowser();
const page = await browser.newPage();
await page.route('http://127.0.0.1/', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
await page.goto('http://127.0.0.1/');
const videos = [];
for (const width of WIDTHS) {
  const size = { width, height: HEIGHT };
  const frames = await page.evaluate(
    async ([picture, count]) => {
      const encoded: string[] = [];
      const encoder = new VideoEncoder({
        output: (chunk) => {
          const bytes = new Uint8Array(chunk.byteLength);
          chunk.copyTo(bytes);
          encoded.push(btoa(String.fromCharCode(...bytes)));
        },
        error: console.error,
      });
      encoder.configure({ codec: 'vp8', ...picture, bitrate: 50_000, framerate: 10, latencyMode: 'realtime' });
      const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d')!;
      for (let frame = 0; frame < count; frame++) {
        context.fillStyle = '#234';
        context.fillRect(0, 0, picture.width, picture.height);
        context.fillStyle = '#fc3';
        context.fillRect(4 * frame, 32, 32, 32);
        const image = new VideoFrame(context.canvas, { timestamp: frame * 100_000 });
        encoder.encode(image, { keyFrame: frame === 0 });
        image.close();
      }
      await encoder.flush();
      return encoded;
    },
    [size, FRAMES] as const,
  );
  videos.push({ ...size, frames });
}
await browser.close();
await writeFile(fileURLToPath(new URL('videos.json', import.meta.url)), `${JSON.stringify(videos, null, 1)}\n`);
