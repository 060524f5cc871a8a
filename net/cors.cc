#include "net/cors.h"

#include <algorithm>
#include <cctype>

namespace weir::net {
namespace {

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Whether `text` is `pattern`, whose first '*' stands for any run of characters. Both lower case.
bool MatchesOrigin(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  return text.size() >= before.size() + after.size() && text.starts_with(before) &&
         text.ends_with(after);
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

Cors::Cors(const CorsConfig& config) {
  for (const std::string& origin : config.allowed_origins) origins_.push_back(Lower(origin));
  for (const std::string& header : config.allowed_headers) {
    if (header == "*") any_header_ = true;
    headers_.push_back(Lower(header));
  }
  // The simple headers, and what browsers' libraries add, unless the operator names a list.
  if (config.allowed_headers.empty()) {
    headers_ = {"accept", "content-type", "x-requested-with"};
  }
  for (const std::string& header : config.exposed_headers) {
    exposed_ += (exposed_.empty() ? "" : ", ") + header;
  }
  if (config.max_age > 0) max_age_ = std::to_string(config.max_age);
}

bool Cors::IsPreflight(const HttpHead& head) {
  return head.method == "OPTIONS" && head.Has("Access-Control-Request-Method");
}

bool Cors::AllowsOrigin(std::string_view origin) const {
  const std::string lower = Lower(origin);
  return std::any_of(origins_.begin(), origins_.end(),
                     [&](const std::string& pattern) { return MatchesOrigin(pattern, lower); });
}

bool Cors::AllowsHeaders(std::string_view list) const {
  if (any_header_) return true;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const std::string name = Lower(Trimmed(list.substr(0, comma)));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    const bool known = std::find(headers_.begin(), headers_.end(), name) != headers_.end();
    if (!known && !name.empty() && name != "origin") return false;
  }
  return true;
}

HttpResponse Cors::AnswerPreflight(const HttpHead& head) const {
  HttpResponse response;
  response.status = 204;
  auto& headers = response.headers;
  headers.emplace_back("Vary",
                       "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  const std::string_view origin = head.Find("Origin");
  const std::string_view method = head.Find("Access-Control-Request-Method");
  const std::string_view requested = head.Find("Access-Control-Request-Headers");
  const bool method_allowed = method == "GET" || method == "POST" || method == "HEAD";
  if (origin.empty() || !AllowsOrigin(origin) || !method_allowed || !AllowsHeaders(requested)) {
    return response;
  }
  headers.emplace_back("Access-Control-Allow-Origin", origin);
  headers.emplace_back("Access-Control-Allow-Methods", method);
  if (!requested.empty()) headers.emplace_back("Access-Control-Allow-Headers", requested);
  headers.emplace_back("Access-Control-Allow-Credentials", "true");
  if (!max_age_.empty()) headers.emplace_back("Access-Control-Max-Age", max_age_);
  return response;
}

void Cors::AddHeaders(const HttpHead& head, HttpResponse& response) const {
  response.headers.emplace_back("Vary", "Origin");
  const std::string_view origin = head.Find("Origin");
  if (origin.empty() || !AllowsOrigin(origin)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  if (!exposed_.empty()) response.headers.emplace_back("Access-Control-Expose-Headers", exposed_);
  response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
}

}  // namespace weir::net
