// A non-blocking socket with an HTTP/2 session of libnghttp2 on it, either end of it, for unary
// gRPC.
//
// In: one readv per turn takes the rest of the DATA frame that is arriving straight into the
// message it belongs to, and what follows into a scratch buffer; only the first bytes of a frame
// are copied. Windows are ours: the connection's is opened again as bytes come, a stream's never,
// so a peer sends at most the initial window until Grant() allows a whole message.
//
// Out: session frames and slices of message bodies form one gather list for writev. Frames are as
// large as the peer takes them. Nothing of a body is copied.
//
// One thread. Callbacks of StreamOwner come from inside Read() and Flush(); they may submit and
// reset, and must not destroy a connection.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/slice.h"
#include "bench/nghttp2_forwarder/message.h"

namespace weir::bench {

class Connection;

struct Field {
  std::string name;
  std::string value;
};
using Fields = std::vector<Field>;

// What has arrived on a stream, and what leaves on it.
struct Stream {
  Connection* connection = nullptr;  // null before it is opened and after it was closed
  int32_t id = 0;
  Fields fields;  // pseudo-header fields among them, in the order of arrival
  Fields trailers;
  UnaryMessage message;
  bool has_ended = false;  // the peer has sent all of it

  Slice body;  // to be sent; dropped as its last byte is queued
  size_t queued_bytes = 0;
  const Fields* trailers_out = nullptr;  // to follow the body; null: none
};

class StreamOwner {
 public:
  virtual ~StreamOwner() = default;
  // A peer has opened a stream (server only).
  virtual Stream& Open(Connection& connection, int32_t id) = 0;
  // The length of the message is known: the owner calls SetRoom(), or resets the stream.
  virtual void OnLength(Stream& stream) = 0;
  virtual void OnEnd(Stream& stream) = 0;
  // The stream is over, for whatever reason; `connection` is null already.
  virtual void OnClose(Stream& stream) = 0;
  // Something is to be sent on `connection`: Flush() should be called before the loop waits.
  virtual void OnDirty(Connection& connection) = 0;
};

struct ConnectionOptions {
  bool is_server = true;
  uint32_t stream_window_bytes = 4 << 20;
  int32_t connection_window_bytes = 64 << 20;
  uint32_t frame_bytes_max = 1 << 20;
};

class Connection {
 public:
  // Owns `fd`. `owner` outlives it.
  Connection(int fd, const ConnectionOptions& options, StreamOwner& owner);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  // Takes what has arrived; false when the connection is over.
  [[nodiscard]] bool Read();
  // Sends what the socket takes; false when the connection is over.
  [[nodiscard]] bool Flush();
  // Whether Flush() left something that waits for the socket.
  bool is_blocked() const { return !out_.empty(); }
  // Closes every stream, as if the peer had. To be called once, before the destructor.
  void CloseStreams();

  // A request with `stream.body`; false when the session takes no more (a new connection is due).
  [[nodiscard]] bool Request(Stream& stream, const Fields& fields);
  // The answer to a stream that the peer opened: `stream.body` and trailers_out may be empty.
  void Respond(Stream& stream, const Fields& fields);
  void Reset(Stream& stream, uint32_t http2_error);
  // Allows the peer `size_bytes` of body in all on this stream.
  void Grant(Stream& stream, size_t size_bytes);

  bool is_dirty = false;  // for the owner's list

 private:
  friend struct Callbacks;
  struct Chunk {
    Slice bytes;
    size_t sent = 0;
  };

  void OnFrameBegin(const nghttp2_frame_hd& head);
  void OnField(const nghttp2_frame& frame, std::string_view name, std::string_view value);
  void OnData(int32_t id, const uint8_t* data, size_t size);
  void OnFrame(const nghttp2_frame& frame);
  void OnStreamClose(int32_t id);
  ssize_t OnSend(const uint8_t* data, size_t size);
  int OnSendData(const nghttp2_frame& frame, const uint8_t* head, size_t size, Stream& stream);

  void Attach(Stream& stream, int32_t id);
  void Detach(Stream& stream);
  Stream* Find(int32_t id) const;
  void MarkDirty();
  void Push(Slice bytes);
  // -1: over. 0: the socket is full. 1: all was sent.
  int Write();
  ssize_t Feed(const uint8_t* data, size_t size);

  const int fd_;
  StreamOwner& owner_;
  nghttp2_session* session_ = nullptr;
  std::unordered_set<Stream*> streams_;
  int32_t arriving_id_ = 0;    // stream of the DATA frame that is arriving
  size_t arriving_bytes_ = 0;  // of it, not here yet
  std::deque<Chunk> out_;
  size_t out_bytes_ = 0;
};

}  // namespace weir::bench
