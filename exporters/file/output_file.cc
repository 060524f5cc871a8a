#include "exporters/file/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <limits>
#include <vector>

namespace weir::exporters::file {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMegabyte = 1 << 20;
constexpr int kDefaultMegabytes = 100;
// Separates the name of a renamed file from its time; the time has this many characters.
constexpr size_t kStampSize = std::string_view("2006-01-02T15-04-05.000").size();

std::string StampOf(std::chrono::system_clock::time_point time, bool local) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
  const std::time_t unix_time = std::chrono::system_clock::to_time_t(seconds);
  std::tm parts{};
  local ? ::localtime_r(&unix_time, &parts) : ::gmtime_r(&unix_time, &parts);
  std::array<char, 32> text{};
  const size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H-%M-%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03d", static_cast<int>(millis));
  return std::string(text.data(), size) + fraction.data();
}

// "NAME-" and ".EXT" of the files that a rotation leaves behind.
struct BackupPattern {
  explicit BackupPattern(const fs::path& path)
      : prefix(path.stem().string() + "-"), suffix(path.extension().string()) {}

  // The time in `name`, empty when it is no such file.
  std::string_view Stamp(std::string_view name) const {
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) return {};
    name = name.substr(prefix.size());
    if (name.size() < kStampSize + suffix.size() || name[10] != 'T') return {};
    return name.substr(0, kStampSize);
  }
  std::string prefix, suffix;
};

std::string ErrorText(int error) {
  std::string text = std::strerror(error);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

OutputFile::OutputFile(std::string path, const RotationConfig* rotation, const Clock& clock)
    : path_(std::move(path)),
      rotation_(rotation ? std::optional(*rotation) : std::nullopt),
      clock_(clock) {}

Status OutputFile::Failure(std::string_view what, int error) const {
  return {StatusCode::kUnavailable, std::string(what) + " " + path_ + ": " + ErrorText(error)};
}

Status OutputFile::Open(Mode mode) {
  const int truncate = mode == Mode::kTruncate ? O_TRUNC : 0;
  constexpr mode_t kFileMode = 0644;
  descriptor_ =
      ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | truncate, kFileMode);
  if (descriptor_ < 0) return Failure("open", errno);
  struct stat info {};
  if (::fstat(descriptor_, &info) != 0) return Failure("stat", errno);
  regular_ = S_ISREG(info.st_mode);
  size_ = regular_ ? static_cast<uint64_t>(info.st_size) : 0;
  return {};
}

void OutputFile::Close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

Status OutputFile::Write(std::span<const std::string_view> parts) {
  uint64_t record_size = 0;
  for (const std::string_view part : parts) record_size += part.size();
  if (rotation_) {
    const int megabytes =
        rotation_->max_megabytes > 0 ? rotation_->max_megabytes : kDefaultMegabytes;
    const bool full = size_ + record_size > static_cast<uint64_t>(megabytes) * kMegabyte;
    if (full && size_ > 0) WEIR_RETURN_IF_ERROR(Rotate());
  }
  // A rotation or an earlier write may have lost the file.
  if (descriptor_ < 0) WEIR_RETURN_IF_ERROR(Open(Mode::kAppend));
  std::vector<iovec> rest;
  rest.reserve(parts.size());
  for (const std::string_view part : parts) {
    if (!part.empty()) rest.push_back({const_cast<char*>(part.data()), part.size()});
  }
  size_t first = 0;
  while (first < rest.size()) {
    constexpr size_t kVectorMax = 1024;
    const size_t count = std::min(rest.size() - first, kVectorMax);
    const ssize_t written = ::writev(descriptor_, &rest[first], static_cast<int>(count));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      Status failure = Failure("write", errno);
      if (regular_ && ::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) Close();
      return failure;
    }
    auto taken = static_cast<size_t>(written);
    while (first < rest.size() && taken >= rest[first].iov_len) taken -= rest[first++].iov_len;
    if (taken == 0) continue;
    rest[first].iov_base = static_cast<char*>(rest[first].iov_base) + taken;
    rest[first].iov_len -= taken;
  }
  size_ += record_size;
  return {};
}

std::string OutputFile::BackupName() const {
  const fs::path path(path_);
  const BackupPattern pattern(path);
  auto time = clock_.WallNow();
  for (;; time += std::chrono::milliseconds(1)) {
    const fs::path name =
        path.parent_path() /
        (pattern.prefix + StampOf(time, rotation_->localtime) + "-size" + pattern.suffix);
    std::error_code ignored;
    if (!fs::exists(name, ignored)) return name.string();
  }
}

Status OutputFile::Rotate() {
  const std::string backup = BackupName();
  if (::rename(path_.c_str(), backup.c_str()) != 0 && errno != ENOENT) {
    return Failure("rename", errno);
  }
  Close();
  WEIR_RETURN_IF_ERROR(Open(Mode::kAppend));
  RemoveOldBackups();
  return {};
}

void OutputFile::RemoveOldBackups() const {
  if (rotation_->max_backups <= 0 && rotation_->max_days <= 0) return;
  const fs::path path(path_);
  const BackupPattern pattern(path);
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  // The name's time sorts as the time does.
  std::vector<std::pair<std::string, fs::path>> backups;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (const auto stamp = pattern.Stamp(name); !stamp.empty()) {
      backups.emplace_back(stamp, entry.path());
    }
  }
  std::sort(backups.begin(), backups.end(), std::greater<>());
  const auto days = std::chrono::hours(24) * rotation_->max_days;
  const std::string oldest = rotation_->max_days > 0
                                 ? StampOf(clock_.WallNow() - days, rotation_->localtime)
                                 : std::string();
  const auto kept_max = rotation_->max_backups > 0 ? static_cast<size_t>(rotation_->max_backups)
                                                   : std::numeric_limits<size_t>::max();
  for (size_t i = 0; i < backups.size(); ++i) {
    if (i >= kept_max || backups[i].first < oldest) fs::remove(backups[i].second, error);
  }
}

}  // namespace weir::exporters::file
