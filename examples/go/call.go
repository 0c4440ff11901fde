package main

import pb "vector-gateway/examples/go/gen/vectorgateway/v1"

type ingestCall = pb.PointsService_IngestPointsClient

// send runs beside receive: replies have to be read also while the gateway takes no more.
func send(call ingestCall, collection, session string, requests <-chan *pb.IngestPointsRequest) {
	for request := range requests {
		err := call.Send(&pb.IngestPointsRequest{
			Collection: collection,
			Session:    session,
			Sequence:   request.Sequence,
			Points:     request.Points,
		})
		if err != nil {
			return // What ended the call is told to the receiver.
		}
		session = "" // Only the first message has it.
	}
	_ = call.CloseSend()
}

func receive(call ingestCall, replies chan<- *pb.IngestPointsResponse, ended chan<- error) {
	for {
		reply, err := call.Recv()
		if err != nil {
			ended <- err
			return
		}
		replies <- reply
	}
}
