/* The boundary compiles as C11, and its structs do not change by accident: a lab's binary depends on them. */
#include <histokt/plugin.h>

_Static_assert(sizeof(void*) == 8, "sizes below are for 64 bits");
_Static_assert(offsetof(histokt_descriptor, magic) == 0, "the magic comes first");
_Static_assert(offsetof(histokt_descriptor, struct_size) == 8, "then the size");
_Static_assert(sizeof(histokt_descriptor) == 112, "grow it at the end only, and say so here");
_Static_assert(sizeof(histokt_option) == 56, "options travel with the size of one");
_Static_assert(sizeof(histokt_value) == 56, "values travel with the size of one");
_Static_assert(sizeof(histokt_host) == 32, "");
_Static_assert(sizeof(histokt_sample) == 40, "");
_Static_assert(sizeof(histokt_sink) == 40, "");
_Static_assert(sizeof(histokt_tensor) == 48, "");
_Static_assert(sizeof(histokt_merge) == 56, "");
_Static_assert(sizeof(histokt_pair) == 16, "these travel in arrays, too");
_Static_assert(sizeof(histokt_source) == 48, "");
_Static_assert(sizeof(histokt_mask_code) == 8, "");
_Static_assert(sizeof(histokt_card_line) == 16, "");
_Static_assert(sizeof(histokt_settings) == 24, "");
_Static_assert(sizeof(histokt_dataset_info) == 104, "from here on: grow at the end only");
_Static_assert(sizeof(histokt_dataset_api) == 72, "");
_Static_assert(sizeof(histokt_dataset_masks) == 32, "");
_Static_assert(sizeof(histokt_card) == 16, "");
_Static_assert(sizeof(histokt_distiller_api) == 40, "");
_Static_assert(sizeof(histokt_distiller_order) == 16, "");
_Static_assert(sizeof(histokt_distiller_sources) == 16, "");
_Static_assert(sizeof(histokt_threads_service) == 16, "");
_Static_assert(sizeof(histokt_log_service) == 16, "");
_Static_assert(sizeof(histokt_progress_service) == 16, "");
_Static_assert(sizeof(histokt_scratch_service) == 16, "");
_Static_assert(sizeof(histokt_gradients_service) == 16, "");
_Static_assert(sizeof(histokt_activations_service) == 24, "");
_Static_assert(offsetof(histokt_gradients_service, tensor_size) == 4, "arrays travel with the size of one");
_Static_assert(offsetof(histokt_activations_service, tensor_size) == 4, "arrays travel with the size of one");

HISTOKT_NOTE("dataset", "written-in-c", "1.0.0", "");

const char* note_of_a_c_file(void);
const char* note_of_a_c_file(void) {
  return histokt_note.text;
}
