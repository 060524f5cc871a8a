#include "extensions/zpages/html.h"

#include <cctype>

namespace weir::extensions::zpages {
namespace {

constexpr std::string_view kStyle =
    "body{font:15px sans-serif;margin:2em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}"
    "th,td{border:1px solid #ccc;padding:.3em .7em;text-align:left;vertical-align:top}"
    "th{background:#f2f2f7}a{color:#1a56b0}";

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string EscapeQuery(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kPlain = "-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out.append("%").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    }
  }
  return out;
}

std::string Link(std::string_view href, std::string_view text) {
  return "<a href=\"" + EscapeHtml(href) + "\">" + EscapeHtml(text) + "</a>";
}

std::string Row(const std::vector<std::string>& cells, std::string_view cell) {
  std::string row = "<tr>";
  for (const std::string& content : cells)
    row.append("<").append(cell).append(">").append(content).append("</").append(cell).append(">");
  return row + "</tr>\n";
}

std::string Document(std::string_view title, std::string_view body) {
  const std::string name = EscapeHtml(title);
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
  page.append(name).append("</title>\n<style>").append(kStyle);
  page.append("</style></head>\n<body>\n<h1>").append(name).append("</h1>\n").append(body);
  return page + "</body></html>\n";
}

}  // namespace weir::extensions::zpages
