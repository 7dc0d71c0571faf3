// SPDX-License-Identifier: MIT
/* The offset of each member of each struct of the boundary, in bytes on 64 bits: a lab's binary depends on
 * it. Included by a file in C11 and by one in C++. A struct grows at its end only: a new member is a new line
 * before its SIZE, and no other number changes. */
#ifndef HISTOKT_STRUCT_LAYOUTS_H
#define HISTOKT_STRUCT_LAYOUTS_H

#include <assert.h>
#include <histokt/plugin.h>

#define SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type " has another size")
#define MEMBER(type, member, offset) \
  static_assert(offsetof(type, member) == (offset), #type "." #member " has moved")

static_assert(sizeof(void*) == 8 && sizeof(size_t) == 8, "the numbers below are for 64 bits");

MEMBER(histokt_option, key, 0);
MEMBER(histokt_option, type, 8);
MEMBER(histokt_option, reserved, 12);
MEMBER(histokt_option, default_text, 16);
MEMBER(histokt_option, minimum, 24);
MEMBER(histokt_option, maximum, 32);
MEMBER(histokt_option, choices, 40);
MEMBER(histokt_option, help, 48);
SIZE(histokt_option, 56);

MEMBER(histokt_value, key, 0);
MEMBER(histokt_value, type, 8);
MEMBER(histokt_value, reserved, 12);
MEMBER(histokt_value, integer, 16);
MEMBER(histokt_value, number, 24);
MEMBER(histokt_value, text, 32);
MEMBER(histokt_value, items, 40);
MEMBER(histokt_value, count, 48);
SIZE(histokt_value, 56);

MEMBER(histokt_settings, struct_size, 0);
MEMBER(histokt_settings, value_size, 4);
MEMBER(histokt_settings, values, 8);
MEMBER(histokt_settings, count, 16);
SIZE(histokt_settings, 24);

MEMBER(histokt_host, struct_size, 0);
MEMBER(histokt_host, abi_minor, 4);
MEMBER(histokt_host, context, 8);
MEMBER(histokt_host, set_error, 16);
MEMBER(histokt_host, get_service, 24);
SIZE(histokt_host, 32);

MEMBER(histokt_log_service, struct_size, 0);
MEMBER(histokt_log_service, log, 8);
SIZE(histokt_log_service, 16);

MEMBER(histokt_progress_service, struct_size, 0);
MEMBER(histokt_progress_service, report, 8);
SIZE(histokt_progress_service, 16);

MEMBER(histokt_scratch_service, struct_size, 0);
MEMBER(histokt_scratch_service, folder, 8);
SIZE(histokt_scratch_service, 16);

MEMBER(histokt_threads_service, struct_size, 0);
MEMBER(histokt_threads_service, reserved, 4);
MEMBER(histokt_threads_service, count, 8);
SIZE(histokt_threads_service, 16);

MEMBER(histokt_dataset_info, struct_size, 0);
MEMBER(histokt_dataset_info, flags, 4);
MEMBER(histokt_dataset_info, classes, 8);
MEMBER(histokt_dataset_info, class_count, 16);
MEMBER(histokt_dataset_info, microns_per_pixel, 24);
MEMBER(histokt_dataset_info, group_level, 32);
MEMBER(histokt_dataset_info, reserved, 36);
MEMBER(histokt_dataset_info, sample_count, 40);
MEMBER(histokt_dataset_info, paper_shares, 48);
MEMBER(histokt_dataset_info, paper_per_class, 72);
MEMBER(histokt_dataset_info, overlap, 96);
SIZE(histokt_dataset_info, 104);

MEMBER(histokt_sample, struct_size, 0);
MEMBER(histokt_sample, official_split, 4);
MEMBER(histokt_sample, paper_split, 8);
MEMBER(histokt_sample, label, 12);
MEMBER(histokt_sample, id, 16);
MEMBER(histokt_sample, group, 24);
MEMBER(histokt_sample, labels, 32);
SIZE(histokt_sample, 40);

MEMBER(histokt_sink, struct_size, 0);
MEMBER(histokt_sink, reserved, 4);
MEMBER(histokt_sink, context, 8);
MEMBER(histokt_sink, put_file, 16);
MEMBER(histokt_sink, put_encoded, 24);
MEMBER(histokt_sink, allocate, 32);
SIZE(histokt_sink, 40);

MEMBER(histokt_dataset_api, struct_size, 0);
MEMBER(histokt_dataset_api, reserved, 4);
MEMBER(histokt_dataset_api, create, 8);
MEMBER(histokt_dataset_api, destroy, 16);
MEMBER(histokt_dataset_api, get_info, 24);
MEMBER(histokt_dataset_api, get_sample, 32);
MEMBER(histokt_dataset_api, open_reader, 40);
MEMBER(histokt_dataset_api, close_reader, 48);
MEMBER(histokt_dataset_api, read, 56);
MEMBER(histokt_dataset_api, get_extension, 64);
SIZE(histokt_dataset_api, 72);

MEMBER(histokt_mask_code, code, 0);
MEMBER(histokt_mask_code, class_index, 4);
SIZE(histokt_mask_code, 8);

MEMBER(histokt_dataset_masks, struct_size, 0);
MEMBER(histokt_dataset_masks, reserved, 4);
MEMBER(histokt_dataset_masks, get_codes, 8);
MEMBER(histokt_dataset_masks, get_thresholds, 16);
MEMBER(histokt_dataset_masks, read_mask, 24);
SIZE(histokt_dataset_masks, 32);

MEMBER(histokt_card_line, heading, 0);
MEMBER(histokt_card_line, text, 8);
SIZE(histokt_card_line, 16);

MEMBER(histokt_card, struct_size, 0);
MEMBER(histokt_card, reserved, 4);
MEMBER(histokt_card, lines, 8);
SIZE(histokt_card, 16);

MEMBER(histokt_tensor, struct_size, 0);
MEMBER(histokt_tensor, dtype, 4);
MEMBER(histokt_tensor, name, 8);
MEMBER(histokt_tensor, role, 16);
MEMBER(histokt_tensor, rank, 20);
MEMBER(histokt_tensor, shape, 24);
MEMBER(histokt_tensor, channels, 32);
MEMBER(histokt_tensor, data, 40);
SIZE(histokt_tensor, 48);

MEMBER(histokt_pair, key, 0);
MEMBER(histokt_pair, value, 8);
SIZE(histokt_pair, 16);

MEMBER(histokt_source, struct_size, 0);
MEMBER(histokt_source, tensor_size, 4);
MEMBER(histokt_source, name, 8);
MEMBER(histokt_source, tensors, 16);
MEMBER(histokt_source, tensor_count, 24);
MEMBER(histokt_source, provenance, 32);
MEMBER(histokt_source, provenance_count, 40);
SIZE(histokt_source, 48);

MEMBER(histokt_merge, struct_size, 0);
MEMBER(histokt_merge, source_size, 4);
MEMBER(histokt_merge, sources, 8);
MEMBER(histokt_merge, source_count, 16);
MEMBER(histokt_merge, base, 24);
MEMBER(histokt_merge, outputs, 32);
MEMBER(histokt_merge, output_count, 40);
MEMBER(histokt_merge, output_size, 48);
MEMBER(histokt_merge, reserved, 52);
SIZE(histokt_merge, 56);

MEMBER(histokt_distiller_api, struct_size, 0);
MEMBER(histokt_distiller_api, reserved, 4);
MEMBER(histokt_distiller_api, create, 8);
MEMBER(histokt_distiller_api, destroy, 16);
MEMBER(histokt_distiller_api, merge, 24);
MEMBER(histokt_distiller_api, get_extension, 32);
SIZE(histokt_distiller_api, 40);

MEMBER(histokt_distiller_order, struct_size, 0);
MEMBER(histokt_distiller_order, reserved, 4);
MEMBER(histokt_distiller_order, order_matters, 8);
SIZE(histokt_distiller_order, 16);

MEMBER(histokt_distiller_sources, struct_size, 0);
MEMBER(histokt_distiller_sources, reserved, 4);
MEMBER(histokt_distiller_sources, check_sources, 8);
SIZE(histokt_distiller_sources, 16);

MEMBER(histokt_gradients_service, struct_size, 0);
MEMBER(histokt_gradients_service, tensor_size, 4);
MEMBER(histokt_gradients_service, squared, 8);
SIZE(histokt_gradients_service, 16);

MEMBER(histokt_activations_service, struct_size, 0);
MEMBER(histokt_activations_service, tensor_size, 4);
MEMBER(histokt_activations_service, input_gram, 8);
MEMBER(histokt_activations_service, input_gram_of, 16);
SIZE(histokt_activations_service, 24);

MEMBER(histokt_descriptor, magic, 0);
MEMBER(histokt_descriptor, struct_size, 8);
MEMBER(histokt_descriptor, abi_major, 12);
MEMBER(histokt_descriptor, abi_minor_needed, 16);
MEMBER(histokt_descriptor, kind, 20);
MEMBER(histokt_descriptor, flags, 24);
MEMBER(histokt_descriptor, option_size, 28);
MEMBER(histokt_descriptor, name, 32);
MEMBER(histokt_descriptor, version, 40);
MEMBER(histokt_descriptor, summary, 48);
MEMBER(histokt_descriptor, licence, 56);
MEMBER(histokt_descriptor, citation, 64);
MEMBER(histokt_descriptor, fingerprint, 72);
MEMBER(histokt_descriptor, options, 80);
MEMBER(histokt_descriptor, option_count, 88);
MEMBER(histokt_descriptor, api, 96);
MEMBER(histokt_descriptor, get_extension, 104);
SIZE(histokt_descriptor, 112);

#undef MEMBER
#undef SIZE

#endif
