// Boost.Beast's parser reading one response into a ClientResponse, its body up to a limit.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "net/http_client.h"

namespace weir::net {

class HttpResponseParser final : public boost::beast::http::basic_parser<false> {
 public:
  using Sv = boost::beast::string_view;
  static constexpr size_t kBodyMax = ClientResponse::kBodyMax;

  explicit HttpResponseParser(ClientResponse& response) : response_(response) {
    header_limit(256 * 1024);
    body_limit(boost::none);
    eager(true);
  }

 private:
  void Keep(Sv body) {
    const size_t room = kBodyMax - response_.body.size();
    response_.body.append(body.data(), std::min(room, body.size()));
    response_.body_cut = response_.body_cut || body.size() > room;
  }

  void on_response_impl(int status, Sv, int, boost::beast::error_code& error) override {
    response_.status = status;
    error = {};
  }
  void on_field_impl(boost::beast::http::field, Sv name, Sv value,
                     boost::beast::error_code& error) override {
    if (!head_done_) {
      response_.headers.emplace_back(std::string(name.data(), name.size()),
                                     std::string(value.data(), value.size()));
    }
    error = {};
  }
  void on_header_impl(boost::beast::error_code& error) override {
    head_done_ = true;
    error = {};
  }
  std::size_t on_body_impl(Sv body, boost::beast::error_code& error) override {
    Keep(body);
    error = {};
    return body.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, Sv body, boost::beast::error_code& error) override {
    Keep(body);
    error = {};
    return body.size();
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         boost::beast::error_code& error) override {
    error = {};
  }
  void on_chunk_header_impl(std::uint64_t, Sv, boost::beast::error_code& error) override {
    error = {};
  }
  void on_request_impl(boost::beast::http::verb, Sv, Sv, int,
                       boost::beast::error_code& error) override {
    error = {};
  }
  void on_finish_impl(boost::beast::error_code& error) override { error = {}; }

  ClientResponse& response_;
  bool head_done_ = false;
};

}  // namespace weir::net
