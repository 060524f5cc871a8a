#include "exporters/file/file_target.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <vector>

#include "model/json/write.h"
#include "model/view.h"
#include "net/compression/compression.h"

namespace weir::exporters::file {
namespace {

namespace fs = std::filesystem;

// The length in front of records that are not lines.
std::array<char, 4> BigEndian(size_t size) {
  std::array<char, 4> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(size >> (24 - 8 * i));
  return bytes;
}

Status WriteSized(OutputFile& file, std::span<const Slice> parts) {
  size_t size = 0;
  for (const Slice& part : parts) size += part.size();
  if (size > UINT32_MAX) return Status::Permanent("a record of 4 GiB and more has no length");
  const std::array<char, 4> header = BigEndian(size);
  std::vector<std::string_view> record{{header.data(), header.size()}};
  for (const Slice& part : parts) record.push_back(part.view());
  return file.Write(record);
}

// A file's last change, or the beginning of time when there is no such file.
Clock::Wall LastChange(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return Clock::Wall(std::chrono::duration_cast<Clock::Wall::duration>(
      std::chrono::seconds(info.st_mtim.tv_sec) + std::chrono::nanoseconds(info.st_mtim.tv_nsec)));
}

// The batch's resources by the file they belong to; those that name none are counted.
std::map<std::string, model::Batch> Groups(const model::Batch& batch, std::string_view attribute,
                                           size_t* dropped_items) {
  std::map<std::string, model::Batch> groups;
  batch.ForEachResource([&](std::string_view message, uint32_t items, Slice framed) {
    const model::ResourceView resource = model::ResourceItemsView(message).resource();
    const auto value = model::Find(resource.attributes, attribute);
    if (!value || value->kind != model::ValueKind::kString) {
      *dropped_items += items;
      return;
    }
    const auto [group, added] = groups.try_emplace(std::string(value->bytes), batch.signal());
    group->second.Append(model::Run(std::move(framed), items));
  });
  return groups;
}

}  // namespace

FileTarget::FileTarget(const FileConfig& config, const Clock& clock)
    : config_(config), clock_(clock) {}

Status FileTarget::Start() {
  MutexLock lock(mutex_);
  if (users_ > 0) return ++users_, Status();
  if (config_.encoding) {
    return {StatusCode::kFailedPrecondition,
            "unknown encoding \"" + config_.encoding->ToText() + "\""};
  }
  started_ = clock_.WallNow();
  if (!config_.group_by.enabled) {
    if (config_.create_directory) WEIR_RETURN_IF_ERROR(MakeDirectory(config_.path));
    auto file = std::make_unique<OutputFile>(config_.path, rotation(), clock_);
    const bool append = config_.append || config_.rotation;
    WEIR_RETURN_IF_ERROR(
        file->Open(append ? OutputFile::Mode::kAppend : OutputFile::Mode::kTruncate));
    file_ = std::move(file);
  }
  ++users_;
  return {};
}

void FileTarget::Stop() {
  MutexLock lock(mutex_);
  if (users_ == 0 || --users_ > 0) return;
  file_.reset();
  groups_.clear();
  recently_used_.clear();
}

Status FileTarget::MakeDirectory(const std::string& file_path) const {
  fs::path made;
  for (const fs::path& part : fs::path(file_path).parent_path()) {
    made /= part;
    if (::mkdir(made.c_str(), config_.directory_mode()) != 0 && errno != EEXIST) {
      return {StatusCode::kUnavailable, "mkdir " + made.string() + ": " + std::strerror(errno)};
    }
  }
  return {};
}

Status FileTarget::Write(const model::Batch& batch, size_t* dropped_items) {
  if (!config_.group_by.enabled) {
    MutexLock lock(mutex_);
    return WriteRecord(*file_, batch);
  }
  const auto groups = Groups(batch, config_.group_by.resource_attribute, dropped_items);
  Status worst;
  size_t failures = 0;
  for (const auto& [segment, part] : groups) {
    Status status = WriteGroup(segment, part);
    if (!status.ok()) ++failures;
    worst = Status::Worst(worst, status);
  }
  return failures > 0 && failures < groups.size() ? worst.WithPermanent(true) : worst;
}

Status FileTarget::WriteGroup(const std::string& segment, const model::Batch& batch) {
  if (segment.find('\0') != std::string::npos) {
    return Status::Permanent("a file's name cannot hold a zero byte");
  }
  MutexLock lock(mutex_);
  const Result<OutputFile*> file = FindFile(GroupPath(config_.path, segment));
  if (!file) return file.error();
  return WriteRecord(**file, batch);
}

Result<OutputFile*> FileTarget::FindFile(const std::string& path) {
  if (const auto found = groups_.find(path); found != groups_.end()) {
    recently_used_.splice(recently_used_.begin(), recently_used_, found->second.used);
    return found->second.file.get();
  }
  if (Status status = MakeDirectory(path); !status.ok()) return Fail(status);
  // A file that was closed to make room for others is opened again, not begun anew.
  constexpr auto kClockGrain = std::chrono::milliseconds(10);
  const bool ours = LastChange(path) >= started_ - kClockGrain;
  const bool append = config_.append || config_.rotation || ours;
  auto file = std::make_unique<OutputFile>(path, rotation(), clock_);
  Status status = file->Open(append ? OutputFile::Mode::kAppend : OutputFile::Mode::kTruncate);
  if (!status.ok()) return Fail(status);
  if (groups_.size() >= static_cast<size_t>(config_.group_by.max_open_files)) {
    groups_.erase(recently_used_.back());
    recently_used_.pop_back();
  }
  recently_used_.push_front(path);
  return groups_.emplace(path, OpenFile{std::move(file), recently_used_.begin()})
      .first->second.file.get();
}

Status FileTarget::WriteRecord(OutputFile& file, const model::Batch& batch) {
  std::vector<Slice> parts;
  if (config_.format == "json") {
    std::string text;
    model::json::AppendJsonRequest(batch, text);
    if (config_.compression.empty()) {
      text += '\n';
      const std::string_view line = text;
      return file.Write({&line, 1});
    }
    parts.push_back(Slice::Copy(text));
  } else {
    for (const model::Run& run : batch.runs()) parts.push_back(run.bytes());
  }
  if (config_.compression.empty()) return WriteSized(file, parts);
  const int level =
      config_.compression_params.level != 0 ? config_.compression_params.level : net::kDefaultLevel;
  const Result<Slice> packed = net::Compress(net::Encoding::kZstd, level, parts, nullptr);
  if (!packed) return packed.error();
  return WriteSized(file, {&*packed, 1});
}

std::string FileTarget::GroupPath(std::string_view path_with_star, std::string_view segment) {
  const size_t star = path_with_star.find('*');
  const std::string_view suffix = path_with_star.substr(star + 1);
  const std::string prefix = fs::path(path_with_star.substr(0, star)).lexically_normal().string();
  if (segment.starts_with("./")) segment.remove_prefix(1);
  if (segment.starts_with("../")) segment.remove_prefix(2);
  const std::string name = std::string(segment) + std::string(suffix);
  std::string path = fs::path(prefix + name).lexically_normal().string();
  if (path.starts_with(prefix)) return path;
  // The segment climbs out: its own root is the prefix.
  const std::string inside = fs::path("/" + name).lexically_normal().string();
  return fs::path(prefix + inside).lexically_normal().string();
}

}  // namespace weir::exporters::file
