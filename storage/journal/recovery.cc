#include "storage/journal/recovery.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "storage/io/io.h"
#include "storage/journal/segment_scan.h"

namespace weir::storage::journal {
namespace {

constexpr size_t kCursorsSizeMax = 64 << 20;

Status WrongVersion(std::string path, uint32_t version) {
  return Status(StatusCode::kFailedPrecondition,
                std::move(path) + " has version " + std::to_string(version) +
                    ", this program reads version " + std::to_string(kFormatVersion) +
                    "; run the program that wrote it, or move the directory away");
}

class Recovery {
 public:
  Recovery(io::Directory& directory, const Logger& logger)
      : directory_(directory), logger_(logger) {}

  Result<Recovered> Run() {
    const auto names = directory_.List();
    if (!names) return Fail(io::DiskStatus(names.error(), "list", directory_.path()));
    if (Status status = ReadCursors(); !status.ok()) return Fail(status);
    for (const std::string& name : *names) {
      if (name.ends_with(".new")) static_cast<void>(directory_.Remove(name));
      const auto id = ParseSegmentName(name);
      if (!id) continue;
      if (Status status = ReadOne(name, *id); !status.ok()) return Fail(status);
    }
    DropVoid();
    return std::move(recovered_);
  }

 private:
  std::string PathOf(const std::string& name) const { return directory_.path() + "/" + name; }

  Status ReadCursors() {
    const auto bytes = io::ReadFile(directory_, "cursors", kCursorsSizeMax);
    if (!bytes && bytes.error() == ENOENT) return {};
    if (!bytes && bytes.error() != EIO) {
      return io::DiskStatus(bytes.error(), "read", PathOf("cursors"));
    }
    Result<Cursors> cursors = DecodeCursors(bytes.value_or(""));
    if (!cursors) {
      if (cursors.error().code() != StatusCode::kDataLoss) return cursors.error();
      logger_.Warn(
          "The file that says what was delivered is damaged: stored records are sent again.",
          {{"file", PathOf("cursors")}});
      return {};
    }
    recovered_.cursors = std::move(*cursors);
    for (const auto& [name, delivered] : recovered_.cursors) NoteSequence(delivered.Last());
    return {};
  }

  void NoteSequence(uint64_t last) {
    recovered_.next_sequence = std::max(recovered_.next_sequence, last + 1);
  }

  Status ReadOne(const std::string& name, const SegmentId& id) {
    const auto file = directory_.Open(name, io::OpenMode::kRead);
    if (!file) return io::DiskStatus(file.error(), "open", PathOf(name));
    Found found = ReadSegment(**file, id);
    if (found.version != kFormatVersion) return WrongVersion(PathOf(name), found.version);
    recovered_.next_number = std::max(recovered_.next_number, id.number + 1);
    recovered_.damaged_frames += found.damaged_frames;
    if (found.error != 0 || found.damaged_frames > 0) {
      logger_.Warn("A part of a stored file cannot be read; its records are lost.",
                   {{"file", PathOf(name)},
                    {"places", found.damaged_frames},
                    {"size_bytes", found.damaged_bytes},
                    {"error", found.error == 0 ? "checksum mismatch"
                                               : std::generic_category().message(found.error)}});
    }
    if (found.segment) {
      // Records of an empty segment would be counted from its first on.
      NoteSequence(found.segment->last_sequence);
      // What cannot be read whole is not sealed: that would cut off what another day may give.
      found.segment->sealable = found.error == 0;
      recovered_.segments.push_back(std::move(*found.segment));
      return {};
    }
    if (found.error == 0) PutAside(name, found.torn_bytes);
    return {};
  }

  // A file of which nothing could be made out: created and never written, or overwritten.
  void PutAside(const std::string& name, uint64_t bytes) {
    if (bytes == 0) {
      static_cast<void>(directory_.Remove(name));
      return;
    }
    ++recovered_.damaged_frames;
    logger_.Warn("A stored file is damaged throughout and was put aside.",
                 {{"file", PathOf(name)}, {"as", name + ".damaged"}, {"size_bytes", bytes}});
    static_cast<void>(directory_.Rename(name, name + ".damaged"));
  }

  // Records that a newer segment speaks for were written, but never acknowledged there.
  void DropVoid() {
    uint64_t first = kSequenceMax;
    for (auto at = recovered_.segments.rbegin(); at != recovered_.segments.rend(); ++at) {
      if (at->held.records > 0 && at->last_sequence >= first) Cut(*at, first);
      first = std::min(first, at->first_sequence);
    }
  }

  void Cut(Segment& segment, uint64_t first) {
    if (!segment.index_loaded) {
      const auto file = directory_.Open(segment.name, io::OpenMode::kRead);
      if (!file) return;
      segment = ReadIndex(**file, segment);
    }
    segment.sealed = false;
    while (!segment.index.empty() && segment.sequence_of(segment.index.back()) >= first) {
      --segment.held.records;
      segment.held.bytes -= segment.index.back().length;
      segment.index.pop_back();
    }
    segment.last_sequence = segment.first_sequence - 1;
    segment.end_offset = kSegmentHeaderSize;
    if (segment.index.empty()) return;
    const IndexEntry& last = segment.index.back();
    segment.last_sequence = segment.sequence_of(last);
    segment.end_offset = last.offset() + FrameSize(last.length);
  }

  io::Directory& directory_;
  const Logger& logger_;
  Recovered recovered_;
};

}  // namespace

Result<Recovered> Recover(io::Directory& directory, const Logger& logger) {
  return Recovery(directory, logger).Run();
}

Segment ReadIndex(io::File& file, const Segment& known) {
  Segment segment = known;
  if (LoadIndex(file, segment)) return segment;
  segment.index.clear();
  segment.held = {};
  Found found;
  ScanSegment(file, file.Size().value_or(0), segment, found);
  if (found.segment) return std::move(*found.segment);
  segment.index_loaded = true;
  return segment;
}

}  // namespace weir::storage::journal
