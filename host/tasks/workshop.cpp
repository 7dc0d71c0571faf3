#include "tasks/workshop.hpp"

#include "base/thread_count.hpp"
#include "training/runtime.hpp"

namespace histokt {

Workshop make_workshop(const WorkshopRequest& request) {
  RuntimeRequest wanted;
  wanted.threads = request.threads;
  wanted.device = request.device;
  wanted.precision = request.precision;
  wanted.deterministic = request.deterministic;
  const Runtime runtime = make_runtime(wanted);
  Workshop workshop;
  workshop.runtime = std::make_shared<const Runtime>(runtime);
  workshop.device = runtime.device.is_cpu() ? "cpu" : "cuda";
  workshop.precision = runtime.precision == Precision::kBFloat16 ? "bfloat16" : "float32";
  workshop.description = describe(runtime);
  workshop.threads = thread_count(request.threads);
  workshop.loader_threads = request.loader_threads;
  workshop.scratch = request.scratch;
  return workshop;
}

}  // namespace histokt
