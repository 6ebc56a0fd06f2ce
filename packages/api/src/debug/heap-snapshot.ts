import { Readable } from 'node:stream';
import { getHeapSnapshot } from 'node:v8';
import { ApiError } from '../errors.ts';

/** Streams heap snapshots of this process, one at a time: each holds a second copy of the heap's shape. */
export function createHeapSnapshotter(): () => ReadableStream<Uint8Array> {
  let streaming = false;
  return () => {
    if (streaming) {
      throw new ApiError('conflict', 'a heap snapshot is being taken already');
    }
    streaming = true;
    const snapshot = getHeapSnapshot();
    snapshot.once('close', () => {
      streaming = false;
    });
    return Readable.toWeb(snapshot) as ReadableStream<Uint8Array>;
  };
}
