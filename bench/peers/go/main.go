// A bare External Processing server on grpc-go: what riffle is measured against. It does the same decision by the shortest
// way there is in Go: reads x-customer-id, hashes it to two of eight targets, picks one of them by chance, names it in
// x-target-cluster and has Envoy look up its route again. Messages are go-control-plane's, as in nearly every such server;
// grpc-go and the runtime (GOMAXPROCS, GC) are left as they come.
package main

import (
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"syscall"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

const targets = 8

// One reply a target, ready made: nothing of it changes between requests.
var replies [targets]*extprocv3.ProcessingResponse

var noCustomer = &extprocv3.ProcessingResponse{
	Response: &extprocv3.ProcessingResponse_ImmediateResponse{
		ImmediateResponse: &extprocv3.ImmediateResponse{Status: &typev3.HttpStatus{Code: typev3.StatusCode_BadRequest}},
	},
}

type processor struct {
	extprocv3.UnimplementedExternalProcessorServer
}

func (processor) Process(stream extprocv3.ExternalProcessor_ProcessServer) error {
	for {
		request, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err // Envoy ends a normal exchange with a reset
		}
		headers := request.GetRequestHeaders()
		if headers == nil {
			return nil // Envoy goes on without us
		}
		if err := stream.Send(decide(headers.GetHeaders().GetHeaders())); err != nil {
			return err
		}
	}
}

func decide(headers []*corev3.HeaderValue) *extprocv3.ProcessingResponse {
	for _, header := range headers {
		if header.Key == "x-customer-id" {
			return replies[pick(header.RawValue)]
		}
	}
	return noCustomer
}

// pick gives one of the customer's two targets, each as likely as the other.
func pick(customer []byte) uint32 {
	hash := fnv.New32a()
	hash.Write(customer)
	sum := hash.Sum32()
	first := sum % targets
	if rand.Uint32()&1 == 0 {
		return first
	}
	return (first + 1 + sum/targets%(targets-1)) % targets
}

func reply(target string) *extprocv3.ProcessingResponse {
	choice := &corev3.HeaderValueOption{
		Header:       &corev3.HeaderValue{Key: "x-target-cluster", RawValue: []byte(target)},
		AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}
	return &extprocv3.ProcessingResponse{
		Response: &extprocv3.ProcessingResponse_RequestHeaders{
			RequestHeaders: &extprocv3.HeadersResponse{
				Response: &extprocv3.CommonResponse{
					HeaderMutation:  &extprocv3.HeaderMutation{SetHeaders: []*corev3.HeaderValueOption{choice}},
					ClearRouteCache: true,
				},
			},
		},
	}
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: grpc-go SOCKET")
	}
	for i := range replies {
		replies[i] = reply(fmt.Sprintf("backend_%d", i))
	}
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	extprocv3.RegisterExternalProcessorServer(server, processor{})
	healthy := health.NewServer()
	healthy.SetServingStatus(extprocv3.ExternalProcessor_ServiceDesc.ServiceName, healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(server, healthy)

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		server.Stop()
	}()
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
