import asyncio
import fractions
import itertools
import time

from aiortc import MediaStreamTrack
from av import VideoFrame

FRAME_S = 0.1
TICKS_PER_FRAME = 9_000
TIME_BASE = fractions.Fraction(1, 90_000)
GRAY = 128


class PictureTrack(MediaStreamTrack):
    """Pictures that get brighter, 10 per second, in real time."""

    kind = "video"

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._size = (width, height)
        self._counter = itertools.count()
        self._started_at_s = time.monotonic()

    async def recv(self) -> VideoFrame:
        count = next(self._counter)
        due_s = self._started_at_s + count * FRAME_S
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        picture = VideoFrame(*self._size, "yuv420p")
        for plane, value in zip(picture.planes, (count * 8 % 256, GRAY, GRAY)):
            plane.update(bytes([value]) * plane.buffer_size)
        picture.pts = count * TICKS_PER_FRAME
        picture.time_base = TIME_BASE
        return picture
