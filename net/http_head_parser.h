// Boost.Beast's parser, used for two things: one request head in a block that stays where it is,
// and a chunked body. Bodies with a Content-Length do not pass through it.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <limits>
#include <string_view>

#include "base/unique_function.h"
#include "net/http_message.h"

namespace weir::net {

class HttpHeadParser final : public boost::beast::http::basic_parser<true> {
 public:
  using Sv = boost::beast::string_view;

  // `head` receives views into the bytes given to put(), which must hold the whole head at once.
  explicit HttpHeadParser(HttpHead& head) : head_(head) {
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
  }
  // Takes the pieces of a chunked body; false stops with body_limit.
  UniqueFunction<bool(std::string_view)> on_body;
  // 10 or 11.
  int version() const { return version_; }

 private:
  static std::string_view View(Sv text) { return {text.data(), text.size()}; }

  void on_request_impl(boost::beast::http::verb, Sv method, Sv target, int version,
                       boost::beast::error_code& error) override {
    head_.method = View(method);
    head_.target = View(target);
    version_ = version;
    error = {};
  }
  void on_field_impl(boost::beast::http::field, Sv name, Sv value,
                     boost::beast::error_code& error) override {
    // Trailers of a chunked body are read and ignored.
    if (!head_done_) head_.headers.emplace_back(View(name), View(value));
    error = {};
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         boost::beast::error_code& error) override {
    error = {};
  }
  std::size_t on_body_impl(Sv body, boost::beast::error_code& error) override {
    error = {};
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, Sv, boost::beast::error_code& error) override {
    error = {};
  }
  std::size_t on_chunk_body_impl(std::uint64_t, Sv body, boost::beast::error_code& error) override {
    error = {};
    if (!on_body(View(body))) error = boost::beast::http::error::body_limit;
    return body.size();
  }
  void on_header_impl(boost::beast::error_code& error) override {
    head_done_ = true;
    error = {};
  }
  void on_response_impl(int, Sv, int, boost::beast::error_code& error) override { error = {}; }
  void on_finish_impl(boost::beast::error_code& error) override { error = {}; }

  HttpHead& head_;
  int version_ = 11;
  bool head_done_ = false;
};

}  // namespace weir::net
