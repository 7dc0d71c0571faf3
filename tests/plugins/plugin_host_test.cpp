// SPDX-License-Identifier: MIT
// Calls into a plugin that breaks the rules of the boundary.
#include "plugins/plugin_host.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "base/errors.hpp"
#include "plugins/plugin_call.hpp"

namespace histokt {
namespace {

const PluginHost& host() {
  static const PluginHost host("dataset \"x\"", "/lib/histokt-dataset-x.so", "");
  return host;
}

// What is said of a call; "" where it went well.
template <typename Error = RunError>
std::string told(const std::function<histokt_status()>& call) {
  try {
    host().call("opening /data", call);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

histokt_status fail_with(const char* reason, histokt_status status) {
  host().raw()->set_error(host().raw(), reason);
  return status;
}

TEST(Call, GivesThePluginsReasonWithOwnerAndPhase) {
  EXPECT_EQ("dataset \"x\", opening /data: no table",
            told([] { return fail_with("no table", HISTOKT_FAILED); }));
  EXPECT_EQ("dataset \"x\", opening /data: no root",
            told<RequestError>([] { return fail_with("no root", HISTOKT_BAD_REQUEST); }));
}

TEST(Call, TellsAFailureWithoutAReasonAsAFaultOfThePlugin) {
  for (const auto& call : {std::function([] { return histokt_status{HISTOKT_FAILED}; }),
                           std::function([] { return fail_with("", HISTOKT_BAD_REQUEST); }),
                           std::function([] { return fail_with(nullptr, HISTOKT_FAILED); })}) {
    EXPECT_EQ(
        "dataset \"x\" (/lib/histokt-dataset-x.so), opening /data: the plugin failed without giving a "
        "reason; this is a bug in the plugin: report it to its authors",
        told(call));
  }
}

TEST(Call, CatchesWhateverCrossesTheBoundary) {
  const std::string exception = told([]() -> histokt_status { throw std::runtime_error("boom"); });
  EXPECT_TRUE(has(exception, "boom") && has(exception, "/lib/histokt-dataset-x.so")) << exception;
  EXPECT_TRUE(has(told([]() -> histokt_status { throw 42; }), "not a std::exception"));
  EXPECT_TRUE(has(told([] { return histokt_status{77}; }), "unknown status 77"));
}

TEST(Call, ThatCannotFailIsNotAllowedTo) {
  EXPECT_NO_THROW(host().call_last("closing", [] { throw std::runtime_error("boom"); }));
}

// The log while it lives.
class Log {
 public:
  Log() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  ~Log() { spdlog::set_default_logger(before_); }
  std::string text() const { return text_.str(); }

 private:
  std::shared_ptr<spdlog::logger> before_;
  std::ostringstream text_;
};

TEST(Call, ThatLastsLongIsToldOnce) {
  using namespace std::chrono_literals;
  const Log log;
  set_patience_with_plugins(40ms);
  host().call("opening /data", [] {
    std::this_thread::sleep_for(300ms);
    return histokt_status{HISTOKT_OK};
  });
  set_patience_with_plugins(30s);
  const std::string place = "dataset \"x\" (/lib/histokt-dataset-x.so), opening /data: no progress";
  const std::size_t first = log.text().find(place);
  EXPECT_NE(std::string::npos, first) << log.text();
  EXPECT_EQ(std::string::npos, log.text().find(place, first + 1)) << log.text();
}

TEST(Call, ThatReportsProgressIsNotToldOf) {
  using namespace std::chrono_literals;
  const Log log;
  set_patience_with_plugins(400ms);
  host().call("unpacking", [] {
    const auto* progress = static_cast<const histokt_progress_service*>(
        host().raw()->get_service(host().raw(), HISTOKT_PROGRESS_SERVICE));
    for (int i = 0; i < 30; ++i) {
      std::this_thread::sleep_for(20ms);
      progress->report(host().raw(), "unpacking", 0, 1);
    }
    return histokt_status{HISTOKT_OK};
  });
  set_patience_with_plugins(30s);
  EXPECT_FALSE(has(log.text(), "no progress")) << log.text();
}

}  // namespace
}  // namespace histokt
