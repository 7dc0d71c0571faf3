/* A distiller in plain C whose result is the first source's Fisher information where it has some, and its
 * entries elsewhere. Built twice: as "asking", which says that it needs data, and as "sly", which does not.
 */
#include <histokt/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef SLY
#define NAME "sly"
#define FLAGS 0
#else
#define NAME "asking"
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

static histokt_status merge(histokt_distiller* distiller, const histokt_merge* merge) {
  const histokt_host* host = distiller->host;
  const histokt_gradients_service* service = host->get_service(host, HISTOKT_GRADIENTS_SERVICE);
  const histokt_tensor* fisher = NULL;
  size_t count = 0;
  const histokt_status status = service->squared(host, 0, 2, &fisher, &count);
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
