/**
 * Makes a page encrypt the video that it sends, every byte of each frame, and decrypt what it receives. Runs before the page's own scripts. The
 * cipher is as weak as one can be, and inverts each bit that tells key frames from others.
 */
export function encryptVideo(): void {
  const script = `
    const KEY = 0xa5;
    const invert = (data) => data.map((byte) => byte ^ KEY);
    // libwebrtc cuts AV1 frames into OBUs, so that the ciphertext has to be one: a frame OBU without a size.
    const OBU_HEADER = 0x30;
    const OBU_HAS_SIZE = 0x02;
    const isAv1 = (frame) => frame.getMetadata().mimeType === 'video/AV1';
    function encrypt(frame) {
      const data = invert(new Uint8Array(frame.data));
      frame.data = (isAv1(frame) ? new Uint8Array([OBU_HEADER, ...data]) : data).buffer;
    }
    function decrypt(frame) {
      const data = new Uint8Array(frame.data);
      let start = 0;
      if (isAv1(frame)) {
        start = 1;
        if (data[0] & OBU_HAS_SIZE) while (data[start++] & 0x80);
      }
      frame.data = invert(data.subarray(start)).buffer;
    }
    onrtctransform = ({ transformer: { readable, writable, options } }) => {
      const change = options === 'encrypt' ? encrypt : decrypt;
      const transform = (frame, controller) => {
        change(frame);
        controller.enqueue(frame);
      };
      readable.pipeThrough(new TransformStream({ transform })).pipeTo(writable);
    };
  `;
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));

  const { addTransceiver } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addTransceiver = function (...given) {
    const transceiver = addTransceiver.apply(this, given);
    transceiver.sender.transform = new RTCRtpScriptTransform(worker, 'encrypt');
    return transceiver;
  };
  const Plain = RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('track', ({ track, receiver }) => {
        if (track.kind === 'video') receiver.transform = new RTCRtpScriptTransform(worker, 'decrypt');
      });
    }
  };
}
