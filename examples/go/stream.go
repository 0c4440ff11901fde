package main

import (
	"fmt"
	"os"
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"
	pb "vector-gateway/examples/go/gen/vectorgateway/v1"
)

// stream sends what is not settled again, then what the window has room for, and returns how the call ended.
func (l *ingestLoop) stream(call ingestCall) error {
	requests, replies, ended := make(chan *pb.IngestPointsRequest), make(chan *pb.IngestPointsResponse), make(chan error)
	go send(call, l.collection, l.session, requests)
	go receive(call, replies, ended)
	finish := sync.OnceFunc(func() { close(requests) })
	defer finish()
	toSend, hints := slices.Clone(l.unsettled), &pb.IngestHints{WindowBytes: 1 << 20}
	for {
		var next *pb.IngestPointsRequest
		var out chan<- *pb.IngestPointsRequest // A nil channel takes no part in the select.
		var source <-chan *pb.IngestPointsRequest
		if len(toSend) > 0 {
			next, out = toSend[0], requests
		} else if l.hasAll || hints.Reconnect {
			finish()
		} else if len(l.unsettled) == 0 || !hints.SlowDown && l.unsettledBytes < hints.WindowBytes {
			source = l.messages
		}
		select {
		case out <- next:
			toSend = toSend[1:]
		case message, isOpen := <-source:
			if l.hasAll = !isOpen; isOpen {
				l.unsettled, toSend = append(l.unsettled, message), append(toSend, message)
				l.unsettledBytes += uint64(proto.Size(message))
			}
		case reply := <-replies:
			hints = reply.Hints
			l.settle(reply)
		case err := <-ended:
			return err
		}
	}
}

func (l *ingestLoop) settle(reply *pb.IngestPointsResponse) {
	l.session = reply.Session
	for len(l.unsettled) > 0 && l.unsettled[0].Sequence <= reply.GetWatermark() {
		l.settled += len(l.unsettled[0].Points)
		l.unsettledBytes -= uint64(proto.Size(l.unsettled[0]))
		l.unsettled, l.failures = l.unsettled[1:], 0
	}
	for _, rejection := range reply.Rejections {
		l.refused++
		fmt.Fprintf(os.Stderr, "line %d: %s\n", rejection.Sequence+uint64(rejection.Index), rejection.Status.GetMessage())
	}
}
