#include <grpc/support/time.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <memory>
#include <protozero/pbf_message.hpp>

#include "bench/loadgen/gzip.h"
#include "bench/loadgen/raw_buffer.h"
#include "bench/loadgen/sender.h"

namespace weir::bench {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

std::shared_ptr<grpc::Channel> Connect(const SenderOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (options.gzip) arguments.SetCompressionAlgorithm(GRPC_COMPRESS_GZIP);
  return grpc::CreateCustomChannel(options.host + ":" + std::to_string(options.port),
                                   grpc::InsecureChannelCredentials(), arguments);
}

int64_t DurationNanos(protozero::data_view bytes) {
  int64_t seconds = 0;
  int64_t nanos = 0;
  for (protozero::pbf_reader duration(bytes); duration.next();) {
    if (duration.tag() == 1) {
      seconds = duration.get_int64();
    } else if (duration.tag() == 2) {
      nanos = duration.get_int32();
    } else {
      duration.skip();
    }
  }
  return seconds * 1'000'000'000 + nanos;
}

int64_t RetryInfoNanos(protozero::data_view any_bytes) {
  bool is_retry_info = false;
  protozero::data_view value;
  for (protozero::pbf_reader any(any_bytes); any.next();) {
    if (any.tag() == 1) {
      is_retry_info = any.get_string().find("google.rpc.RetryInfo") != std::string::npos;
    } else if (any.tag() == 2) {
      value = any.get_view();
    } else {
      any.skip();
    }
  }
  if (!is_retry_info) return -1;
  int64_t delay = 0;
  for (protozero::pbf_reader info(value); info.next();) {
    if (info.tag() == 1) {
      delay = DurationNanos(info.get_view());
    } else {
      info.skip();
    }
  }
  return delay;
}

Answer AnswerOf(const grpc::Status& status) {
  Answer answer;
  if (status.ok()) return answer;
  answer.delay_nanos = RetryDelayNanos(status.error_details());
  answer.message = status.error_message();
  const bool is_ours = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
                       status.error_code() == grpc::StatusCode::CANCELLED;
  answer.kind = is_ours ? Answer::Kind::kError : Answer::Kind::kRefused;
  answer.label = std::to_string(status.error_code());
  if (answer.delay_nanos >= 0) answer.label += " with delay";
  return answer;
}

struct Slot {
  explicit Slot(std::shared_ptr<grpc::Channel> channel) : stub(std::move(channel)) {}

  grpc::GenericStub stub;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  int64_t due_nanos = 0;
  int64_t free_nanos = 0;  // not to be used before
  uint64_t sequence = 0;
  size_t bytes = 0;
};

class GrpcLoop {
 public:
  explicit GrpcLoop(Run& run) : run_(run), method_(GrpcMethod(run.options.signal)) {
    for (const Payload& payload : run.payloads) {
      messages_.push_back(
          MessageOf(run.options.gzip ? payload.gzip : payload.plain, run.options.gzip));
    }
    std::vector<std::shared_ptr<grpc::Channel>> channels;
    for (size_t i = 0; i < run.options.connections; ++i) channels.push_back(Connect(run.options));
    for (size_t i = 0; i < run.options.slots; ++i) {
      slots_.push_back(std::make_unique<Slot>(channels[i % channels.size()]));
      idle_.push_back(slots_.back().get());
    }
  }

  void Loop() {
    for (;;) {
      const int64_t now = NowNanos();
      const bool may_start = now < run_.end_nanos && !run_.pacer.is_done();
      const int64_t wake = may_start ? FillSlots(now) : INT64_MAX;
      if (!may_start && idle_.size() == slots_.size()) return;
      WaitUntil(std::min(wake, now + 100'000'000));
    }
  }

 private:
  // Starts what is due; returns when the next thing will be.
  int64_t FillSlots(int64_t now) {
    run_.tally.CountUnsent(run_.pacer.GiveUpLate(now) * run_.options.batch);
    for (size_t i = 0; i < idle_.size();) {
      const int64_t due = run_.pacer.due_nanos(now);
      if (due > now) return due;
      if (idle_[i]->free_nanos > now) {
        ++i;
        continue;
      }
      Start(*idle_[i], due);
      idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    int64_t wake = INT64_MAX;
    for (const Slot* slot : idle_) wake = std::min(wake, slot->free_nanos);
    return wake;
  }

  const grpc::ByteBuffer& NextMessage(Slot& slot) {
    slot.sequence = run_.next_sequence++;
    const size_t index = slot.sequence % run_.payloads.size();
    if (!run_.options.stamp) return messages_[index];
    Payload& payload = run_.payloads[index];
    StampSequence(payload.plain, payload.sequence_offset, slot.sequence);
    const bool is_gzip = run_.options.gzip;
    stamped_ = MessageOf(is_gzip ? Deflate(payload.plain) : payload.plain, is_gzip);
    return stamped_;
  }

  void Start(Slot& slot, int64_t due) {
    slot.context = std::make_unique<grpc::ClientContext>();
    slot.context->set_deadline(system_clock::now() + nanoseconds(run_.options.timeout_nanos));
    slot.due_nanos = due;
    const grpc::ByteBuffer& message = NextMessage(slot);
    slot.bytes = message.Length();
    slot.reader = slot.stub.PrepareUnaryCall(slot.context.get(), method_, message, &queue_);
    slot.reader->StartCall();
    slot.reader->Finish(&slot.response, &slot.status, &slot);
    run_.pacer.Sent();
  }

  void WaitUntil(int64_t wake_nanos) {
    void* tag = nullptr;
    bool ok = false;
    const auto deadline = system_clock::now() + nanoseconds(wake_nanos - NowNanos());
    auto next = queue_.AsyncNext(&tag, &ok, deadline);
    while (next == grpc::CompletionQueue::GOT_EVENT) {
      Finish(*static_cast<Slot*>(tag));
      next = queue_.AsyncNext(&tag, &ok, gpr_time_0(GPR_CLOCK_REALTIME));
    }
  }

  void Finish(Slot& slot) {
    const int64_t now = NowNanos();
    const Answer answer = AnswerOf(slot.status);
    run_.tally.Count(now, run_.options.batch, slot.bytes, now - slot.due_nanos, answer);
    if (answer.kind == Answer::Kind::kOk && run_.options.stamp) {
      run_.acked_sequences.push_back(slot.sequence);
    }
    slot.free_nanos = 0;
    if (run_.options.honour_delay && answer.delay_nanos > 0)
      slot.free_nanos = now + answer.delay_nanos;
    slot.reader.reset();
    slot.context.reset();
    slot.response.Clear();
    idle_.push_back(&slot);
  }

  Run& run_;
  std::string method_;
  std::vector<grpc::ByteBuffer> messages_;
  grpc::ByteBuffer stamped_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> idle_;
};

}  // namespace

int64_t RetryDelayNanos(std::string_view status_bytes) {
  try {
    for (protozero::pbf_reader status(status_bytes.data(), status_bytes.size()); status.next();) {
      if (status.tag() != 3) {
        status.skip();
        continue;
      }
      const int64_t delay = RetryInfoNanos(status.get_view());
      if (delay >= 0) return delay;
    }
  } catch (const protozero::exception&) {
    return -1;
  }
  return -1;
}

void SendGrpc(Run& run) { GrpcLoop(run).Loop(); }

}  // namespace weir::bench
