// SPDX-License-Identifier: MIT
// Diagnosis of a merge: what it kept of each source, and the loss along the lines between sources. Files in;
// tables, figures and text out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/configured_plugin.hpp"
#include "distill/merge.hpp"
#include "patches/split.hpp"
#include "tasks/compute_context.hpp"

namespace histokt {

// A checkpoint, labelled by its file name without extension if that is unique, otherwise by its path.
// `content.name`, used in errors, is the path.
struct ReadNetwork {
  std::string label;
  MergeInput content;
};
// Throws RunError as read_weights() does.
std::vector<ReadNetwork> read_networks(const std::vector<std::filesystem::path>& files);

// networks: the merge, then its sources.
//
// csv:
// layer,rows,columns,rank,random_share,merge_norm,source,energy_kept,distance,cosine,source_norm,norm_ratio,
// a row for each layer and source (analysis/layers.hpp says what they are; norm_ratio is |M| / |W|); what is
// not defined is empty.
struct DiagnosisReport {
  std::string csv, svg;
  std::string text;  // for a terminal
};
// model: of the networks, which says what is a head; nullptr: names decide. Throws as diagnose_layers() does.
DiagnosisReport layer_report(const std::vector<ReadNetwork>& networks, const ConfiguredPlugin* model);

struct BarrierSettings {
  Split part = Split::kValid;
  int points = 11;
  bool recalibrate = true;
  bool fit_head = false;             // even if the networks have heads for these classes
  std::size_t train_patches = 1000;  // for statistics and heads, drawn by the seed; 0: all
  std::uint64_t seed = 0;
};

// The line between each two sources on each patch set, with the merge beside it. Heads are used if both of a
// pair and the merge have one for the patch set's classes; otherwise one is fitted for each network
// (analysis/loss_line.hpp). This is decided, and reported, for each pair. Patches are normalised as both of a
// pair and the merge say if they agree, otherwise as the patch set says.
//
// csv: patches,part,first,second,network,t,loss,accuracy,interpolated_loss,head,penalty,recalibrated: network
// is "line" or the merge's label, which has no t; straight is (1 - t) loss(0) + t loss(1). Throws RunError if
// a checkpoint does not fit the model or the patches, or a split is empty.
DiagnosisReport barrier_report(const std::vector<ReadNetwork>& networks,
                               const std::vector<std::filesystem::path>& patches,
                               const ConfiguredPlugin& model, const BarrierSettings& settings,
                               const ComputeContext& compute);

}  // namespace histokt
