import asyncio
import fractions
import itertools
import time

from aiortc import MediaStreamTrack
from av import Packet

FRAME_S = 0.02
TICKS_PER_FRAME = 960
TIME_BASE = fractions.Fraction(1, 48_000)


class VoiceTrack(MediaStreamTrack):
    """Opus frames of 20 ms, over and over, in real time."""

    kind = "audio"

    def __init__(self, frames: list[bytes]) -> None:
        super().__init__()
        self._frames = frames
        self._counter = itertools.count()
        self._started_at_s = time.monotonic()

    async def recv(self) -> Packet:
        count = next(self._counter)
        due_s = self._started_at_s + count * FRAME_S
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        packet = Packet(self._frames[count % len(self._frames)])
        packet.pts = count * TICKS_PER_FRAME
        packet.time_base = TIME_BASE
        return packet
