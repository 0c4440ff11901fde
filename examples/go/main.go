// Stores a file of points, whatever breaks on the way: go run . ADDRESS TENANT COLLECTION FILE
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	pb "vector-gateway/examples/go/gen/vectorgateway/v1"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "go run . ADDRESS TENANT COLLECTION FILE (and a key in API_KEY, where one is asked for)")
		os.Exit(2)
	}
	if err := ingest(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func ingest(address, tenant, collection, path string) error {
	connection, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		// Without it, a gateway that is long back may be left alone for up to two minutes.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
		}),
		// A ping after so much silence notices a connection that is dead.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second}))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-company-id", tenant)
	if key, isSet := os.LookupEnv("API_KEY"); isSet {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	}
	messages, readError := make(chan *pb.IngestPointsRequest), make(chan error, 1)
	go func() {
		readError <- readMessages(path, messages)
		close(messages)
	}()
	loop := ingestLoop{client: pb.NewPointsServiceClient(connection), collection: collection, messages: messages}
	err = loop.run(ctx)
	fmt.Printf("stored %d, rejected %d\n", loop.settled-loop.refused, loop.refused)
	if err != nil {
		return err
	}
	return <-readError
}
