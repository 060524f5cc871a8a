// One HTTP/2 request without TLS, its lines of headers and trailers as they came.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weir::tests {

struct RawHttp2Answer {
  CURLcode error = CURLE_OK;
  std::vector<std::string> lines;
  std::string body;

  // Of the last line with this name; empty when there is none.
  std::string Value(const std::string& name) const {
    std::string value;
    for (const std::string& line : lines) {
      if (line.starts_with(name + ":")) value = line.substr(std::min(name.size() + 2, line.size()));
    }
    return value;
  }
};

inline size_t AddLine(char* data, size_t size, size_t count, void* to) {
  std::string line(data, size * count);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) {
    line.pop_back();
  }
  if (!line.empty()) static_cast<RawHttp2Answer*>(to)->lines.push_back(std::move(line));
  return size * count;
}

inline size_t AddBody(char* data, size_t size, size_t count, void* to) {
  static_cast<RawHttp2Answer*>(to)->body.append(data, size * count);
  return size * count;
}

inline RawHttp2Answer PostHttp2(uint16_t port, const std::string& path,
                                const std::vector<std::pair<std::string, std::string>>& headers,
                                const std::string& body) {
  RawHttp2Answer answer;
  CURL* curl = curl_easy_init();
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + path;
  curl_slist* list = nullptr;
  for (const auto& [name, value] : headers) {
    list = curl_slist_append(list, (name + ": " + value).c_str());
  }
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &AddLine);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &AddBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  answer.error = curl_easy_perform(curl);
  curl_slist_free_all(list);
  curl_easy_cleanup(curl);
  return answer;
}

}  // namespace weir::tests
