/** Explains to the user why there is no microphone. */
class MicrophoneError extends Error {
  override readonly name = 'MicrophoneError';
}

const reasons: Readonly<Record<string, string>> = {
  NotAllowedError: 'This page may not use your microphone. Allow it in the browser’s address bar, then try again.',
  NotFoundError: 'No microphone was found. Plug one in, then try again.',
  NotReadableError: 'The microphone is in use by another program. Close that program, then try again.',
  OverconstrainedError: 'That microphone is not there any more. Choose another one.',
};

/** Opens this microphone, by default the one that the browser prefers. Throws `MicrophoneError`. */
export async function openMicrophone(deviceId?: string): Promise<MediaStream> {
  if (!window.isSecureContext) {
    throw new MicrophoneError('Browsers give a microphone only to pages from localhost or over https.');
  }
  try {
    const audio = deviceId === undefined ? true : { deviceId: { exact: deviceId } };
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw microphoneError(error);
  }
}

/** The explanation for an error of getUserMedia (Media Capture and Streams, section 10.3.1). */
function microphoneError(cause: unknown): MicrophoneError {
  const { name, message } = cause instanceof Error ? cause : { name: '', message: String(cause) };
  return new MicrophoneError(reasons[name] ?? `The microphone could not be opened: ${message}`, { cause });
}
