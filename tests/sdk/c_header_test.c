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

HISTOKT_NOTE("dataset", "written-in-c", "1.0.0", "");

const char* note_of_a_c_file(void);
const char* note_of_a_c_file(void) { return histokt_note.text; }
