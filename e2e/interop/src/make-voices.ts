import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '../../src/browser.ts';

/** Whole periods in 20 ms (multiples of 50 Hz), so that frames can be repeated, and no voice is a harmonic of another. */
const TONES_HZ = [400, 700, 1050, 1550];
/** Frames that are kept of each voice: the encoder's buffer has settled by then. */
const FIRST_FRAME = 40;
const FRAMES = 10;

/** Encodes the tones with Chromium's Opus and writes voices.json. Run with `node interop/src/make-voices.ts`. */
const browser = await launchBrowser();
const page = await browser.newPage();
await page.route('http://127.0.0.1/', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
await page.goto('http://127.0.0.1/');
const voices = [];
for (const hz of TONES_HZ) {
  const frames = await page.evaluate(async (toneHz) => {
    const encoded: string[] = [];
    const encoder = new AudioEncoder({
      output: (chunk) => {
        const bytes = new Uint8Array(chunk.byteLength);
        chunk.copyTo(bytes);
        encoded.push(btoa(String.fromCharCode(...bytes)));
      },
      error: console.error,
    });
    const sampleRate = 48_000;
    encoder.configure({ codec: 'opus', sampleRate, numberOfChannels: 1, bitrate: 24_000, bitrateMode: 'constant' });
    const seconds = 1.2;
    const samples = Float32Array.from(
      { length: sampleRate * seconds },
      (_, i) => 0.4 * Math.sin((2 * Math.PI * toneHz * i) / sampleRate),
    );
    const sound = {
      format: 'f32',
      sampleRate,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: 0,
    } as const;
    encoder.encode(new AudioData({ ...sound, data: samples }));
    await encoder.flush();
    return encoded;
  }, hz);
  voices.push({ hz, frames: frames.slice(FIRST_FRAME, FIRST_FRAME + FRAMES) });
}
await browser.close();
await writeFile(fileURLToPath(new URL('voices.json', import.meta.url)), `${JSON.stringify(voices, null, 1)}\n`);
