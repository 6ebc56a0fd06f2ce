/** Explains to the user why there is no picture. */
class VideoCaptureError extends Error {
  override readonly name = 'VideoCaptureError';
}

const cameraReasons: Readonly<Record<string, string>> = {
  NotAllowedError: 'This page may not use your camera. Allow it in the browser’s address bar, then try again.',
  NotFoundError: 'No camera was found. Plug one in, then try again.',
  NotReadableError: 'The camera is in use by another program. Close that program, then try again.',
  OverconstrainedError: 'That camera is not there any more. Choose another one.',
};

/** Opens this camera, by default the one that the browser prefers. Throws `VideoCaptureError`. */
export async function openCamera(deviceId?: string): Promise<MediaStream> {
  const size = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 30 } };
  const video = deviceId === undefined ? size : { ...size, deviceId: { exact: deviceId } };
  return capture(() => navigator.mediaDevices.getUserMedia({ video }), cameraReasons, 'The camera could not be opened');
}

/** Lets the user choose a screen, with its sound where the browser can. Undefined if the user changes their mind. Throws `VideoCaptureError`. */
export async function captureScreen(): Promise<MediaStream | undefined> {
  const choose = () => navigator.mediaDevices.getDisplayMedia({ video: true, audio: true });
  try {
    return await capture(choose, {}, 'The screen could not be captured');
  } catch (error) {
    if (error instanceof VideoCaptureError && (error.cause as Error | undefined)?.name === 'NotAllowedError') return;
    throw error;
  }
}

async function capture(
  open: () => Promise<MediaStream>,
  reasons: Readonly<Record<string, string>>,
  lead: string,
): Promise<MediaStream> {
  if (!window.isSecureContext) {
    throw new VideoCaptureError('Browsers give cameras and screens only to pages from localhost or over https.');
  }
  try {
    return await open();
  } catch (cause) {
    const { name, message } = cause instanceof Error ? cause : { name: '', message: String(cause) };
    throw new VideoCaptureError(reasons[name] ?? `${lead}: ${message}`, { cause });
  }
}
