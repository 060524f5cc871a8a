// bare-nghttp2-forwarder: what passing OTLP/gRPC on costs without gRPC.
//
// An experiment, not a part of the product: unary gRPC framing over libnghttp2, both sides. The
// length of a message is read before the message, one buffer of that size is reserved, the body is
// received into it and sent on from it, in whatever encoding it came; the backend's answer and
// trailers go back. One thread, epoll, cleartext with prior knowledge.
//
//   bare-nghttp2-forwarder --listen 4317 --backend 5317
//     --check          look through every body first, as Weir does (gzip is inflated for it)
//     --memory-mib 32  hold at most that much: a message that finds no room gets no window
//
// docs/adr/022-grpc-or-nghttp2.md says what came out.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/byte_budget.h"
#include "bench/loadgen/gzip.h"
#include "bench/loadgen/listen.h"
#include "bench/nghttp2_forwarder/connection.h"
#include "model/check.h"

namespace weir::bench {
namespace {

constexpr size_t kMessageBytesMax = 64 << 20;
// Before the length is known and room found, a stream may bring this much when memory is limited.
constexpr uint32_t kLimitedWindowBytes = 16 * 1024;
constexpr uint32_t kStreamWindowBytes = 4 << 20;

struct Options {
  uint16_t listen = 0;
  uint16_t backend = 0;
  bool check = false;
  size_t memory_mib = 0;  // 0: no limit
};

// A unary call on its way: the client's stream and the backend's. Deleted when both are closed.
struct Call {
  Stream client;
  Stream backend;
  bool is_answered = false;
};

int ConnectTo(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd);
    return -1;
  }
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

std::optional<model::Signal> SignalOf(std::string_view path) {
  if (path.find("LogsService") != path.npos) return model::Signal::kLogs;
  if (path.find("TraceService") != path.npos) return model::Signal::kTraces;
  if (path.find("MetricsService") != path.npos) return model::Signal::kMetrics;
  return std::nullopt;
}

std::string_view ValueOf(const Fields& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

class Forwarder : public StreamOwner {
 public:
  explicit Forwarder(const Options& options)
      : options_(options),
        listener_(ListenOrDie("bare-nghttp2-forwarder", options.listen)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        budget_(options.memory_mib == 0 ? SIZE_MAX / 2 : options.memory_mib << 20) {
    server_options_.stream_window_bytes = window_bytes();
    client_options_.is_server = false;
    Watch(EPOLL_CTL_ADD, listener_, EPOLLIN, nullptr);
  }

  [[noreturn]] void Serve() {
    std::array<epoll_event, 64> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), int(events.size()), -1);
      for (int i = 0; i < count; ++i) Turn(events[static_cast<size_t>(i)]);
      while (!dirty_.empty()) {
        FlushDirty();
        GrantWaiting();
      }
      dead_.clear();
    }
  }

  Stream& Open(Connection&, int32_t) override {
    auto* call = new Call;  // deleted by OnClose
    call_of_[&call->client] = call_of_[&call->backend] = call;
    return call->client;
  }

  void OnLength(Stream& stream) override {
    const size_t size = stream.message.size_bytes();
    if (size > kMessageBytesMax || size > budget_.limit_bytes()) {
      return stream.connection->Reset(stream, NGHTTP2_ENHANCE_YOUR_CALM);
    }
    if (TryReserve(stream)) return;
    // What the initial window lets through until there is room.
    stream.message.SetRoom(MutableBuffer(std::min<size_t>(size, window_bytes())));
    waiting_.push_back(&stream);
  }

  void OnEnd(Stream& stream) override {
    Call& call = *call_of_[&stream];
    if (&stream == &call.backend) return Answer(call);
    if (stream.message.is_complete()) return Forward(call);
    Fail(call, 13, "the request holds no whole message");
  }

  void OnClose(Stream& stream) override {
    Call& call = *call_of_[&stream];
    if (&stream == &call.backend) {
      Fail(call, 14, "the backend closed the stream");
    } else {
      std::erase(waiting_, &stream);
      if (call.backend.connection) call.backend.connection->Reset(call.backend, NGHTTP2_CANCEL);
    }
    if (call.client.connection || call.backend.connection) return;
    call_of_.erase(&call.client);
    call_of_.erase(&call.backend);
    delete &call;
  }

  void OnDirty(Connection& connection) override {
    connection.is_dirty = true;
    dirty_.push_back(&connection);
  }

 private:
  uint32_t window_bytes() const {
    return options_.memory_mib == 0 ? kStreamWindowBytes : kLimitedWindowBytes;
  }

  void Watch(int operation, int fd, uint32_t what, Connection* connection) const {
    epoll_event event{};
    event.events = what;
    event.data.ptr = connection;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  void Turn(const epoll_event& event) {
    auto* connection = static_cast<Connection*>(event.data.ptr);
    if (connection == nullptr) return Accept();
    if (connections_.count(connection) == 0) return;  // ended earlier in this turn
    if ((event.events & EPOLLOUT) != 0 && !connection->is_dirty) OnDirty(*connection);
    if ((event.events & ~uint32_t{EPOLLOUT}) != 0 && !connection->Read()) End(*connection);
  }

  Connection* Adopt(int fd, const ConnectionOptions& options) {
    auto connection = std::make_unique<Connection>(fd, options, *this);
    Connection* borrowed = connection.get();
    Watch(EPOLL_CTL_ADD, fd, EPOLLIN, borrowed);
    connections_[borrowed] = std::move(connection);
    return borrowed;
  }

  void Accept() {
    for (int fd = AcceptOne(listener_); fd >= 0; fd = AcceptOne(listener_)) {
      Adopt(fd, server_options_);
    }
  }

  void FlushDirty() {
    std::vector<Connection*> dirty;
    dirty.swap(dirty_);
    for (Connection* connection : dirty) {
      connection->is_dirty = false;
      if (connections_.count(connection) == 0) continue;
      const bool was_blocked = connection->is_blocked();
      if (!connection->Flush()) {
        End(*connection);
      } else if (connection->is_blocked() != was_blocked) {
        const uint32_t what = connection->is_blocked() ? EPOLLIN | EPOLLOUT : EPOLLIN;
        Watch(EPOLL_CTL_MOD, connection->fd(), what, connection);
      }
    }
  }

  // The memory stays until the turn is over: it may be on the list of the dirty.
  void End(Connection& connection) {
    auto found = connections_.find(&connection);
    std::unique_ptr<Connection> owned = std::move(found->second);
    connections_.erase(found);
    if (backend_ == &connection) backend_ = nullptr;
    connection.CloseStreams();
    dead_.push_back(std::move(owned));
  }

  bool TryReserve(Stream& stream) {
    const size_t size = stream.message.size_bytes();
    MutableBuffer room = MutableBuffer::TryAllocate(size, budget_);
    if (!room) return false;
    stream.message.SetRoom(std::move(room));
    if (size > window_bytes()) stream.connection->Grant(stream, size);
    return true;
  }

  void GrantWaiting() {
    while (!waiting_.empty() && TryReserve(*waiting_.front())) waiting_.pop_front();
  }

  void Forward(Call& call) {
    if (options_.check && !IsWellFormed(call.client)) {
      return Fail(call, 3, "the request is not OTLP");
    }
    call.backend.body = call.client.message.Take();
    if (backend_ == nullptr) {
      const int fd = ConnectTo(options_.backend);
      if (fd < 0) return Fail(call, 14, "the backend does not listen");
      backend_ = Adopt(fd, client_options_);
    }
    if (!backend_->Request(call.backend, call.client.fields)) {
      Fail(call, 14, "the connection to the backend is used up");
    }
  }

  bool IsWellFormed(Stream& stream) {
    const std::optional<model::Signal> signal = SignalOf(ValueOf(stream.fields, ":path"));
    if (!signal) return false;
    const bool is_compressed = stream.message.is_compressed();
    if (is_compressed && ValueOf(stream.fields, "grpc-encoding") != "gzip") return false;
    std::string_view body = stream.message.body();
    if (is_compressed) {
      if (!Inflate(body, inflated_)) return false;
      body = inflated_;
    }
    return model::CheckRequest(*signal, Slice::Adopt(body, [] {})).has_value();
  }

  void Answer(Call& call) {
    if (call.client.connection == nullptr || call.is_answered) return;
    call.is_answered = true;
    if (call.backend.message.is_complete()) call.client.body = call.backend.message.Take();
    if (!call.backend.trailers.empty()) call.client.trailers_out = &call.backend.trailers;
    call.client.connection->Respond(call.client, call.backend.fields);
  }

  // Answers with headers alone, unless there was an answer already.
  void Fail(Call& call, int code, std::string_view text) {
    if (call.client.connection == nullptr || call.is_answered) return;
    call.is_answered = true;
    call.client.connection->Respond(call.client, {{":status", "200"},
                                                  {"content-type", "application/grpc"},
                                                  {"grpc-status", std::to_string(code)},
                                                  {"grpc-message", std::string(text)}});
  }

  const Options options_;
  ConnectionOptions server_options_;
  ConnectionOptions client_options_;
  const int listener_;
  const int epoll_;
  ByteBudget budget_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::unordered_map<const Stream*, Call*> call_of_;
  Connection* backend_ = nullptr;  // null: connect for the next request
  std::vector<Connection*> dirty_;
  std::vector<std::unique_ptr<Connection>> dead_;
  std::deque<Stream*> waiting_;  // messages that found no room, the longest waiting first
  std::string inflated_;
};

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app{"Passes OTLP/gRPC on over libnghttp2 and does nothing else."};
  weir::bench::Options options;
  app.add_option("--listen", options.listen)->required();
  app.add_option("--backend", options.backend)->required();
  app.add_flag("--check", options.check, "look through every body, as Weir does");
  app.add_option("--memory-mib", options.memory_mib, "hold at most that much; 0: no limit");
  CLI11_PARSE(app, argc, argv);
  weir::bench::Forwarder(options).Serve();
}
