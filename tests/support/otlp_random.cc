#include "tests/support/otlp_random.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <bit>
#include <iterator>
#include <limits>

#include "model/check.h"
#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace weir::test {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

class Filler {
 public:
  Filler(std::mt19937_64& random, const RandomOtlp& how) : random_(random), how_(how) {}

  void Fill(pb::Message& message, int values_deep) {
    const pb::Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const Field& field = *type.field(i);
      // Of a real oneof one member is chosen below; an optional field is its own oneof.
      if (field.real_containing_oneof() != nullptr) continue;
      FillField(message, field, values_deep);
    }
    // Real oneofs come first.
    for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
      const pb::OneofDescriptor& choice = *type.oneof_decl(i);
      if (!Wanted()) continue;
      const Field& field = *choice.field(static_cast<int>(Below(choice.field_count())));
      const bool nests = type.name() == "AnyValue" && field.type() == Field::TYPE_MESSAGE;
      if (nests && values_deep >= 3) continue;
      FillField(message, field, values_deep + (nests ? 1 : 0), true);
    }
    if (how_.unknown_fields && Below(4) == 0) AddUnknown(message);
  }

 private:
  uint64_t Below(int limit) { return random_() % static_cast<uint64_t>(limit); }
  bool Wanted() { return how_.full || Below(4) != 0; }

  std::string Text(size_t size_max) {
    std::string text(Below(static_cast<int>(size_max)) + 1, ' ');
    for (char& c : text) c = static_cast<char>('a' + Below(26));
    // Lengths of two and three bytes now and then.
    if (Below(40) == 0) text.append(Below(2) == 0 ? 200 : 20000, 'x');
    return text;
  }

  double Double() {
    switch (Below(8)) {
      case 0:
        return -0.0;
      case 1:
        return std::bit_cast<double>(0x7ff8000000000000 | (random_() >> 13) | 1);
      case 2:
        return -std::numeric_limits<double>::infinity();
      case 3:
        return static_cast<double>(Below(1000));
      default:
        return std::bit_cast<double>(random_() & 0x7fefffffffffffff);
    }
  }

  // Small numbers, and sometimes any.
  uint64_t Number() {
    const uint64_t number = Below(4) == 0 ? random_() : Below(300);
    return number == 0 && how_.full ? 1 : number;
  }

  std::string Bytes(const Field& field) {
    size_t size = Below(40);
    if (field.name() == "trace_id") size = 16;
    if (field.name() == "span_id" || field.name() == "parent_span_id") size = 8;
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random_());
    return bytes;
  }

  void FillField(pb::Message& message, const Field& field, int values_deep, bool always = false) {
    if (!always && !Wanted()) return;
    const int count = field.is_repeated() ? ListSize(field) : 1;
    for (int i = 0; i < count; ++i) FillValue(message, field, values_deep);
  }

  int ListSize(const Field& field) {
    const int most = field.name() == "attributes" ? how_.list_max + 2 : how_.list_max;
    return static_cast<int>(Below(most)) + (how_.full ? 1 : 0);
  }

  void FillValue(pb::Message& message, const Field& field, int values_deep) {
    const pb::Reflection& set = *message.GetReflection();
    const bool add = field.is_repeated();
    switch (field.cpp_type()) {
      case Field::CPPTYPE_MESSAGE:
        Fill(add ? *set.AddMessage(&message, &field) : *set.MutableMessage(&message, &field),
             values_deep);
        break;
      case Field::CPPTYPE_STRING: {
        std::string text = field.type() == Field::TYPE_BYTES ? Bytes(field) : Text(20);
        add ? set.AddString(&message, &field, std::move(text))
            : set.SetString(&message, &field, std::move(text));
        break;
      }
      case Field::CPPTYPE_DOUBLE: {
        double value = Double();
        if (how_.full && std::bit_cast<uint64_t>(value) == 0) value = 1;
        add ? set.AddDouble(&message, &field, value) : set.SetDouble(&message, &field, value);
        break;
      }
      case Field::CPPTYPE_UINT64:
        add ? set.AddUInt64(&message, &field, Number()) : set.SetUInt64(&message, &field, Number());
        break;
      case Field::CPPTYPE_INT64:
        set.SetInt64(&message, &field, static_cast<int64_t>(Number()));
        break;
      case Field::CPPTYPE_UINT32:
        set.SetUInt32(&message, &field, static_cast<uint32_t>(Number() | (how_.full ? 1 : 0)));
        break;
      case Field::CPPTYPE_INT32:
        set.SetInt32(&message, &field, static_cast<int32_t>(Number() | (how_.full ? 1 : 0)));
        break;
      case Field::CPPTYPE_BOOL:
        set.SetBool(&message, &field, how_.full || Below(2) == 0);
        break;
      case Field::CPPTYPE_ENUM: {
        const int known = field.enum_type()->value_count();
        const int value = static_cast<int>(Below(known));
        set.SetEnumValue(&message, &field, how_.full && value == 0 ? 1 : value);
        break;
      }
      case Field::CPPTYPE_FLOAT:
        break;
    }
  }

  void AddUnknown(pb::Message& message) {
    pb::UnknownFieldSet& unknown = *message.GetReflection()->MutableUnknownFields(&message);
    const int number = 100 + static_cast<int>(Below(4900));
    switch (Below(5)) {
      case 0:
        unknown.AddVarint(number, random_());
        break;
      case 1:
        unknown.AddFixed64(number, random_());
        break;
      case 2:
        unknown.AddFixed32(number, static_cast<uint32_t>(random_()));
        break;
      case 3:
        unknown.AddLengthDelimited(number, Text(300));
        break;
      default:
        unknown.AddGroup(number)->AddVarint(7, random_());
    }
  }

  std::mt19937_64& random_;
  const RandomOtlp& how_;
};

size_t CountIn(const pb::Message& message) {
  const pb::Descriptor& type = *message.GetDescriptor();
  const std::string& name = type.name();
  if (name == "Span" || name == "LogRecord" || name.ends_with("DataPoint")) return 1;
  size_t count = 0;
  std::vector<const Field*> set;
  message.GetReflection()->ListFields(message, &set);
  for (const Field* field : set) {
    if (field->cpp_type() != Field::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
        count += CountIn(message.GetReflection()->GetRepeatedMessage(message, field, i));
      }
    } else {
      count += CountIn(message.GetReflection()->GetMessage(message, field));
    }
  }
  return count;
}

}  // namespace

std::unique_ptr<pb::Message> NewRequest(model::Signal signal) {
  namespace collector = opentelemetry::proto::collector;
  switch (signal) {
    case model::Signal::kTraces:
      return std::make_unique<collector::trace::v1::ExportTraceServiceRequest>();
    case model::Signal::kMetrics:
      return std::make_unique<collector::metrics::v1::ExportMetricsServiceRequest>();
    case model::Signal::kLogs:
      break;
  }
  return std::make_unique<collector::logs::v1::ExportLogsServiceRequest>();
}

void FillRandomly(pb::Message& message, std::mt19937_64& random, const RandomOtlp& how) {
  Filler(random, how).Fill(message, 0);
}

std::unique_ptr<pb::Message> RandomRequest(model::Signal signal, std::mt19937_64& random,
                                           const RandomOtlp& how) {
  auto request = NewRequest(signal);
  FillRandomly(*request, random, how);
  // The request itself is not forwarded: only its resources are.
  request->GetReflection()->MutableUnknownFields(request.get())->Clear();
  return request;
}

std::string Mutate(const std::string& bytes, std::mt19937_64& random) {
  std::string mutated = bytes;
  for (uint64_t i = random() % 3 + 1; i > 0 && !mutated.empty(); --i) {
    const size_t at = random() % mutated.size();
    switch (random() % 8) {
      case 0:
        mutated.resize(at);
        break;
      case 1:
        mutated.insert(at, 1, static_cast<char>(random()));
        break;
      case 2:
        mutated.erase(at, 1);
        break;
      case 3:
      case 4:
        mutated[at] = static_cast<char>(mutated[at] + (random() % 2 == 0 ? 1 : -1));
        break;
      default:
        mutated[at] = static_cast<char>(random());
    }
  }
  return mutated;
}

namespace {

// The OTLP schema with every string field turned into bytes.
class AnyTextSchema {
 public:
  AnyTextSchema() {
    for (model::Signal signal : model::kSignals) {
      Add(*NewRequest(signal)->GetDescriptor()->file());
    }
  }
  std::unique_ptr<pb::Message> NewMessage(const std::string& name) {
    return std::unique_ptr<pb::Message>(
        factory_.GetPrototype(pool_.FindMessageTypeByName(name))->New());
  }

 private:
  void Add(const pb::FileDescriptor& file) {
    if (pool_.FindFileByName(file.name()) != nullptr) return;
    for (int i = 0; i < file.dependency_count(); ++i) Add(*file.dependency(i));
    pb::FileDescriptorProto proto;
    file.CopyTo(&proto);
    for (auto& message : *proto.mutable_message_type()) Change(message);
    EXPECT_NE(pool_.BuildFile(proto), nullptr);
  }
  static void Change(pb::DescriptorProto& message) {
    for (auto& field : *message.mutable_field()) {
      if (field.type() == pb::FieldDescriptorProto::TYPE_STRING) {
        field.set_type(pb::FieldDescriptorProto::TYPE_BYTES);
      }
    }
    for (auto& nested : *message.mutable_nested_type()) Change(nested);
  }

  pb::DescriptorPool pool_;
  pb::DynamicMessageFactory factory_;
};

}  // namespace

std::unique_ptr<pb::Message> ParseAnyText(model::Signal signal, const std::string& bytes) {
  static auto& schema = *new AnyTextSchema();
  auto message = schema.NewMessage(NewRequest(signal)->GetDescriptor()->full_name());
  if (!message->ParseFromString(bytes)) return nullptr;
  return message;
}

size_t CountItems(const pb::Message& request) { return CountIn(request); }

std::string Serialize(const pb::Message& message) { return message.SerializeAsString(); }

model::Batch BatchOf(model::Signal signal, const std::string& bytes) {
  Result<model::Batch> batch = model::CheckRequest(signal, Slice::Copy(bytes));
  if (!batch) {
    ADD_FAILURE() << "refused: " << batch.error().ToString();
    return model::Batch(signal);
  }
  return *std::move(batch);
}

model::Batch BatchOf(model::Signal signal, const pb::Message& request) {
  return BatchOf(signal, Serialize(request));
}

std::string BytesOf(const model::Batch& batch) { return std::string(batch.Flatten().view()); }

std::unique_ptr<pb::Message> RequestOf(const model::Batch& batch) {
  auto request = NewRequest(batch.signal());
  EXPECT_TRUE(request->ParseFromString(BytesOf(batch))) << "libprotobuf cannot read the batch";
  return request;
}

bool SameMessage(const pb::Message& a, const pb::Message& b, std::string* difference) {
  // Serialised bytes compare NaN payloads and -0.0 exactly, and unknown fields in order.
  if (Serialize(a) == Serialize(b)) return true;
  if (difference != nullptr) {
    pb::util::MessageDifferencer differ;
    differ.ReportDifferencesToString(difference);
    if (differ.Compare(a, b)) *difference = "the same fields, other bytes";
  }
  return false;
}

}  // namespace weir::test
