import { spawnSync } from 'node:child_process';

/** Reports whether ffmpeg is installed. Throws if it has to be. */
export function hasFfmpeg(): boolean {
  if (spawnSync('ffmpeg', ['-version']).status === 0) return true;
  const reason = 'no ffmpeg: the tests that decode recordings are skipped';
  if (process.env.REQUIRE_FFMPEG !== undefined) throw new Error(reason);
  console.warn(reason);
  return false;
}

/** Runs a tool of ffmpeg on a file. Throws if it complains. */
function run(tool: 'ffmpeg' | 'ffprobe', args: readonly string[]): Buffer {
  const { stdout, stderr, status } = spawnSync(tool, ['-v', 'warning', ...args], { maxBuffer: 2 ** 28 });
  const complaints = stderr.toString().trim();
  if (status !== 0 || complaints !== '') throw new Error(`${tool}: ${complaints}`);
  return stdout;
}

/** Loudness of each 10 ms of an audio file, from 0 to 1. */
export function decodeLoudness(file: string): number[] {
  const bytes = run('ffmpeg', ['-xerror', '-i', file, '-f', 's16le', '-ac', '1', '-ar', '48000', 'pipe:1']);
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2));
  return Array.from(
    { length: Math.floor(samples.length / 480) },
    (_, at) => Math.max(...samples.subarray(at * 480, (at + 1) * 480).map(Math.abs)) / 0x8000,
  );
}

/** Times in milliseconds at which a file is first loud, and then silent for good. */
export function loudSpan(loudness: readonly number[]): { readonly startMs: number; readonly endMs: number } {
  const isLoud = (value: number) => value > 0.05;
  return { startMs: loudness.findIndex(isLoud) * 10, endMs: (loudness.findLastIndex(isLoud) + 1) * 10 };
}

/** Number of pictures that a decoder makes of a video, the time of the first one, and the duration of the file. */
export function decodeVideo(file: string) {
  const pictures = run('ffmpeg', ['-xerror', '-i', file, '-fps_mode', 'passthrough', '-f', 'framemd5', 'pipe:1']);
  const probed = run('ffprobe', ['-show_entries', 'format=start_time,duration', '-of', 'json', file]);
  const { format } = JSON.parse(probed.toString()) as { format: { start_time: string; duration: string } };
  return {
    pictures: pictures
      .toString()
      .split('\n')
      .filter((line) => /^0,/.test(line)).length,
    startMs: Number(format.start_time) * 1_000,
    durationMs: Number(format.duration) * 1_000,
  };
}
