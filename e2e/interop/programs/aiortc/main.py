"""Peers on aiortc that speak the contract of ../../README.md on stdin and stdout."""

import asyncio
import base64
import json
import os
import sys

import aioice.ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import candidate_from_sdp

from picture_track import PictureTrack
from pitch_meter import PitchMeter
from voice_track import VoiceTrack

# aioice leaves loopback addresses out, and rtcd listens there alone.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


class Peer:
    def __init__(self, emit) -> None:
        self._emit = emit
        # Without MAX_BUNDLE, each new track would gather candidates for a transport that it never uses.
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self._connection = RTCPeerConnection(configuration)
        self._connection.on("connectionstatechange", self._on_state)
        self._connection.on("track", self._on_track)
        self._channel = self._connection.createDataChannel("calls-dc")
        self._channel.on("open", lambda: emit(event="channel", state="open"))
        self._channel.on("close", lambda: emit(event="channel", state="closed"))
        self._channel.on("message", self._on_message)
        self._publications = {}
        self._listeners = set()

    async def start(self, certificate) -> None:
        if certificate != "ecdsa":
            raise ValueError("aiortc makes ECDSA certificates only")
        await self._offer()

    async def signal(self, type, sdp) -> None:
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp=sdp, type=type))
        if type == "offer":
            await self._describe(await self._connection.createAnswer())

    async def candidate(self, candidate) -> None:
        text = candidate["candidate"].removeprefix("candidate:")
        if text:
            parsed = candidate_from_sdp(text)
            parsed.sdpMid = candidate.get("sdpMid")
            parsed.sdpMLineIndex = candidate.get("sdpMLineIndex")
            await self._connection.addIceCandidate(parsed)

    async def dc(self, data) -> None:
        self._channel.send(base64.b64decode(data))

    async def publish(self, track, streamId, hz, frames) -> None:
        voice = VoiceTrack([base64.b64decode(frame) for frame in frames])
        await self._publish(track, streamId, voice, self._connection.addTrack(voice))

    async def publishVideo(self, track, streamId, width, height, frames) -> None:
        pictures = PictureTrack(width, height)
        # addTrack would take a section that was rejected, which is rejected again.
        await self._publish(track, streamId, pictures, self._connection.addTransceiver(pictures).sender)

    async def _publish(self, name, stream_id, media, sender) -> None:
        sender._stream_id = stream_id  # there is no public way to name the stream
        self._publications[name] = (sender, media)
        await self._offer()

    async def unpublish(self, track) -> None:
        sender, media = self._publications.pop(track)
        sender.replaceTrack(None)
        media.stop()
        # There is no removeTrack.
        transceiver = next(t for t in self._connection.getTransceivers() if t.sender is sender)
        transceiver.direction = "recvonly"
        await self._offer()

    async def mute(self, track) -> None:
        self._publications[track][0].replaceTrack(None)

    async def unmute(self, track) -> None:
        sender, media = self._publications[track]
        sender.replaceTrack(media)

    async def close(self) -> None:
        await self._connection.close()

    async def _offer(self) -> None:
        await self._describe(await self._connection.createOffer())

    async def _describe(self, description) -> None:
        await self._connection.setLocalDescription(description)
        local = self._connection.localDescription
        self._emit(event="signal", type=local.type, sdp=local.sdp)

    def _on_state(self) -> None:
        self._emit(event="state", state=self._connection.connectionState)

    def _on_message(self, data) -> None:
        if isinstance(data, bytes):
            self._emit(event="dc", data=base64.b64encode(data).decode())

    def _on_track(self, track) -> None:
        mid = next(t.mid for t in self._connection.getTransceivers() if t.receiver.track is track)
        self._emit(event="track", mid=mid, trackId=track.id, streamId="")
        track.on("ended", lambda: self._emit(event="ended", mid=mid))
        receive = self._listen if track.kind == "audio" else self._watch
        listener = asyncio.ensure_future(receive(track, mid))
        self._listeners.add(listener)
        listener.add_done_callback(self._listeners.discard)

    async def _listen(self, track: MediaStreamTrack, mid: str) -> None:
        meter = PitchMeter(lambda hz: self._emit(event="heard", mid=mid, hz=hz))
        try:
            while True:
                meter.add(await track.recv())
        except MediaStreamError:
            pass  # the track has ended

    async def _watch(self, track: MediaStreamTrack, mid: str) -> None:
        try:
            while True:
                picture = await track.recv()
                self._emit(event="seen", mid=mid, width=picture.width, pictures=1)
        except MediaStreamError:
            pass  # the track has ended


class Program:
    """Runs the commands of each peer one after the other, and those of different peers side by side."""

    def __init__(self) -> None:
        self._queues: dict[str, asyncio.Queue] = {}
        self._runs = set()

    async def run(self) -> None:
        lines = asyncio.StreamReader(limit=2**24)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            command = json.loads(line)
            name = command.pop("peer")
            if command["do"] == "start":
                self._queues[name] = asyncio.Queue()
                self._runs.add(asyncio.ensure_future(self._run_peer(name)))
            self._queues[name].put_nowait(command)

    async def _run_peer(self, name: str) -> None:
        closed = False

        def emit(**event) -> None:
            if not closed:
                print(json.dumps({"peer": name, **event}), flush=True)

        peer = Peer(emit)
        while not closed:
            command = await self._queues[name].get()
            do = command.pop("do")
            closed = do == "close"
            try:
                await getattr(peer, do)(**command)
            except Exception as error:
                emit(event="error", message=f"{do}: {error!r}")


asyncio.run(Program().run())
# Threads that decode for open connections would keep the process.
os._exit(0)
