// The file `cursors`: what each consumer of a journal has delivered. Replaced as a whole, so it is
// always one that was written; it may be older than the records, never newer.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/status.h"
#include "storage/journal/range_set.h"

namespace weir::storage::journal {

// Delivered records by the consumer's name.
using Cursors = std::map<std::string, RangeSet, std::less<>>;

std::string EncodeCursors(const Cursors& cursors);
// kDataLoss when damaged: the caller begins without, and delivers some records again;
// kFailedPrecondition when a newer version of the format wrote it.
Result<Cursors> DecodeCursors(std::string_view bytes);

}  // namespace weir::storage::journal
