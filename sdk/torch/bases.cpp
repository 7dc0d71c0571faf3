// The one home of the libtorch kinds' base classes: their key functions live here, so that type information
// is the same in the host and in every plugin.
#include <histokt/optimizer.hpp>

namespace histokt {

Model::~Model() = default;
Optimizer::~Optimizer() = default;

}  // namespace histokt
