// What this process occupies, as the kernel and the allocator see it.
#pragma once

#include <cstddef>
#include <string>

namespace weir::pipeline {

// What this process may use, in bytes: the machine's memory, or its control group's limit when that
// is less; 2 GiB where neither can be read. `root` stands before /proc and /sys, for tests.
size_t UsableMemoryBytes(const std::string& root = {});

// Lets each of the allocator's heaps keep a few MiB of what is freed. By its own defaults it gives
// the buffers of a request back to the kernel and takes them again, zeroed and with a page fault
// for every 4 KiB, for the next request: an eighth of what forwarding logs over gRPC costs. Call it
// before there is a second thread.
void KeepFreedMemory();

class ProcessMemory {
 public:
  virtual ~ProcessMemory() = default;

  // Resident bytes of the process.
  virtual size_t ResidentBytes() = 0;
  // Bytes that the allocator keeps for later. Some of them may not be resident.
  virtual size_t AllocatorFreeBytes() = 0;
  // Gives the allocator's free pages back to the kernel, as far as whole pages are free. Takes
  // milliseconds on a heap of a few hundred MiB, and threads that allocate may wait meanwhile.
  virtual void Trim() = 0;
  // From now on the allocator gives blocks of 128 KiB and more back to the kernel when they are
  // freed. It costs a page fault for every 4 KiB of the next one, and nothing is kept in vain.
  virtual void ReturnLargeBlocks() = 0;
  // UsableMemoryBytes().
  virtual size_t UsableBytes() = 0;

  // This process. Thread-safe.
  static ProcessMemory& Real();
};

}  // namespace weir::pipeline
