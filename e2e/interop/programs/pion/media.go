package main

import (
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

const (
	audioFrameTime = 20 * time.Millisecond
	videoFrameTime = 100 * time.Millisecond
)

var (
	opus = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	vp8  = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
)

// publication is a track that the peer sends.
type publication struct {
	track  *webrtc.TrackLocalStaticSample
	sender *webrtc.RTPSender
	period time.Duration
	ticker *time.Ticker
	done   chan struct{}
}

func (p *peer) publish(next command, codec webrtc.RTPCodecCapability, period time.Duration) error {
	track, err := webrtc.NewTrackLocalStaticSample(codec, next.Track, next.StreamID)
	if err != nil {
		return err
	}
	sender, err := p.connection.AddTrack(track)
	if err != nil {
		return err
	}
	published := &publication{track, sender, period, time.NewTicker(period), make(chan struct{})}
	p.published[next.Track] = published
	go published.send(next.Frames)
	return p.offer(nil)
}

// send writes frames in real time. A track without a sender drops them.
func (published *publication) send(frames [][]byte) {
	for i := 0; ; i++ {
		select {
		case <-published.ticker.C:
			_ = published.track.WriteSample(media.Sample{Data: frames[i%len(frames)], Duration: published.period})
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
		if len(packet.Payload) == 0 {
			continue
		}
		if track.Kind() == webrtc.RTPCodecTypeVideo {
			p.emit("seen", event{"mid": mid, "payload": packet.Payload, "marker": packet.Marker})
		} else {
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
