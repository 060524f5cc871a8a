// Which proxy a request goes through: a fixed one, or what HTTP_PROXY, HTTPS_PROXY and NO_PROXY
// say, read as Go's golang.org/x/net/http/httpproxy does.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/url.h"

namespace weir::net {

class ProxyRules {
 public:
  // The value of an environment variable, empty when unset.
  using Environment = std::function<std::string(const char* name)>;
  static std::string ProcessEnvironment(const char* name);

  // `proxy_url` wins over the environment when it is not empty. kInvalidArgument with Go's text for
  // a URL that is none, or of a scheme that is not http.
  static Result<ProxyRules> Make(const std::string& proxy_url,
                                 const Environment& environment = &ProcessEnvironment);

  // The proxy for `url`; null: none. Loopback hosts never go through one of the environment.
  const Url* For(const Url& url) const;

 private:
  bool Excluded(const Url& url) const;

  bool fixed_ = false;
  std::optional<Url> http_;
  std::optional<Url> https_;
  std::vector<std::string> no_proxy_;  // lower case
};

}  // namespace weir::net
