#include "net/http_chunked_body.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <chrono>
#include <cstring>
#include <utility>

namespace weir::net {
namespace {

constexpr size_t kFirstBytes = 16 * 1024;
constexpr size_t kBlockBytes = 64 * 1024;

}  // namespace

Status BodyTooLarge() { return {StatusCode::kInvalidArgument, "http: request body too large"}; }

Status NoMemoryForBody() {
  return Status::Retryable("data refused due to high memory usage", std::chrono::seconds(1));
}

bool ChunkedBody::Begin(HttpHeadParser& parser, std::string_view ahead, size_t size_max,
                        ByteBudget& budget) {
  body_ = MutableBuffer::TryAllocate(kFirstBytes, budget);
  if (!body_) return false;
  refusal_ = {};
  size_max_ = size_max;
  parser_ = &parser;
  parser.eager(true);
  parser.on_body = [this](std::string_view bytes) { return Append(bytes); };
  block_.resize(std::max(kBlockBytes, ahead.size()));
  std::memcpy(block_.data(), ahead.data(), ahead.size());
  filled_ = ahead.size();
  return true;
}

bool ChunkedBody::Append(std::string_view bytes) {
  const size_t size = body_.size() + bytes.size();
  if (size > size_max_) {
    refusal_ = BodyTooLarge();
    return false;
  }
  if (size > body_.capacity() &&
      !body_.TryGrow(std::max(size, std::min(body_.capacity() * 2, size_max_)))) {
    refusal_ = NoMemoryForBody();
    return false;
  }
  body_.Append(bytes);
  return true;
}

ChunkedBody::Progress ChunkedBody::Feed(size_t size) {
  filled_ += size;
  while (filled_ > 0 && !parser_->is_done()) {
    boost::beast::error_code error;
    const size_t used = parser_->put(boost::asio::buffer(block_.data(), filled_), error);
    filled_ -= used;
    std::memmove(block_.data(), block_.data() + used, filled_);
    if (error == boost::beast::http::error::need_more) break;
    if (!refusal_.ok()) return Progress::kRefused;
    if (error) return Progress::kBad;
  }
  if (parser_->is_done()) return Progress::kDone;
  // A chunk's size line or a trailer that fills the whole block is nobody's honest request.
  return filled_ == block_.size() ? Progress::kBad : Progress::kMore;
}

MutableBuffer ChunkedBody::Take() {
  block_ = {};
  filled_ = 0;
  return std::exchange(body_, MutableBuffer());
}

}  // namespace weir::net
