// SPDX-License-Identifier: MIT
/* The boundary compiles as C11, and its structs do not change by accident. */
#include "sdk/struct_layouts.h"

HISTOKT_NOTE("dataset", "written-in-c", "1.0.0", "");

const char* note_of_a_c_file(void);
const char* note_of_a_c_file(void) {
  return histokt_note.text;
}
