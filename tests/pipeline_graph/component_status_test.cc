// Guarantees: a component's reported states follow the Collector's machine.
#include "pipeline/component_status.h"

#include <gtest/gtest.h>

namespace weir::tests {
namespace {

using pipeline::ComponentStatus;
using enum pipeline::ComponentState;

TEST(ComponentStatus, FollowsAnOrdinaryLife) {
  ComponentStatus status;
  for (const auto state : {kStarting, kOk, kRecoverableError, kOk, kStopping, kStopped})
    EXPECT_TRUE(status.Report(state)) << pipeline::StateName(state);
  EXPECT_FALSE(status.Report(kStarting));
}

TEST(ComponentStatus, NothingFollowsAFatalError) {
  ComponentStatus status;
  ASSERT_TRUE(status.Report(kStarting));
  ASSERT_TRUE(status.Report(kFatalError, Status::Permanent("gone")));
  for (const auto state : {kOk, kRecoverableError, kStopping, kStopped})
    EXPECT_FALSE(status.Report(state)) << pipeline::StateName(state);
  EXPECT_EQ(status.error().message(), "gone");
}

TEST(ComponentStatus, APermanentErrorOnlyStops) {
  ComponentStatus status;
  ASSERT_TRUE(status.Report(kStarting));
  ASSERT_TRUE(status.Report(kPermanentError));
  EXPECT_FALSE(status.Report(kOk));
  EXPECT_TRUE(status.Report(kStopping));
}

TEST(ComponentStatus, ALateOkDoesNotReviveWhatStops) {
  ComponentStatus status;
  status.Report(kStarting);
  status.Report(kStopping);
  EXPECT_FALSE(status.Report(kOk));
  EXPECT_EQ(status.state(), kStopping);
}

TEST(ComponentStatus, AProblemReportedWhileStartingStays) {
  ComponentStatus status;
  status.Report(kStarting);
  status.Report(kRecoverableError, Status::Retryable("no peer yet"));
  status.ReportOkIfStarting();
  EXPECT_EQ(status.state(), kRecoverableError);
  EXPECT_TRUE(status.Report(kRecoverableError, Status::Retryable("still no peer")));
  EXPECT_EQ(status.error().message(), "still no peer");
}

}  // namespace
}  // namespace weir::tests
