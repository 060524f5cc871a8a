#include "storage/io/io.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace weir::storage::io {
namespace {

constexpr std::chrono::seconds kRetryFullDiskAfter{2};

// Drops `size` bytes from the front of parts[*first...].
void Consume(std::vector<iovec>& parts, size_t* first, size_t size) {
  while (size > 0) {
    iovec& part = parts[*first];
    if (size < part.iov_len) {
      part.iov_base = static_cast<char*>(part.iov_base) + size;
      part.iov_len -= size;
      return;
    }
    size -= part.iov_len;
    ++*first;
  }
}

}  // namespace

int WriteAll(File& file, std::vector<iovec>& parts, uint64_t offset) {
  size_t first = 0;
  while (true) {
    while (first < parts.size() && parts[first].iov_len == 0) ++first;
    if (first == parts.size()) return 0;
    const auto count = std::min<size_t>(parts.size() - first, File::kPartsMax);
    const auto written = file.Write(&parts[first], static_cast<int>(count), offset);
    if (!written) {
      if (written.error() == EINTR) continue;
      return written.error();
    }
    if (*written == 0) return EIO;
    offset += *written;
    Consume(parts, &first, *written);
  }
}

int WriteAll(File& file, std::string_view bytes, uint64_t offset) {
  std::vector<iovec> parts{{const_cast<char*>(bytes.data()), bytes.size()}};
  return WriteAll(file, parts, offset);
}

IoResult<size_t> ReadFull(File& file, void* to, size_t size, uint64_t offset) {
  size_t done = 0;
  while (done < size) {
    const auto read = file.Read(static_cast<char*>(to) + done, size - done, offset + done);
    if (!read) {
      if (read.error() == EINTR) continue;
      return tl::unexpected(read.error());
    }
    if (*read == 0) break;
    done += *read;
  }
  return done;
}

IoResult<std::string> ReadFile(Directory& directory, const std::string& name, size_t size_max) {
  const auto file = directory.Open(name, OpenMode::kRead);
  if (!file) return tl::unexpected(file.error());
  const auto size = (*file)->Size();
  if (!size) return tl::unexpected(size.error());
  if (*size > size_max) return tl::unexpected(EFBIG);
  std::string bytes(*size, '\0');
  const auto read = ReadFull(**file, bytes.data(), bytes.size(), 0);
  if (!read) return tl::unexpected(read.error());
  bytes.resize(*read);
  return bytes;
}

int ReplaceFile(Directory& directory, const std::string& name, std::string_view bytes) {
  const std::string fresh = name + ".new";
  if (const int error = directory.Remove(fresh); error != 0 && error != ENOENT) return error;
  const auto file = directory.Open(fresh, OpenMode::kCreate);
  if (!file) return file.error();
  int error = WriteAll(**file, bytes, 0);
  if (error == 0) error = (*file)->Sync();
  if (error == 0) error = directory.Rename(fresh, name);
  // Best effort: a leftover is removed before the next attempt.
  if (error != 0) static_cast<void>(directory.Remove(fresh));
  return error;
}

bool IsDiskFull(int error) { return error == ENOSPC || error == EDQUOT; }

Status DiskStatus(int error, std::string_view doing, std::string_view path) {
  std::string text = "cannot ";
  text.append(doing).append(" ").append(path).append(": ");
  text += std::generic_category().message(error);
  if (!IsDiskFull(error)) return Status::Retryable(std::move(text));
  text += "; free space on that disk or raise its quota, then new data are taken again";
  return Status::Retryable(std::move(text), kRetryFullDiskAfter);
}

}  // namespace weir::storage::io
