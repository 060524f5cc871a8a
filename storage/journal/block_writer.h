// Writes at the end of a file past the page cache, for a writer that syncs after each append
// anyway.
//
//   appended    ████████████████████
//   blocks      |    |    |    |   0|     the last one is filled up with zeros, and written again,
//                              └─┘        its bytes unchanged, in front of what is appended next
//
// So the file must be zeros behind its end, and other open files of it see what a plain write would
// have left. The kernel keeps no copy: against write and fdatasync through the page cache, half of
// the processor's time per byte or less, and nothing to throw away when the file is removed.
//
// Used by one thread at a time.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "storage/io/file_system.h"

namespace weir::storage::journal {

class BlockWriter {
 public:
  // Written at once, at most: one huge page, held between a first Begin and the destructor.
  static constexpr size_t kBufferSize = 2 << 20;

  // Starts an empty file, opened with kWriteDirect, with `bytes`. 0 or errno; EINVAL: the file
  // system does not write past its page cache.
  int Begin(std::unique_ptr<io::File> file, std::string_view bytes);
  bool is_open() const { return file_ != nullptr; }
  // Appends `parts`, one behind the other. They are on the disk after a sync of the file. 0, or
  // errno; then any part of them may have been written and the file is of no more use.
  int Append(const std::vector<iovec>& parts);
  // Closes the file.
  void End() { file_.reset(); }

 private:
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };
  // Writes the buffer's blocks up to `size` bytes, a multiple of the unit, and keeps what is behind
  // the last whole block.
  int WriteBlocks(size_t size);

  std::unique_ptr<char, Free> buffer_;
  std::unique_ptr<io::File> file_;  // null: none is open
  uint64_t offset_ = 0;             // in the file, of the buffer's first byte
  size_t used_ = 0;                 // bytes of the buffer
};

}  // namespace weir::storage::journal
