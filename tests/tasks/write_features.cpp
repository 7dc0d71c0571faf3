// SPDX-License-Identifier: MIT
// Writes the sample for features_test.py.
#include "tasks/feature_sample.hpp"

int main(int, char** arguments) {
  histokt::write_features(arguments[1], histokt::test::feature_sample());
}
