package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sync/atomic"

	"github.com/pion/webrtc/v4"
)

type peer struct {
	name       string
	connection *webrtc.PeerConnection
	channel    *webrtc.DataChannel
	published  map[string]*publication
	closed     atomic.Bool
}

func (p *peer) emit(name string, fields event) {
	if !p.closed.Load() {
		emit(p.name, name, fields)
	}
}

func (p *peer) do(next command) error {
	switch next.Do {
	case "start":
		return p.start(next.Certificate)
	case "signal":
		return p.signal(webrtc.SessionDescription{Type: webrtc.NewSDPType(next.Type), SDP: next.SDP})
	case "candidate":
		return p.connection.AddICECandidate(*next.Candidate)
	case "dc":
		return p.channel.Send(next.Data)
	case "publish":
		return p.publish(next, opus, audioFrameTime)
	case "publishVideo":
		return p.publish(next, vp8, videoFrameTime)
	case "unpublish":
		return p.unpublish(next.Track)
	case "mute":
		return p.published[next.Track].sender.ReplaceTrack(nil)
	case "unmute":
		return p.published[next.Track].sender.ReplaceTrack(p.published[next.Track].track)
	case "restartIce":
		return p.offer(&webrtc.OfferOptions{ICERestart: true})
	case "close":
		p.closed.Store(true)
		for _, published := range p.published {
			published.stop()
		}
		return p.connection.Close()
	default:
		return fmt.Errorf("unknown command")
	}
}

func (p *peer) start(kind string) error {
	key, err := generateKey(kind)
	if err != nil {
		return err
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return err
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	api := webrtc.NewAPI(webrtc.WithSettingEngine(settings))
	p.connection, err = api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{*certificate}})
	if err != nil {
		return err
	}
	p.connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		p.emit("state", event{"state": state.String()})
	})
	p.connection.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		if candidate != nil {
			p.emit("candidate", event{"candidate": candidate.ToJSON()})
		}
	})
	p.connection.OnTrack(p.listen)
	p.channel, err = p.connection.CreateDataChannel("calls-dc", nil)
	if err != nil {
		return err
	}
	p.channel.OnOpen(func() { p.emit("channel", event{"state": "open"}) })
	p.channel.OnClose(func() { p.emit("channel", event{"state": "closed"}) })
	p.channel.OnMessage(func(message webrtc.DataChannelMessage) {
		if !message.IsString {
			p.emit("dc", event{"data": message.Data})
		}
	})
	return p.offer(nil)
}

func generateKey(kind string) (crypto.PrivateKey, error) {
	if kind == "rsa" {
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func (p *peer) signal(description webrtc.SessionDescription) error {
	if err := p.connection.SetRemoteDescription(description); err != nil {
		return err
	}
	if description.Type != webrtc.SDPTypeOffer {
		return nil
	}
	answer, err := p.connection.CreateAnswer(nil)
	if err != nil {
		return err
	}
	return p.describe(answer)
}

func (p *peer) offer(options *webrtc.OfferOptions) error {
	offer, err := p.connection.CreateOffer(options)
	if err != nil {
		return err
	}
	return p.describe(offer)
}

func (p *peer) describe(description webrtc.SessionDescription) error {
	if err := p.connection.SetLocalDescription(description); err != nil {
		return err
	}
	p.emit("signal", event{"type": description.Type.String(), "sdp": description.SDP})
	return nil
}
