// The recorded gRPC requests and answers of otelcol-golden/otlp-status, as plain data.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weir::tests {

// Of grpc.yaml: a call by an ordinary client.
struct GoldenGrpcCall {
  std::string name;
  std::string path;
  std::string body;
  std::string compression;  // "", "Gzip", "Deflate"
  std::vector<std::pair<std::string, std::string>> metadata;
  int code = 0;
  std::string message;
  std::string reply;
};
// Of grpc-raw.yaml: a request made by hand over HTTP/2, `body` with gRPC's frames.
struct GoldenGrpcRaw {
  std::string name;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::vector<std::string> lines;  // of headers and trailers; none: the stream was reset
};
// What a gRPC client sees in a case of auth.yaml, limits.yaml or downstream-grpc.yaml.
struct GoldenGrpcAnswer {
  std::string name;
  int code = 0;
  std::string message;
  bool retry_info = false;
};

// Nothing when the data are not here.
std::vector<GoldenGrpcCall> ReadGoldenGrpc();
std::vector<GoldenGrpcRaw> ReadGoldenGrpcRaw();
// `file`: "auth.yaml", ...; cases without a gRPC client are left out.
std::vector<GoldenGrpcAnswer> ReadGoldenGrpcAnswers(const std::string& file);

}  // namespace weir::tests
