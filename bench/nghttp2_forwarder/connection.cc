#include "bench/nghttp2_forwarder/connection.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace weir::bench {
namespace {

constexpr size_t kScratchBytes = 16 * 1024;
constexpr size_t kOutBytesMax = 2 << 20;  // queued beyond the session, before the socket
constexpr int kReadsPerTurn = 4;

Connection& Self(void* user) { return *static_cast<Connection*>(user); }

std::string_view View(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

std::vector<nghttp2_nv> PairsOf(const Fields& fields) {
  std::vector<nghttp2_nv> pairs;
  pairs.reserve(fields.size());
  for (const Field& field : fields) {
    pairs.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(field.name.data())),
                     reinterpret_cast<uint8_t*>(const_cast<char*>(field.value.data())),
                     field.name.size(), field.value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return pairs;
}

// How much of the body goes into the next frame; the bytes themselves go by OnSendData.
ssize_t ReadBody(nghttp2_session* session, int32_t id, uint8_t*, size_t room, uint32_t* flags,
                 nghttp2_data_source* source, void*) {
  const auto& stream = *static_cast<Stream*>(source->ptr);
  const size_t rest = stream.body.size() - stream.queued_bytes;
  const size_t size = std::min(rest, room);
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (size < rest) return static_cast<ssize_t>(size);
  *flags |= NGHTTP2_DATA_FLAG_EOF;
  if (stream.trailers_out != nullptr) {
    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const std::vector<nghttp2_nv> pairs = PairsOf(*stream.trailers_out);
    nghttp2_submit_trailer(session, id, pairs.data(), pairs.size());
  }
  return static_cast<ssize_t>(size);
}

nghttp2_data_provider BodyOf(Stream& stream) {
  nghttp2_data_provider provider{};
  provider.source.ptr = &stream;
  provider.read_callback = ReadBody;
  return provider;
}

}  // namespace

// The library's callbacks, each handed to the connection it belongs to.
struct Callbacks {
  static int FrameBegin(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    Self(user).OnFrameBegin(*head);
    return 0;
  }
  static int HeadersBegin(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Connection& self = Self(user);
    self.Attach(self.owner_.Open(self, frame->hd.stream_id), frame->hd.stream_id);
    return 0;
  }
  static int HeaderField(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                         size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                         void* user) {
    Self(user).OnField(*frame, View(name, name_size), View(value, value_size));
    return 0;
  }
  static int Data(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                  void* user) {
    Self(user).OnData(id, data, size);
    return 0;
  }
  static int Frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Self(user).OnFrame(*frame);
    return 0;
  }
  static int StreamClose(nghttp2_session*, int32_t id, uint32_t, void* user) {
    Self(user).OnStreamClose(id);
    return 0;
  }
  static ssize_t Send(nghttp2_session*, const uint8_t* data, size_t size, int, void* user) {
    return Self(user).OnSend(data, size);
  }
  static int SendData(nghttp2_session*, nghttp2_frame* frame, const uint8_t* head, size_t size,
                      nghttp2_data_source* source, void* user) {
    return Self(user).OnSendData(*frame, head, size, *static_cast<Stream*>(source->ptr));
  }
  static ssize_t FrameSize(nghttp2_session*, uint8_t, int32_t, int32_t connection_window,
                           int32_t stream_window, uint32_t frame_bytes_max, void*) {
    return std::min({ssize_t{connection_window}, ssize_t{stream_window},
                     static_cast<ssize_t>(frame_bytes_max)});
  }

  static nghttp2_session_callbacks* Make() {
    nghttp2_session_callbacks* all = nullptr;
    nghttp2_session_callbacks_new(&all);
    nghttp2_session_callbacks_set_on_begin_frame_callback(all, FrameBegin);
    nghttp2_session_callbacks_set_on_begin_headers_callback(all, HeadersBegin);
    nghttp2_session_callbacks_set_on_header_callback(all, HeaderField);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, Data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(all, Frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(all, StreamClose);
    nghttp2_session_callbacks_set_send_callback(all, Send);
    nghttp2_session_callbacks_set_send_data_callback(all, SendData);
    nghttp2_session_callbacks_set_data_source_read_length_callback(all, FrameSize);
    return all;
  }
};

Connection::Connection(int fd, const ConnectionOptions& options, StreamOwner& owner)
    : fd_(fd), owner_(owner) {
  nghttp2_session_callbacks* callbacks = Callbacks::Make();
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  std::vector<nghttp2_settings_entry> settings = {
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.stream_window_bytes},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, options.frame_bytes_max}};
  if (options.is_server) {
    nghttp2_session_server_new2(&session_, callbacks, this, option);
    settings.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1000});
  } else {
    nghttp2_session_client_new2(&session_, callbacks, this, option);
    settings.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  }
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        options.connection_window_bytes);
  MarkDirty();
}

Connection::~Connection() {
  nghttp2_session_del(session_);
  close(fd_);
}

void Connection::MarkDirty() {
  if (!is_dirty) owner_.OnDirty(*this);
}

Stream* Connection::Find(int32_t id) const {
  return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session_, id));
}

void Connection::Attach(Stream& stream, int32_t id) {
  stream.connection = this;
  stream.id = id;
  nghttp2_session_set_stream_user_data(session_, id, &stream);
  streams_.insert(&stream);
}

bool Connection::Read() {
  static thread_local std::array<uint8_t, kScratchBytes> scratch;
  for (int turn = 0; turn < kReadsPerTurn; ++turn) {
    iovec parts[2] = {{nullptr, 0}, {scratch.data(), scratch.size()}};
    Stream* stream = arriving_bytes_ > 0 ? Find(arriving_id_) : nullptr;
    if (stream != nullptr && stream->message.room() > 0) {
      parts[0] = {stream->message.tail(), std::min(stream->message.room(), arriving_bytes_)};
    }
    const ssize_t n = readv(fd_, parts, 2);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    const size_t direct = std::min(static_cast<size_t>(n), parts[0].iov_len);
    const size_t rest = static_cast<size_t>(n) - direct;
    MarkDirty();
    if (direct > 0 && Feed(static_cast<uint8_t*>(parts[0].iov_base), direct) < 0) return false;
    if (rest > 0 && Feed(scratch.data(), rest) < 0) return false;
    if (direct + rest < parts[0].iov_len + parts[1].iov_len) return true;
  }
  return true;
}

ssize_t Connection::Feed(const uint8_t* data, size_t size) {
  return nghttp2_session_mem_recv(session_, data, size);
}

void Connection::OnFrameBegin(const nghttp2_frame_hd& head) {
  // The bytes of a padded frame are not all the message's: those are copied.
  const bool is_direct = head.type == NGHTTP2_DATA && (head.flags & NGHTTP2_FLAG_PADDED) == 0;
  arriving_id_ = head.stream_id;
  arriving_bytes_ = is_direct ? head.length : 0;
}

void Connection::OnField(const nghttp2_frame& frame, std::string_view name,
                         std::string_view value) {
  Stream* stream = Find(frame.hd.stream_id);
  if (stream == nullptr) return;
  Fields& fields = frame.headers.cat == NGHTTP2_HCAT_HEADERS ? stream->trailers : stream->fields;
  fields.push_back({std::string(name), std::string(value)});
}

void Connection::OnData(int32_t id, const uint8_t* data, size_t size) {
  arriving_bytes_ -= std::min(arriving_bytes_, size);
  nghttp2_session_consume_connection(session_, size);
  Stream* stream = Find(id);
  while (stream != nullptr && size > 0) {
    const bool had_length = stream->message.has_length();
    const size_t taken = stream->message.Append(data, size);
    if (taken == 0) return Reset(*stream, NGHTTP2_PROTOCOL_ERROR);
    data += taken;
    size -= taken;
    if (!had_length && stream->message.has_length()) owner_.OnLength(*stream);
  }
}

void Connection::OnFrame(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_DATA && frame.hd.type != NGHTTP2_HEADERS) return;
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  Stream* stream = Find(frame.hd.stream_id);
  if (stream == nullptr) return;
  stream->has_ended = true;
  owner_.OnEnd(*stream);
}

void Connection::OnStreamClose(int32_t id) {
  if (Stream* stream = Find(id)) Detach(*stream);
}

void Connection::Detach(Stream& stream) {
  nghttp2_session_set_stream_user_data(session_, stream.id, nullptr);
  streams_.erase(&stream);
  stream.connection = nullptr;
  owner_.OnClose(stream);
}

void Connection::CloseStreams() {
  while (!streams_.empty()) Detach(**streams_.begin());
}

bool Connection::Request(Stream& stream, const Fields& fields) {
  const std::vector<nghttp2_nv> pairs = PairsOf(fields);
  const nghttp2_data_provider body = BodyOf(stream);
  const int32_t id =
      nghttp2_submit_request(session_, nullptr, pairs.data(), pairs.size(), &body, &stream);
  if (id < 0) return false;
  // The library opens the stream when it sends the request, and gives it its user data then.
  stream.connection = this;
  stream.id = id;
  streams_.insert(&stream);
  MarkDirty();
  return true;
}

void Connection::Respond(Stream& stream, const Fields& fields) {
  const std::vector<nghttp2_nv> pairs = PairsOf(fields);
  const nghttp2_data_provider body = BodyOf(stream);
  const bool has_body = !stream.body.empty() || stream.trailers_out != nullptr;
  nghttp2_submit_response(session_, stream.id, pairs.data(), pairs.size(),
                          has_body ? &body : nullptr);
  MarkDirty();
}

void Connection::Reset(Stream& stream, uint32_t http2_error) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, http2_error);
  MarkDirty();
}

void Connection::Grant(Stream& stream, size_t size_bytes) {
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, stream.id,
                                        static_cast<int32_t>(size_bytes));
  MarkDirty();
}

void Connection::Push(Slice bytes) {
  out_bytes_ += bytes.size();
  out_.push_back({std::move(bytes), 0});
}

ssize_t Connection::OnSend(const uint8_t* data, size_t size) {
  if (out_bytes_ > kOutBytesMax) return NGHTTP2_ERR_WOULDBLOCK;
  Push(Slice::Copy(View(data, size)));
  return static_cast<ssize_t>(size);
}

int Connection::OnSendData(const nghttp2_frame&, const uint8_t* head, size_t size, Stream& stream) {
  if (out_bytes_ > kOutBytesMax) return NGHTTP2_ERR_WOULDBLOCK;
  constexpr size_t kFrameHeadBytes = 9;
  Push(Slice::Copy(View(head, kFrameHeadBytes)));
  if (size > 0) Push(stream.body.Sub(stream.queued_bytes, size));
  stream.queued_bytes += size;
  if (stream.queued_bytes == stream.body.size()) {
    stream.body = Slice();
    stream.queued_bytes = 0;
  }
  return 0;
}

bool Connection::Flush() {
  for (;;) {
    if (nghttp2_session_send(session_) != 0) return false;
    if (out_.empty()) break;
    const int outcome = Write();
    if (outcome < 0) return false;
    if (outcome == 0) return true;
  }
  return nghttp2_session_want_read(session_) != 0 || nghttp2_session_want_write(session_) != 0;
}

int Connection::Write() {
  while (!out_.empty()) {
    std::array<iovec, 64> parts;
    const size_t count = std::min(parts.size(), out_.size());
    for (size_t i = 0; i < count; ++i) {
      const Chunk& chunk = out_[i];
      parts[i] = {const_cast<uint8_t*>(chunk.bytes.data() + chunk.sent),
                  chunk.bytes.size() - chunk.sent};
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t n = sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
    size_t sent = static_cast<size_t>(n);
    out_bytes_ -= sent;
    while (sent > 0) {
      Chunk& chunk = out_.front();
      const size_t part = std::min(sent, chunk.bytes.size() - chunk.sent);
      chunk.sent += part;
      sent -= part;
      if (chunk.sent == chunk.bytes.size()) out_.pop_front();
    }
  }
  return 1;
}

}  // namespace weir::bench
