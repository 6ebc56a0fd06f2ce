from collections.abc import Callable

from av import AudioFrame

WINDOW_S = 0.1
# Of 16-bit samples, about 0.02 of full scale: more than comfort noise.
AUDIBLE = 650
# A quarter of the samples is enough for tones of up to 2 kHz.
STEP = 4


class PitchMeter:
    """Finds the frequency of a pure tone by the times at which it rises through zero."""

    def __init__(self, on_hz: Callable[[int], None]) -> None:
        self._on_hz = on_hz
        self._samples: list[int] = []

    def add(self, frame: AudioFrame) -> None:
        channels = len(frame.layout.channels)
        values = memoryview(frame.planes[0]).cast("B").cast("h")[: frame.samples * channels]
        self._samples.extend(values.tolist()[:: channels * STEP])
        rate_hz = frame.sample_rate / STEP
        if len(self._samples) >= WINDOW_S * rate_hz:
            self._report(rate_hz)
            self._samples.clear()

    def _report(self, rate_hz: float) -> None:
        samples = self._samples
        rises = [i for i in range(1, len(samples)) if samples[i - 1] < 0 <= samples[i]]
        if len(rises) > 1 and max(samples) > AUDIBLE:
            self._on_hz(round((len(rises) - 1) * rate_hz / (rises[-1] - rises[0])))
