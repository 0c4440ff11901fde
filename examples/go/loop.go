package main

import (
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	pb "vector-gateway/examples/go/gen/vectorgateway/v1"
)

var passing = []codes.Code{codes.Unavailable, codes.Canceled, codes.Aborted, codes.DeadlineExceeded,
	codes.ResourceExhausted, codes.Internal, codes.Unknown}

const maxFailures = 12 // One after the other, with nothing settled between.

// ingestLoop carries messages through as many streams as it takes.
type ingestLoop struct {
	client                     pb.PointsServiceClient
	collection, session        string
	messages                   <-chan *pb.IngestPointsRequest
	unsettled                  []*pb.IngestPointsRequest
	unsettledBytes             uint64
	hasAll                     bool
	settled, refused, failures int
}

func (l *ingestLoop) run(ctx context.Context) error {
	for !l.hasAll || len(l.unsettled) > 0 {
		call, err := l.client.IngestPoints(ctx)
		if err == nil {
			err = l.stream(call)
		}
		if err == io.EOF {
			continue // The stream ended well.
		}
		if l.failures++; l.failures > maxFailures || !slices.Contains(passing, status.Code(err)) {
			return err
		}
		time.Sleep(rand.N(min(5*time.Second, 100*time.Millisecond<<l.failures)))
	}
	return nil
}
