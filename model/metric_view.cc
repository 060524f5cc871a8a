#include "model/metric_view.h"

#include "model/fields.h"

namespace weir::model {

ExemplarView::ExemplarView(std::string_view message) {
  using F = fields::Exemplar;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kFilteredAttributes):
        filtered_attributes.Add(in);
        break;
      case Fixed64Tag(F::kTime):
        time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kAsDouble):
        kind = NumberKind::kDouble;
        double_value = in.Double();
        break;
      case Fixed64Tag(F::kAsInt):
        kind = NumberKind::kInt;
        int_value = in.Int64();
        break;
      case BytesTag(F::kSpanId):
        span_id = in.bytes();
        break;
      case BytesTag(F::kTraceId):
        trace_id = in.bytes();
        break;
    }
  }
}

NumberDataPointView::NumberDataPointView(std::string_view message) {
  using F = fields::NumberDataPoint;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kAttributes):
        attributes.Add(in);
        break;
      case Fixed64Tag(F::kStartTime):
        start_time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kTime):
        time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kAsDouble):
        kind = NumberKind::kDouble;
        double_value = in.Double();
        break;
      case Fixed64Tag(F::kAsInt):
        kind = NumberKind::kInt;
        int_value = in.Int64();
        break;
      case BytesTag(F::kExemplars):
        exemplars.Add(in);
        break;
      case VarintTag(F::kFlags):
        flags = in.Uint32();
        break;
    }
  }
}

HistogramDataPointView::HistogramDataPointView(std::string_view message) {
  using F = fields::HistogramDataPoint;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kAttributes):
        attributes.Add(in);
        break;
      case Fixed64Tag(F::kStartTime):
        start_time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kTime):
        time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kCount):
        count = in.value();
        break;
      case Fixed64Tag(F::kSum):
        sum = in.Double();
        break;
      case Fixed64Tag(F::kMin):
        min = in.Double();
        break;
      case Fixed64Tag(F::kMax):
        max = in.Double();
        break;
      case BytesTag(F::kBucketCounts):
      case Fixed64Tag(F::kBucketCounts):
        bucket_counts.Add(in);
        break;
      case BytesTag(F::kExplicitBounds):
      case Fixed64Tag(F::kExplicitBounds):
        explicit_bounds.Add(in);
        break;
      case BytesTag(F::kExemplars):
        exemplars.Add(in);
        break;
      case VarintTag(F::kFlags):
        flags = in.Uint32();
        break;
    }
  }
}

BucketsView::BucketsView(std::string_view message) {
  using F = fields::Buckets;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case VarintTag(F::kOffset):
        offset = in.SInt32();
        break;
      case BytesTag(F::kBucketCounts):
      case VarintTag(F::kBucketCounts):
        bucket_counts.Add(in);
        break;
    }
  }
}

ExponentialHistogramDataPointView::ExponentialHistogramDataPointView(std::string_view message) {
  using F = fields::ExponentialHistogramDataPoint;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kAttributes):
        attributes.Add(in);
        break;
      case Fixed64Tag(F::kStartTime):
        start_time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kTime):
        time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kCount):
        count = in.value();
        break;
      case Fixed64Tag(F::kSum):
        sum = in.Double();
        break;
      case VarintTag(F::kScale):
        scale = in.SInt32();
        break;
      case Fixed64Tag(F::kZeroCount):
        zero_count = in.value();
        break;
      case BytesTag(F::kPositive):
        positive_message = in.bytes();
        has_positive = true;
        break;
      case BytesTag(F::kNegative):
        negative_message = in.bytes();
        has_negative = true;
        break;
      case VarintTag(F::kFlags):
        flags = in.Uint32();
        break;
      case BytesTag(F::kExemplars):
        exemplars.Add(in);
        break;
      case Fixed64Tag(F::kMin):
        min = in.Double();
        break;
      case Fixed64Tag(F::kMax):
        max = in.Double();
        break;
      case Fixed64Tag(F::kZeroThreshold):
        zero_threshold = in.Double();
        break;
    }
  }
}

ValueAtQuantileView::ValueAtQuantileView(std::string_view message) {
  using F = fields::ValueAtQuantile;
  for (WireReader in(message); in.Next();) {
    if (in.tag() == Fixed64Tag(F::kQuantile)) quantile = in.Double();
    if (in.tag() == Fixed64Tag(F::kValue)) value = in.Double();
  }
}

SummaryDataPointView::SummaryDataPointView(std::string_view message) {
  using F = fields::SummaryDataPoint;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kAttributes):
        attributes.Add(in);
        break;
      case Fixed64Tag(F::kStartTime):
        start_time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kTime):
        time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kCount):
        count = in.value();
        break;
      case Fixed64Tag(F::kSum):
        sum = in.Double();
        break;
      case BytesTag(F::kQuantileValues):
        quantile_values.Add(in);
        break;
      case VarintTag(F::kFlags):
        flags = in.Uint32();
        break;
    }
  }
}

uint32_t AttributesField(MetricKind kind) {
  switch (kind) {
    case MetricKind::kHistogram:
      return fields::HistogramDataPoint::kAttributes;
    case MetricKind::kExponentialHistogram:
      return fields::ExponentialHistogramDataPoint::kAttributes;
    default:
      return fields::NumberDataPoint::kAttributes;  // a summary's number is the same
  }
}

DataPointView::DataPointView(MetricKind kind, std::string_view message) {
  // Times have the same numbers in every kind, attributes and flags have not.
  using F = fields::NumberDataPoint;
  const bool plain = kind != MetricKind::kHistogram && kind != MetricKind::kExponentialHistogram;
  const uint32_t attributes_tag = BytesTag(AttributesField(kind));
  const uint32_t flags_tag = VarintTag(plain ? F::kFlags : fields::HistogramDataPoint::kFlags);
  for (WireReader in(message); in.Next();) {
    if (in.tag() == attributes_tag) {
      attributes.Add(in);
    } else if (in.tag() == Fixed64Tag(F::kStartTime)) {
      start_time_unix_nano = in.value();
    } else if (in.tag() == Fixed64Tag(F::kTime)) {
      time_unix_nano = in.value();
    } else if (in.tag() == flags_tag) {
      flags = in.Uint32();
    }
  }
}

MetricView::MetricView(std::string_view message) {
  using F = fields::Metric;
  for (WireReader in(message); in.Next();) {
    MetricKind found = MetricKind::kNone;
    switch (in.tag()) {
      case BytesTag(F::kName):
        name = in.bytes();
        break;
      case BytesTag(F::kDescription):
        description = in.bytes();
        break;
      case BytesTag(F::kUnit):
        unit = in.bytes();
        break;
      case BytesTag(F::kMetadata):
        metadata.Add(in);
        break;
      case BytesTag(F::kGauge):
        found = MetricKind::kGauge;
        break;
      case BytesTag(F::kSum):
        found = MetricKind::kSum;
        break;
      case BytesTag(F::kHistogram):
        found = MetricKind::kHistogram;
        break;
      case BytesTag(F::kExponentialHistogram):
        found = MetricKind::kExponentialHistogram;
        break;
      case BytesTag(F::kSummary):
        found = MetricKind::kSummary;
        break;
    }
    if (found != MetricKind::kNone) {
      kind = found;
      data_message = in.bytes();
    }
  }
  const bool temporal = kind != MetricKind::kGauge && kind != MetricKind::kSummary;
  for (WireReader in(data_message); in.Next();) {
    using D = fields::MetricData;
    if (in.tag() == BytesTag(D::kDataPoints)) {
      data_points.Add(in);
    } else if (temporal && in.tag() == VarintTag(D::kAggregationTemporality)) {
      aggregation_temporality = in.Int32();
    } else if (kind == MetricKind::kSum && in.tag() == VarintTag(D::kIsMonotonic)) {
      is_monotonic = in.Bool();
    }
  }
}

}  // namespace weir::model
