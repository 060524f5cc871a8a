// Whole reads and writes over a File, and what an operator reads when the disk refuses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "storage/io/file_system.h"

namespace weir::storage::io {

// Writes all of `parts` at `offset`, going on after EINTR and short counts. 0 or errno; then any
// part of the bytes may have been written. `parts` is used up.
int WriteAll(File& file, std::vector<iovec>& parts, uint64_t offset);
int WriteAll(File& file, std::string_view bytes, uint64_t offset);

// Reads until `size` bytes are there or the file ends; the number read.
IoResult<size_t> ReadFull(File& file, void* to, size_t size, uint64_t offset);
// The whole file, at most `size_max` bytes (EFBIG beyond).
IoResult<std::string> ReadFile(Directory& directory, const std::string& name, size_t size_max);
// Puts `bytes` in the place of `name`, whole or not at all whatever happens: written beside it,
// synced, renamed. The new name is durable only after directory.Sync(). 0 or errno.
int ReplaceFile(Directory& directory, const std::string& name, std::string_view bytes);

// Whether `error` says that there is no room (ENOSPC, EDQUOT).
bool IsDiskFull(int error);
// "cannot write /var/x/y: No space left on device". Retryable: a full disk with a delay and with
// what to do; others as kUnavailable.
Status DiskStatus(int error, std::string_view doing, std::string_view path);

}  // namespace weir::storage::io
