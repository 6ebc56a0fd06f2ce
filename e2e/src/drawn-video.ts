/** Gives a page a camera and a screen that look like some, for pictures in documents. Runs before the page's own scripts. */
export function drawVideo(): void {
  type Draw = (context: CanvasRenderingContext2D, seconds: number) => void;

  function film(width: number, height: number, draw: Draw): MediaStream {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    setInterval(() => draw(context, performance.now() / 1000), 100);
    return canvas.captureStream(10);
  }

  const drawPerson: Draw = (context, seconds) => {
    const hue = (location.hash.length * 67 + 200) % 360;
    const room = context.createLinearGradient(0, 0, 640, 360);
    room.addColorStop(0, `hsl(${hue} 35% 32%)`);
    room.addColorStop(1, `hsl(${hue + 40} 40% 18%)`);
    context.fillStyle = room;
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = `hsl(${hue + 180} 30% 72%)`;
    context.beginPath();
    context.arc(320 + 6 * Math.sin(seconds), 150, 70, 0, 7);
    context.ellipse(320, 360, 150, 130, 0, 0, 7);
    context.fill();
  };

  const drawSlide: Draw = (context, seconds) => {
    context.fillStyle = '#f7f8fc';
    context.fillRect(0, 0, 1280, 720);
    context.fillStyle = '#1f2440';
    context.font = '600 56px sans-serif';
    context.fillText('Packets per second', 80, 120);
    for (let bar = 0; bar < 12; bar++) {
      const height = 120 + bar * 28 + 24 * Math.sin(seconds * 2 + bar);
      context.fillStyle = `hsl(${244 - bar * 6} 65% 58%)`;
      context.fillRect(90 + bar * 92, 640 - height, 62, height);
    }
  };

  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) =>
    constraints?.video ? film(640, 360, drawPerson) : getUserMedia(constraints);
  mediaDevices.getDisplayMedia = async () => film(1280, 720, drawSlide);
}
