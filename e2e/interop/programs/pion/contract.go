package main

import (
	"encoding/json"
	"os"
	"sync"

	"github.com/pion/webrtc/v4"
)

// command is a line of stdin. See e2e/interop/README.md.
type command struct {
	Peer        string                   `json:"peer"`
	Do          string                   `json:"do"`
	Certificate string                   `json:"certificate"`
	Type        string                   `json:"type"`
	SDP         string                   `json:"sdp"`
	Candidate   *webrtc.ICECandidateInit `json:"candidate"`
	Data        []byte                   `json:"data"`
	Track       string                   `json:"track"`
	StreamID    string                   `json:"streamId"`
	Frames      [][]byte                 `json:"frames"`
}

// event is a line of stdout, without its peer and event fields.
type event map[string]any

var stdout struct {
	sync.Mutex
	*json.Encoder
}

func init() {
	stdout.Encoder = json.NewEncoder(os.Stdout)
}

func emit(peer, name string, fields event) {
	fields["peer"] = peer
	fields["event"] = name
	stdout.Lock()
	defer stdout.Unlock()
	_ = stdout.Encode(fields)
}
