package main

import (
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

const frameTime = 20 * time.Millisecond

// publication is a track that the peer sends.
type publication struct {
	track  *webrtc.TrackLocalStaticSample
	sender *webrtc.RTPSender
	ticker *time.Ticker
	done   chan struct{}
}

func (p *peer) publish(next command) error {
	opus := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	track, err := webrtc.NewTrackLocalStaticSample(opus, next.Track, next.StreamID)
	if err != nil {
		return err
	}
	sender, err := p.connection.AddTrack(track)
	if err != nil {
		return err
	}
	published := &publication{track, sender, time.NewTicker(frameTime), make(chan struct{})}
	p.published[next.Track] = published
	go published.send(next.Frames)
	return p.offer(nil)
}

// send writes frames in real time. A track without a sender drops them.
func (published *publication) send(frames [][]byte) {
	for i := 0; ; i++ {
		select {
		case <-published.ticker.C:
			_ = published.track.WriteSample(media.Sample{Data: frames[i%len(frames)], Duration: frameTime})
		case <-published.done:
			return
		}
	}
}

func (published *publication) stop() {
	published.ticker.Stop()
	close(published.done)
}

func (p *peer) unpublish(name string) error {
	published := p.published[name]
	delete(p.published, name)
	published.stop()
	if err := p.connection.RemoveTrack(published.sender); err != nil {
		return err
	}
	return p.offer(nil)
}

// listen reports a remote track and the payload of each of its packets.
func (p *peer) listen(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	mid := p.midOf(receiver)
	p.emit("track", event{"mid": mid, "trackId": track.ID(), "streamId": track.StreamID()})
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			p.emit("ended", event{"mid": mid})
			return
		}
		if len(packet.Payload) > 0 {
			p.emit("heard", event{"mid": mid, "payload": packet.Payload})
		}
	}
}

func (p *peer) midOf(receiver *webrtc.RTPReceiver) string {
	for _, transceiver := range p.connection.GetTransceivers() {
		if transceiver.Receiver() == receiver {
			return transceiver.Mid()
		}
	}
	return ""
}
