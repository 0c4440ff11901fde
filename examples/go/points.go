package main

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"

	pb "vector-gateway/examples/go/gen/vectorgateway/v1"
)

const pointsPerMessage = 64

// readMessages makes messages of the lines of a file and numbers each by the line that it begins with.
func readMessages(path string, messages chan<- *pb.IngestPointsRequest) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	var reader io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if reader, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	message := &pb.IngestPointsRequest{Sequence: 1}
	lines := bufio.NewScanner(reader)
	lines.Buffer(nil, 16<<20) // Bytes of the longest line.
	for number := uint64(1); lines.Scan(); number++ {
		point, err := parsePoint(lines.Bytes())
		if err != nil {
			return fmt.Errorf("line %d is not a point: %w", number, err)
		}
		message.Points = append(message.Points, point)
		if len(message.Points) == pointsPerMessage {
			messages <- message
			message = &pb.IngestPointsRequest{Sequence: number + 1}
		}
	}
	if len(message.Points) > 0 {
		messages <- message
	}
	return lines.Err()
}
