// A peer program of the interoperability tests on pion/webrtc. See e2e/interop/README.md for the contract.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
)

const maxLineBytes = 1 << 20

func main() {
	peers := map[string]chan command{}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxLineBytes)
	for lines.Scan() {
		var next command
		if err := json.Unmarshal(lines.Bytes(), &next); err != nil {
			log.Printf("not a command: %v", err)
			continue
		}
		if peers[next.Peer] == nil {
			peers[next.Peer] = make(chan command, 100)
			go run(next.Peer, peers[next.Peer])
		}
		peers[next.Peer] <- next
	}
}

// run carries out the commands of one peer, one after the other.
func run(name string, commands <-chan command) {
	p := &peer{name: name, published: map[string]*publication{}}
	for next := range commands {
		if err := p.do(next); err != nil {
			emit(name, "error", event{"message": next.Do + ": " + err.Error()})
		}
	}
}
