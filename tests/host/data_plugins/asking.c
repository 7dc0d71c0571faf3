// SPDX-License-Identifier: MIT
/* A distiller in plain C whose result is the first source's Fisher information where it has some, and its
 * entries elsewhere. Built as "asking", which says that it needs data; as "sly", which does not; as
 * "reaching", which asks for a source that is not there; and as "comparing", which fails where a Gram matrix
 * that is lent alone is not, to the bit, that of all together. */
#include <histokt/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef SLY
#define FLAGS 0
#else
#define FLAGS HISTOKT_PLUGIN_NEEDS_DATA
#endif

struct histokt_distiller {
  const histokt_host* host;
};

static histokt_status create(const histokt_host* host, const histokt_settings* settings,
                             histokt_distiller** distiller) {
  (void)settings;
  *distiller = malloc(sizeof **distiller);
  if (!*distiller) return HISTOKT_FAILED;
  (*distiller)->host = host;
  return HISTOKT_OK;
}

static void destroy(histokt_distiller* distiller) {
  free(distiller);
}

static const histokt_tensor* at(const histokt_tensor* tensors, size_t index, size_t size) {
  return (const histokt_tensor*)((const char*)tensors + index * size);
}

static const histokt_tensor* named(const histokt_tensor* tensors, size_t count, size_t size,
                                   const char* name) {
  for (size_t i = 0; i < count; ++i) {
    if (strcmp(at(tensors, i, size)->name, name) == 0) return at(tensors, i, size);
  }
  return NULL;
}

/* Tells on the log how many threads it may take. */
static void tell_threads(const histokt_host* host) {
  const histokt_threads_service* threads = host->get_service(host, HISTOKT_THREADS_SERVICE);
  const histokt_log_service* log = host->get_service(host, HISTOKT_LOG_SERVICE);
  char text[64];
  snprintf(text, sizeof text, "it may take %u threads", (unsigned)threads->count(host));
  log->log(host, HISTOKT_LOG_WARNING, text);
}

#ifdef COMPARING
static histokt_status compare(const histokt_host* host, size_t source, const histokt_merge* merge) {
  const histokt_activations_service* service = host->get_service(host, HISTOKT_ACTIVATIONS_SERVICE);
  const histokt_tensor* all = NULL;
  size_t count = 0, compared = 0;
  histokt_status status = service->input_gram(host, source, 3, &all, &count);
  for (size_t i = 0; status == HISTOKT_OK && i < merge->output_count; ++i) {
    const char* name = at(merge->outputs, i, merge->output_size)->name;
    const histokt_tensor* alone = NULL;
    const histokt_tensor* same = named(all, count, service->tensor_size, name);
    status = service->input_gram_of(host, source, 3, name, &alone);
    if (status != HISTOKT_OK || (!alone && !same)) continue;
    if (!alone || !same || alone->shape[0] != same->shape[0] ||
        memcmp(alone->data, same->data, sizeof(float) * (size_t)(same->shape[0] * same->shape[1])) != 0) {
      host->set_error(host, name);
      return HISTOKT_FAILED;
    }
    ++compared;
  }
  if (status == HISTOKT_OK && compared != 21) {
    host->set_error(host, "not all of the 21 weights were compared");
    return HISTOKT_FAILED;
  }
  return status;
}
#endif

static histokt_status merge(histokt_distiller* distiller, const histokt_merge* merge) {
  const histokt_host* host = distiller->host;
  const histokt_gradients_service* service = host->get_service(host, HISTOKT_GRADIENTS_SERVICE);
  const histokt_tensor* fisher = NULL;
  size_t count = 0, source = 0;
  histokt_status status = HISTOKT_OK;
#ifdef REACHING
  source = merge->source_count;
#endif
#ifdef COMPARING
  status = compare(host, merge->source_count - 1, merge);
#endif
  if (status == HISTOKT_OK) status = service->squared(host, source, 2, &fisher, &count);
  if (status != HISTOKT_OK) return status; /* the reason is set */
  tell_threads(host);
  for (size_t i = 0; i < merge->output_count; ++i) {
    const histokt_tensor* output = at(merge->outputs, i, merge->output_size);
    const histokt_source* first = &merge->sources[0];
    const histokt_tensor* from = named(fisher, count, service->tensor_size, output->name);
    if (!from) from = named(first->tensors, first->tensor_count, first->tensor_size, output->name);
    size_t size = sizeof(float);
    for (int32_t axis = 0; axis < output->rank; ++axis) size *= (size_t)output->shape[axis];
    memcpy(output->data, from->data, size);
  }
  return HISTOKT_OK;
}

static const histokt_distiller_api api = {sizeof api, 0, create, destroy, merge, NULL};

HISTOKT_NOTE("distiller", NAME, "1.0.0", "");
HISTOKT_EXPORT const histokt_descriptor histokt_plugin = {HISTOKT_MAGIC,
                                                          sizeof histokt_plugin,
                                                          HISTOKT_ABI_MAJOR,
                                                          HISTOKT_ABI_MINOR,
                                                          HISTOKT_DISTILLER,
                                                          FLAGS,
                                                          sizeof(histokt_option),
                                                          NAME,
                                                          "1.0.0",
                                                          "Asks for Fisher information",
                                                          "MIT",
                                                          "",
                                                          "",
                                                          NULL,
                                                          0,
                                                          &api,
                                                          NULL};
