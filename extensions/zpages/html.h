// Text as HTML and as part of a link.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::extensions::zpages {

// &, <, > and quotes escaped.
std::string EscapeHtml(std::string_view text);
// Percent-encoded as Go's templates do for a value in a query: lower case, all but letters, digits
// and -._~.
std::string EscapeQuery(std::string_view text);
// <a href="HREF">TEXT</a>, both escaped as HTML.
std::string Link(std::string_view href, std::string_view text);
// <tr> with a cell for each; cells are HTML, of the element `cell` ("td", "th").
std::string Row(const std::vector<std::string>& cells, std::string_view cell = "td");
// A document with `title` as its title and heading.
std::string Document(std::string_view title, std::string_view body);

}  // namespace weir::extensions::zpages
