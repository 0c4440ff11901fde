package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
	pb "vector-gateway/examples/go/gen/vectorgateway/v1"
)

// parsePoint reads {"id": 1, "vector": [0.5, …], "payload": {…}}; an id that is a string is a UUID.
func parsePoint(line []byte) (*pb.Point, error) {
	var row struct {
		ID      json.RawMessage  `json:"id"`
		Vector  []float32        `json:"vector"`
		Payload *structpb.Struct `json:"payload"`
	}
	if err := json.Unmarshal(line, &row); err != nil {
		return nil, err
	}
	if len(row.ID) == 0 {
		return nil, errors.New("it has no id")
	}
	kind := "num"
	if row.ID[0] == '"' {
		kind = "uuid"
	}
	point := &pb.Point{Id: &pb.PointId{}, Vector: row.Vector, PayloadStruct: row.Payload}
	return point, protojson.Unmarshal(fmt.Appendf(nil, "{%q:%s}", kind, row.ID), point.Id)
}
