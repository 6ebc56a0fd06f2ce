/** Longest dependency descriptor that is passed on. The template structures of libwebrtc make one of 92 bytes at most. */
export const MAX_DEPENDENCY_DESCRIPTOR_BYTES = 128;

/** The fields of an RTP payload that forwarding depends on, alike for all codecs. One object is read into again for each packet. */
export interface PayloadDescriptor {
  /** Bytes at the start of the payload that `writeVp8Descriptor` rewrites; 0 for codecs of which nothing is rewritten. */
  length: number;
  /** The payload begins a key frame: a picture that a decoder can begin with. */
  startsKeyframe: boolean;
  /** The payload ends the frame of its spatial layer. False also where only the marker bit shows that. */
  endsFrame: boolean;
  /** 0 where there is one spatial layer, or the payload does not contain it. */
  spatialId: number;
  /** 0 where there is one temporal layer, or the payload does not contain it. */
  temporalId: number;
  /** The frame depends on the lowest temporal layer alone: its own layer can be taken up with it (Y of RFC 7741). */
  isLayerSync: boolean;
  /** Higher temporal layers can be taken up behind this frame: they depend on nothing older (U of RFC 9628). */
  isSwitchingUpPoint: boolean;
  /** -1 if there is none to rewrite. */
  pictureId: number;
  /** 7 or 15; 0 without a picture id. */
  pictureIdBits: number;
  /** TL0PICIDX, -1 if there is none to rewrite. */
  temporalLevel0Index: number;
  /** Dependency descriptor of the packet as it arrived, but for its frame number, which each receiver's takes the place of. */
  readonly dependencyDescriptor: Buffer;
  /** 0 if the packet has none to pass on. */
  dependencyDescriptorLength: number;
  /** Frame number of the dependency descriptor. */
  frameNumber: number;
}

/** Returns a descriptor to read into. */
export const emptyPayloadDescriptor = (): PayloadDescriptor => ({
  length: 0,
  startsKeyframe: false,
  endsFrame: false,
  spatialId: 0,
  temporalId: 0,
  isLayerSync: false,
  isSwitchingUpPoint: false,
  pictureId: -1,
  pictureIdBits: 0,
  temporalLevel0Index: -1,
  dependencyDescriptor: Buffer.alloc(MAX_DEPENDENCY_DESCRIPTOR_BYTES),
  dependencyDescriptorLength: 0,
  frameNumber: 0,
});

/** Makes `descriptor` equal to an empty one. */
export function clearPayloadDescriptor(descriptor: PayloadDescriptor): void {
  descriptor.length = 0;
  descriptor.startsKeyframe = false;
  descriptor.endsFrame = false;
  descriptor.spatialId = 0;
  descriptor.temporalId = 0;
  descriptor.isLayerSync = false;
  descriptor.isSwitchingUpPoint = false;
  descriptor.pictureId = -1;
  descriptor.pictureIdBits = 0;
  descriptor.temporalLevel0Index = -1;
  descriptor.dependencyDescriptorLength = 0;
}

/**
 * Reads the RTP payload of one codec from `start` to `end`, which must lie within `packet`. Returns false if it is cut short or
 * malformed: then `into` is not to be used. Keeps nothing from packet to packet.
 */
export type ReadPayload = (packet: Buffer, start: number, end: number, into: PayloadDescriptor) => boolean;

/** The byte at `at`, 0 beyond `end`: a descriptor that is cut short reads as one that nothing follows. */
export const byteAt = (packet: Buffer, at: number, end: number): number => (at < end ? (packet[at] ?? 0) : 0);
