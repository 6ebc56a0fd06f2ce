import { ElementId, element, floatElement, openElement, textElement, unsignedElement } from './ebml.ts';

/** Size of a picture in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const MS_IN_NS = 1_000_000;
const APP = '@rtcd/participant';
const VIDEO_TRACK = 1;
/** A block's timestamp is that of its cluster and a signed number of 16 bits (RFC 9559 section 10.2). */
const MAX_CLUSTER_MS = 30_000;
/** Players seek to the beginnings of clusters. */
const MIN_CLUSTER_MS = 1_000;
const KEYFRAME_FLAG = 0x80;
const BLOCK_HEADER_BYTES = 4;

/** Writes one video as a WebM file (RFC 9559). What each method returns is to be appended to the file. */
export class WebmWriter {
  /** Place of the duration in the file, which `duration` returns. */
  durationOffset = 0;
  #clusterMs: number | undefined;
  #lastMs = -1;

  begin(codecId: string, { width, height }: PictureSize): Buffer {
    const beginning = Buffer.concat([
      element(
        ElementId.ebml,
        unsignedElement(ElementId.ebmlVersion, 1),
        unsignedElement(ElementId.ebmlReadVersion, 1),
        unsignedElement(ElementId.ebmlMaxIdLength, 4),
        unsignedElement(ElementId.ebmlMaxSizeLength, 8),
        textElement(ElementId.docType, 'webm'),
        unsignedElement(ElementId.docTypeVersion, 4),
        unsignedElement(ElementId.docTypeReadVersion, 2),
      ),
      openElement(ElementId.segment),
      element(
        ElementId.info,
        unsignedElement(ElementId.timestampScale, MS_IN_NS),
        textElement(ElementId.muxingApp, APP),
        textElement(ElementId.writingApp, APP),
        this.duration(0),
      ),
    ]);
    this.durationOffset = beginning.length - this.duration(0).length;
    const size = [unsignedElement(ElementId.pixelWidth, width), unsignedElement(ElementId.pixelHeight, height)];
    const tracks = element(
      ElementId.tracks,
      element(
        ElementId.trackEntry,
        unsignedElement(ElementId.trackNumber, VIDEO_TRACK),
        unsignedElement(ElementId.trackUid, 1),
        unsignedElement(ElementId.trackType, 1),
        textElement(ElementId.codecId, codecId),
        element(ElementId.video, ...size),
      ),
    );
    return Buffer.concat([beginning, tracks]);
  }

  /** Adds a frame. Its time is moved behind that of the one before if it is not. */
  write(frame: Uint8Array, atMs: number, isKeyframe: boolean): Buffer {
    const timeMs = Math.max(this.#lastMs + 1, Math.round(atMs));
    this.#lastMs = timeMs;
    const cluster = this.#clusterFor(timeMs, isKeyframe);
    const header = Buffer.alloc(BLOCK_HEADER_BYTES);
    header[0] = 0x80 | VIDEO_TRACK;
    header.writeInt16BE(timeMs - this.#clusterMs!, 1);
    header[3] = isKeyframe ? KEYFRAME_FLAG : 0;
    return Buffer.concat([cluster, element(ElementId.simpleBlock, header, frame)]);
  }

  /** Returns what to write at `durationOffset` once the duration is known. */
  duration(durationMs: number): Buffer {
    return floatElement(ElementId.duration, durationMs);
  }

  #clusterFor(timeMs: number, isKeyframe: boolean): Buffer {
    const ageMs = timeMs - (this.#clusterMs ?? Number.NEGATIVE_INFINITY);
    if (ageMs < MIN_CLUSTER_MS || (!isKeyframe && ageMs < MAX_CLUSTER_MS)) return Buffer.alloc(0);
    this.#clusterMs = timeMs;
    return Buffer.concat([openElement(ElementId.cluster), unsignedElement(ElementId.timestamp, timeMs)]);
  }
}

/** Returns the size of the picture of a VP8 key frame, undefined for anything else (RFC 6386 section 9.1). */
export function vp8PictureSize(frame: Uint8Array): PictureSize | undefined {
  const [tag = 1, , , ...rest] = frame.subarray(0, 10);
  const [start0, start1, start2, width0 = 0, width1 = 0, height0 = 0, height1 = 0] = rest;
  if ((tag & 1) !== 0 || rest.length < 7 || start0 !== 0x9d || start1 !== 0x01 || start2 !== 0x2a) return undefined;
  // The two highest bits scale what is shown.
  return { width: width0 | ((width1 & 0x3f) << 8), height: height0 | ((height1 & 0x3f) << 8) };
}
