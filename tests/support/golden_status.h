// The recorded requests and answers of otelcol-golden/otlp-status, as plain data.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::tests {

struct GoldenHttpCase {
  std::string name;
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> response_headers;
  std::string response_body;           // when it is text
  int code = 0;                        // of a google.rpc.Status in protobuf
  std::optional<std::string> message;  // of it
};

// The folder of the shared data: WEIR_DATA, else beside the tree; empty when there is none.
std::string SharedData();

// The cases of `file`, "http.yaml"; nothing when the data are not here.
std::vector<GoldenHttpCase> ReadGoldenHttp(const std::string& file);

}  // namespace weir::tests
