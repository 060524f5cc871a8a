// A storage extension in memory: it can delay its durability, fail, lose power and damage records.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "pipeline/extension.h"

namespace weir::pipeline::tests {

// What is on the disk; outlives the clients that open it. Thread-safe.
class FakeDisk {
 public:
  struct Pending {
    UniqueFunction<void(Result<StorageClient::Sequence>)> durable;
    StorageClient::Sequence sequence;
  };

  StorageClient::Sequence Append(std::string record) {
    MutexLock lock(mutex_);
    records_.emplace(++last_, std::move(record));
    return last_;
  }
  void Remove(StorageClient::Sequence sequence) {
    MutexLock lock(mutex_);
    records_.erase(sequence);
  }
  std::vector<StorageClient::Record> Read(StorageClient::Sequence from, size_t bytes_max) {
    MutexLock lock(mutex_);
    std::vector<StorageClient::Record> read;
    size_t bytes = 0;
    for (auto it = records_.lower_bound(from); it != records_.end(); ++it) {
      bytes += it->second.size();
      if (!read.empty() && bytes > bytes_max) break;
      read.push_back({it->first, Slice::Copy(it->second)});
    }
    largest_read = std::max(largest_read, read.size());
    return read;
  }
  size_t count() const {
    MutexLock lock(mutex_);
    return records_.size();
  }
  size_t bytes() const {
    MutexLock lock(mutex_);
    size_t sum = 0;
    for (const auto& [sequence, record] : records_) sum += record.size();
    return sum;
  }
  // Turns one byte of the `index`th record.
  void Damage(size_t index, size_t offset) {
    MutexLock lock(mutex_);
    auto it = records_.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(index));
    it->second.at(offset) = static_cast<char>(it->second.at(offset) ^ 0x55);
  }

  bool hold = false;   // appends are durable only when Flush says so
  Status fail_append;  // a failure: what appends get
  Status fail_read;    // likewise
  int closes = 0;
  int reads = 0;
  size_t largest_read = 0;  // records
  std::deque<Pending> pending;

  void Flush() {
    while (!pending.empty()) {
      Pending one = std::move(pending.front());
      pending.pop_front();
      one.durable(one.sequence);
    }
  }

 private:
  mutable Mutex mutex_;
  std::map<StorageClient::Sequence, std::string> records_ GUARDED_BY(mutex_);
  StorageClient::Sequence last_ GUARDED_BY(mutex_) = 100;
};

class FakeStorageClient final : public StorageClient {
 public:
  explicit FakeStorageClient(FakeDisk& disk) : disk_(disk) {}
  void Append(std::vector<Slice> parts, UniqueFunction<void(Result<Sequence>)> durable) override {
    if (!disk_.fail_append.ok()) return durable(Fail(disk_.fail_append));
    std::string record;
    for (const Slice& part : parts) record += part.view();
    const Sequence sequence = disk_.Append(std::move(record));
    if (disk_.hold) {
      disk_.pending.push_back({std::move(durable), sequence});
    } else {
      durable(sequence);
    }
  }
  void Delivered(Sequence sequence) override { disk_.Remove(sequence); }
  Result<std::vector<Record>> Read(Sequence from, size_t bytes_max) override {
    ++disk_.reads;
    if (!disk_.fail_read.ok()) return Fail(disk_.fail_read);
    return disk_.Read(from, bytes_max);
  }
  uint64_t record_count() const override { return disk_.count(); }
  uint64_t size_bytes() const override { return disk_.bytes(); }
  Sequence first_undelivered() const override { return 0; }
  void Close() override { ++disk_.closes; }

 private:
  FakeDisk& disk_;
};

class FakeStorage final : public Extension, public StorageExtension {
 public:
  Status Start(Host&) override { return {}; }
  void Shutdown() override {}
  Result<std::unique_ptr<StorageClient>> Open(ComponentKind kind, const ComponentId& id,
                                              std::string_view name) override {
    opened = std::string(KindName(kind)) + " " + id.ToString() + " " + std::string(name);
    return std::make_unique<FakeStorageClient>(disk);
  }
  FakeDisk disk;
  std::string opened;
};

}  // namespace weir::pipeline::tests
