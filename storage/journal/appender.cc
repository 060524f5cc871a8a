#include "storage/journal/appender.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "storage/io/io.h"

namespace weir::storage::journal {
namespace {

constexpr std::array<char, kFrameAlignment> kPadding{};

iovec Part(const void* data, size_t size) { return {const_cast<void*>(data), size}; }

// Header, payload where it lies, padding.
void AddFrame(const Input& input, FrameHeader header, uint32_t mark, char* header_bytes,
              std::vector<iovec>& parts) {
  header.type = input.type;
  header.length = static_cast<uint32_t>(input.length);
  header.payload_crc = input.payload_crc;
  parts.push_back(Part(header_bytes, kFrameHeaderSize));
  for (const Slice& slice : input.parts) {
    if (!slice.empty()) parts.push_back(Part(slice.data(), slice.size()));
  }
  EncodeFrameHeader(header, mark, header_bytes);
  const uint64_t padding = FrameSize(input.length) - kFrameHeaderSize - input.length;
  if (padding > 0) parts.push_back(Part(kPadding.data(), padding));
}

}  // namespace

bool Appender::Fits(uint64_t length) const {
  return offset_ + FrameSize(length) + SealingSize(records_ + 1) <= size_;
}

const Input* Appender::FitEnd(const Input* begin, const Input* end, uint64_t bytes_max) const {
  uint64_t records = records_ + 1;
  uint64_t bytes = FrameSize(begin->length);
  if (end - begin > static_cast<ptrdiff_t>(kUnsyncedMax)) end = begin + kUnsyncedMax;
  for (++begin; begin != end; ++begin) {
    bytes += FrameSize(begin->length);
    if (bytes > bytes_max || offset_ + bytes + SealingSize(++records) > size_) break;
  }
  return begin;
}

int Appender::Create(const SegmentId& id, uint64_t first_sequence, uint64_t length,
                     uint64_t created_unix_nanos) {
  segment_ = {};
  segment_.id = id;
  segment_.name = SegmentName(id.number, id.mark);
  segment_.first_sequence = first_sequence;
  segment_.last_sequence = first_sequence - 1;
  segment_.index_loaded = true;
  size_ = std::max(segment_size_bytes_, kSegmentHeaderSize + FrameSize(length) + SealingSize(1));
  offset_ = kSegmentHeaderSize;
  records_ = 0;
  SegmentHeader header;
  header.mark = id.mark;
  header.number = id.number;
  header.first_sequence = first_sequence;
  header.created_unix_nanos = created_unix_nanos;
  const int error = Prepare(header, size_);
  if (error != 0) {
    Close();
    static_cast<void>(directory_.Remove(segment_.name));
  }
  return error;
}

int Appender::Prepare(const SegmentHeader& header, uint64_t size) {
  auto file = directory_.Open(segment_.name, io::OpenMode::kCreate);
  if (!file) return file.error();
  file_ = std::move(*file);
  constexpr uint64_t kUnit = io::File::kDirectUnit;
  int error = file_->Allocate((size + kUnit - 1) / kUnit * kUnit);
  const std::string bytes = EncodeSegmentHeader(header);
  if (error == 0 && sync_) error = BeginBlocks(bytes);
  if (error == 0 && !blocks_.is_open()) error = io::WriteAll(*file_, bytes, 0);
  if (error == 0 && sync_) error = file_->Sync();
  if (error == 0 && sync_) error = directory_.Sync();
  return error;
}

int Appender::BeginBlocks(std::string_view header) {
  if (!has_direct_) return 0;
  auto file = directory_.Open(segment_.name, io::OpenMode::kWriteDirect);
  const int error = file ? blocks_.Begin(std::move(*file), header) : file.error();
  if (error != EINVAL) return error;
  has_direct_ = false;
  blocks_.End();
  return 0;
}

void Appender::Close() {
  blocks_.End();
  file_.reset();
}

int Appender::Write(const Input* begin, const Input* end, uint64_t sequence,
                    std::vector<Place>* places) {
  places->clear();
  std::string headers(static_cast<size_t>(end - begin) * kFrameHeaderSize, '\0');
  std::vector<iovec> parts;
  uint64_t offset = offset_;
  for (const Input* input = begin; input != end; ++input) {
    const auto index = static_cast<size_t>(input - begin);
    FrameHeader header;
    header.unsynced = static_cast<uint16_t>(index);
    header.sequence = sequence;
    AddFrame(*input, header, segment_.id.mark, headers.data() + index * kFrameHeaderSize, parts);
    places->push_back({sequence++, offset, static_cast<uint32_t>(input->length)});
    offset += FrameSize(input->length);
  }
  int error = blocks_.is_open() ? blocks_.Append(parts) : io::WriteAll(*file_, parts, offset_);
  if (error == 0 && sync_) error = file_->SyncData();
  if (error != 0) {
    Close();
    return error;
  }
  offset_ = offset;
  records_ += places->size();
  return 0;
}

int Appender::Seal(const Segment& indexed) {
  const auto file = file_;
  Close();
  return SealFile(*file, indexed, sync_);
}

int SealFile(io::File& file, const Segment& indexed, bool sync) {
  const std::string bytes = EncodeSealing(indexed, indexed.end_offset);
  int error = io::WriteAll(file, bytes, indexed.end_offset);
  if (error == 0) error = file.Truncate(indexed.end_offset + bytes.size());
  if (error == 0 && sync) error = file.Sync();
  return error;
}

}  // namespace weir::storage::journal
