// SPDX-License-Identifier: MIT
/* A laboratory's own dataset in plain C: one table, one folder of images.
 *
 *   ROOT/labels.csv     name,patient,diagnosis    (the first line is the heading)
 *   ROOT/images/...
 */
#include <histokt/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kMost = 10000 };
static const char* const kClasses[] = {"benign", "malignant"};

struct histokt_dataset {
  const histokt_host* host;
  double microns_per_pixel;
  char root[4096];
  size_t count;
  struct {
    char id[256], group[64], diagnosis[64];
  } samples[kMost];
};

/* Every failure says where and why. */
static histokt_status fail(const histokt_host* host, histokt_status status, const char* where,
                           const char* why) {
  char reason[8192];
  snprintf(reason, sizeof reason, "%s: %s", where, why);
  host->set_error(host, reason);
  return status;
}

static int label_of(const char* diagnosis) {
  return strcmp(diagnosis, kClasses[1]) == 0;
}

static histokt_status list(histokt_dataset* self, FILE* table) {
  char line[512], name[200];
  if (!fgets(line, sizeof line, table))
    return fail(self->host, HISTOKT_FAILED, "labels.csv", "it has no heading");
  while (self->count < kMost && fgets(line, sizeof line, table)) {
    char *group = self->samples[self->count].group, *diagnosis = self->samples[self->count].diagnosis;
    if (sscanf(line, "%199[^,],%63[^,],%63[^,\r\n]", name, group, diagnosis) != 3) {
      return fail(self->host, HISTOKT_FAILED, line, "this row is not name,patient,diagnosis");
    }
    if (strcmp(diagnosis, kClasses[label_of(diagnosis)]) != 0) {
      return fail(self->host, HISTOKT_FAILED, line, "the diagnosis is neither benign nor malignant");
    }
    snprintf(self->samples[self->count++].id, 256, "images/%s", name);
  }
  return HISTOKT_OK;
}

static histokt_status create(const histokt_host* host, const char* root, const histokt_settings* settings,
                             histokt_dataset** out) {
  char path[4200];
  snprintf(path, sizeof path, "%s/labels.csv", root);
  FILE* table = fopen(path, "r");
  if (!table) return fail(host, HISTOKT_BAD_REQUEST, path, "there is no such table below the root");
  histokt_dataset* self = calloc(1, sizeof *self);
  histokt_status status = HISTOKT_FAILED;
  if (self) {
    self->host = host;
    self->microns_per_pixel = settings->values[0].number; /* in the order of the declaration */
    snprintf(self->root, sizeof self->root, "%s", root);
    status = list(self, table);
  } else {
    fail(host, status, path, "there is no memory for the listing");
  }
  fclose(table);
  if (status == HISTOKT_OK) *out = self;
  if (status != HISTOKT_OK) free(self);
  return status;
}

static void destroy(histokt_dataset* self) {
  free(self);
}

static histokt_status get_info(const histokt_dataset* self, histokt_dataset_info* info) {
  info->classes = kClasses;
  info->class_count = 2;
  info->microns_per_pixel = self->microns_per_pixel;
  info->group_level = HISTOKT_GROUP_PATIENT;
  info->sample_count = self->count;
  info->paper_shares[0] = 0.8;
  info->paper_shares[1] = info->paper_shares[2] = 0.1;
  info->overlap = -1; /* the host's default */
  return HISTOKT_OK;
}

static histokt_status get_sample(const histokt_dataset* self, uint64_t index, histokt_sample* sample) {
  if (index >= self->count)
    return fail(self->host, HISTOKT_FAILED, self->root, "there is no image of that index");
  sample->official_split = sample->paper_split = HISTOKT_SPLIT_NONE;
  sample->label = label_of(self->samples[index].diagnosis);
  sample->id = self->samples[index].id;
  sample->group = self->samples[index].group;
  return HISTOKT_OK;
}

/* A reader keeps nothing between two images, so the dataset itself serves as one. */
static histokt_status open_reader(const histokt_dataset* self, histokt_reader** reader) {
  *reader = (histokt_reader*)self;
  return HISTOKT_OK;
}
static void close_reader(histokt_reader* reader) {
  (void)reader;
}

static histokt_status read_image(histokt_reader* reader, uint64_t index, const histokt_sink* sink) {
  const histokt_dataset* self = (const histokt_dataset*)reader;
  char path[4400];
  if (index >= self->count)
    return fail(self->host, HISTOKT_FAILED, self->root, "there is no image of that index");
  snprintf(path, sizeof path, "%s/%s", self->root, self->samples[index].id);
  return sink->put_file(sink, path); /* the host opens and decodes it */
}

static const histokt_dataset_api kApi = {sizeof kApi, 0,           create,       destroy,    get_info,
                                         get_sample,  open_reader, close_reader, read_image, NULL};
static const histokt_option kOptions[] = {
    {"microns_per_pixel", HISTOKT_NUMBER, 0, "0.5", 0.01, 100, NULL, "Scale of the images on disk."}};

HISTOKT_NOTE("dataset", "our-slides", "1.0.0", "");
HISTOKT_EXPORT const histokt_descriptor histokt_plugin = {HISTOKT_MAGIC,
                                                          sizeof histokt_plugin,
                                                          HISTOKT_ABI_MAJOR,
                                                          HISTOKT_ABI_MINOR,
                                                          HISTOKT_DATASET,
                                                          0,
                                                          sizeof(histokt_option),
                                                          "our-slides",
                                                          "1.0.0",
                                                          "Slides of our laboratory",
                                                          "MIT",
                                                          /* citation */ "",
                                                          /* fingerprint */ "",
                                                          kOptions,
                                                          1,
                                                          &kApi,
                                                          NULL};
