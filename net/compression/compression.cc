#include "net/compression/compression.h"

#include <array>

#include "net/compression/codecs.h"

namespace weir::net {
namespace {

constexpr std::array<std::string_view, 8> kNames = {
    "", "gzip", "zstd", "zlib", "deflate", "snappy", "x-snappy-framed", "lz4"};

Slice Join(std::span<const Slice> parts, ByteBudget* budget) {
  if (parts.size() == 1) return parts.front();
  MutableBuffer out = codecs::AllocateForced(codecs::TotalSize(parts), budget);
  for (const Slice& part : parts) out.Append(part.view());
  return std::move(out).Freeze();
}

}  // namespace

std::string_view EncodingName(Encoding encoding) { return kNames[static_cast<size_t>(encoding)]; }

std::optional<Encoding> ParseEncoding(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Encoding>(i);
  }
  return std::nullopt;
}

Result<Slice> Decompress(Encoding encoding, const Slice& body, size_t size_max,
                         ByteBudget& budget) {
  switch (encoding) {
    case Encoding::kNone:
      if (body.size() > size_max) return Fail(codecs::TooLarge());
      return body;
    case Encoding::kGzip:
      return codecs::Gunzip(body.view(), size_max, budget);
    case Encoding::kZlib:
    case Encoding::kDeflate:
      return codecs::Unzlib(body.view(), size_max, budget);
    case Encoding::kZstd:
      return codecs::Unzstd(body.view(), size_max, budget);
    case Encoding::kSnappy:
      return codecs::IsSnappyFramed(body.view())
                 ? codecs::UnsnappyFramed(body.view(), size_max, budget)
                 : codecs::Unsnappy(body.view(), size_max, budget);
    case Encoding::kSnappyFramed:
      return codecs::UnsnappyFramed(body.view(), size_max, budget);
    case Encoding::kLz4:
      return codecs::Unlz4(body.view(), size_max, budget);
  }
  return Fail(Status::Permanent("no such encoding"));
}

Result<Slice> Compress(Encoding encoding, int level, std::span<const Slice> parts,
                       ByteBudget* budget) {
  switch (encoding) {
    case Encoding::kNone:
      return Join(parts, budget);
    case Encoding::kGzip:
      return level == kDefaultLevel || level == 0 ? codecs::GzipFast(parts, budget)
                                                  : codecs::Deflate(parts, level, true, budget);
    case Encoding::kZlib:
    case Encoding::kDeflate:
      return codecs::Deflate(parts, level, false, budget);
    case Encoding::kZstd:
      return codecs::Zstd(parts, level, budget);
    case Encoding::kSnappy:
      return codecs::Snappy(parts, budget);
    case Encoding::kSnappyFramed:
      return codecs::SnappyFramed(parts, budget);
    case Encoding::kLz4:
      return codecs::Lz4(parts, budget);
  }
  return Fail(Status::Permanent("no such encoding"));
}

}  // namespace weir::net
