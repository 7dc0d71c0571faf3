// SPDX-License-Identifier: MIT
/*
 * The boundary between histokt-host and its plugins, in plain C (C11 and C++).
 *
 * A plugin is one shared library, histokt-KIND-NAME.so, that exports one symbol: the constant
 * `histokt_plugin`. The host reads the library's ELF note first (see HISTOKT_NOTE), then opens it and
 * checks the descriptor before it calls any function of the plugin.
 *
 * Authors in C++ include <histokt/dataset.hpp>, <histokt/distiller.hpp>, <histokt/model.hpp> or
 * <histokt/optimizer.hpp> instead, which wrap this header.
 *
 * Rules of the boundary
 *  - Each struct begins with its size in bytes as the writer knew it. A reader looks only at members that
 *    lie within that size. Structs only grow at the end; nothing is reordered or removed. Later features
 *    come as named, revisioned extensions ("histokt.dataset.masks/1") or host services ("histokt.log/1").
 *  - An array of structs travels with the size of one element, for the same reason.
 *  - Strings are UTF-8 (paths: bytes as the file system has them), end with a zero byte, belong to whoever
 *    made them, and live as long as the comment says.
 *  - A function that can fail returns a status. Before it returns anything but HISTOKT_OK it gives the
 *    reason through host->set_error, which copies it at once. Failing without a reason is reported as a
 *    fault of the plugin. Output parameters are untouched on failure.
 *  - No C++ exception may leave a function of this boundary. No plugin prints, exits or aborts.
 *  - Each function says which threads may call it: [any thread], or [one thread at a time] for one object.
 *
 * ABI 0 must match exactly. From 1.0 on a plugin loads in every host of its major version that is not older
 * than the LOWEST minor version the plugin says it needs.
 */
#ifndef HISTOKT_PLUGIN_H
#define HISTOKT_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HISTOKT_ABI_MAJOR 0
#define HISTOKT_ABI_MINOR 1

/* "HISTOKT" and a zero byte, read as a little-endian number. */
#define HISTOKT_MAGIC UINT64_C(0x00544B4F54534948)

#if defined(__GNUC__)
#define HISTOKT_EXPORT __attribute__((visibility("default")))
#else
#define HISTOKT_EXPORT
#endif

typedef int32_t histokt_status;
enum {
  HISTOKT_OK = 0,
  HISTOKT_FAILED = 1,      /* data or work is bad: the reason names file, row and remedy */
  HISTOKT_BAD_REQUEST = 2, /* the user's settings cannot be met: root, options */
  HISTOKT_INTERRUPTED = 3  /* the host asked to stop (progress service); needs no reason */
};

typedef int32_t histokt_kind;
enum { HISTOKT_DATASET = 1, HISTOKT_MODEL = 2, HISTOKT_OPTIMIZER = 3, HISTOKT_DISTILLER = 4 };

/* ------------------------------------------------------------------------------------------------------
 * Options: declared once, as data. The host checks what the user wrote against them, fills in defaults,
 * prints help and records the resolved values.
 */
typedef int32_t histokt_option_type;
enum {
  HISTOKT_BOOLEAN = 1,
  HISTOKT_INTEGER = 2, /* 64 bits */
  HISTOKT_NUMBER = 3,  /* double; an integer is accepted too */
  HISTOKT_STRING = 4,
  HISTOKT_PATH = 5, /* handed over absolute; relative ones are relative to the experiment's file */
  HISTOKT_LIST = 16 /* added to one of the above: a list of it */
};

typedef struct histokt_option {
  const char* key;            /* snake_case, unique within the plugin */
  histokt_option_type type;   /* HISTOKT_STRING, HISTOKT_STRING + HISTOKT_LIST, ... */
  int32_t reserved;           /* 0 */
  const char* default_text;   /* as written in TOML: "0.9", "true", "\"first\"", "[1, 2]"; NULL: required */
  double minimum, maximum;    /* for numbers, both inclusive; both 0: no limit */
  const char* const* choices; /* for strings: ends with NULL; NULL: anything */
  const char* help;           /* one sentence */
} histokt_option;

/* One resolved option. Which member holds the value follows from the type. */
typedef struct histokt_value {
  const char* key;
  histokt_option_type type;
  int32_t reserved;
  int64_t integer;                   /* booleans (0, 1) and integers */
  double number;                     /* numbers; integers too, converted */
  const char* text;                  /* strings and paths */
  const struct histokt_value* items; /* lists: count items of the plain type, with the key NULL */
  size_t count;
} histokt_value;

/* All options of the plugin, each exactly once, in the order of the declaration. Valid only during the
 * call they are handed to. */
typedef struct histokt_settings {
  uint32_t struct_size, value_size;
  const histokt_value* values;
  size_t count;
} histokt_settings;

/* ------------------------------------------------------------------------------------------------------
 * The host, as a plugin sees it. Valid from the creation of an object until its destruction.
 */
typedef struct histokt_host {
  uint32_t struct_size, abi_minor;
  void* context;
  /* [any thread] Says why the call now running on this thread is about to fail. Copied at once. */
  void (*set_error)(const struct histokt_host* host, const char* reason);
  /* [any thread] A service by name and revision, or NULL if this host does not have it. */
  const void* (*get_service)(const struct histokt_host* host, const char* id);
} histokt_host;

/* Logging. */
#define HISTOKT_LOG_SERVICE "histokt.log/1"
enum { HISTOKT_LOG_DEBUG = 1, HISTOKT_LOG_INFO = 2, HISTOKT_LOG_WARNING = 3 };
typedef struct histokt_log_service {
  uint32_t struct_size;
  /* [any thread] One line, without a line end. */
  void (*log)(const histokt_host* host, int32_t level, const char* text);
} histokt_log_service;

/* Progress of long work, and requests to stop. */
#define HISTOKT_PROGRESS_SERVICE "histokt.progress/1"
typedef struct histokt_progress_service {
  uint32_t struct_size;
  /* [any thread] Returns 0 to continue; anything else: stop soon and return HISTOKT_INTERRUPTED. */
  int32_t (*report)(const histokt_host* host, const char* what, uint64_t done, uint64_t total);
} histokt_progress_service;

/* A scratch directory for what a plugin must unpack or make. It outlives the run, is shared by runs, and may
 * be emptied by the user at any time between runs. */
#define HISTOKT_SCRATCH_SERVICE "histokt.scratch/1"
typedef struct histokt_scratch_service {
  uint32_t struct_size;
  /* [any thread] Absolute path, made if needed, valid as long as the host; NULL: it cannot be made, and the
   * reason is already set. */
  const char* (*folder)(const histokt_host* host);
} histokt_scratch_service;

/* How many threads a distiller may use. */
#define HISTOKT_THREADS_SERVICE "histokt.threads/1"
typedef struct histokt_threads_service {
  uint32_t struct_size;
  uint32_t reserved;
  /* [any thread] At least 1. OpenBLAS, if the host has it, is already set to that number. */
  uint32_t (*count)(const histokt_host* host);
} histokt_threads_service;

/* ------------------------------------------------------------------------------------------------------
 * Datasets
 */
typedef int32_t histokt_group_level;
enum {
  HISTOKT_GROUP_PICTURE = 1, /* no level above the image is known */
  HISTOKT_GROUP_SLIDE = 2,
  HISTOKT_GROUP_PATIENT = 3
};

typedef int32_t histokt_split;
enum {
  HISTOKT_SPLIT_NONE = -1, /* no official split; under the paper's protocol: cut from the pool by shares */
  HISTOKT_SPLIT_TRAIN = 0,
  HISTOKT_SPLIT_VALID = 1,
  HISTOKT_SPLIT_TEST = 2,
  HISTOKT_SPLIT_LEFT_OUT = 3 /* in no split */
};

enum {
  HISTOKT_DATASET_MULTI_LABEL = 1u,
  /* Images are patches already: no rescaling, cropping or background filter (ADP). */
  HISTOKT_DATASET_AS_IS = 2u,
  /* Labels come as shares of each class in the patch's mask ("histokt.dataset.masks/1"). */
  HISTOKT_DATASET_LABELS_FROM_MASKS = 4u
};

/* What a dataset is, once its root and options are known. Strings live until the dataset is destroyed. */
typedef struct histokt_dataset_info {
  uint32_t struct_size;
  uint32_t flags; /* HISTOKT_DATASET_... */
  const char* const* classes;
  size_t class_count;
  double microns_per_pixel; /* of the images as they are on disk; > 0 */
  histokt_group_level group_level;
  int32_t reserved;
  uint64_t sample_count;
  /* The published protocol: the pool (paper_split NONE) is shuffled and cut at these shares; then at most
   * paper_per_class patches of each class are taken into each split (0: no limit). */
  double paper_shares[3]; /* train, valid, test */
  uint64_t paper_per_class[3];
  /* Overlap of neighbouring patches as a share of their side, as published for this dataset; negative: the
   * host's default. */
  double overlap;
} histokt_dataset_info;

/* One image. Strings and labels live until the dataset is destroyed. */
typedef struct histokt_sample {
  uint32_t struct_size;
  histokt_split official_split; /* as the dataset's makers publish it */
  histokt_split paper_split;    /* as the paper's code used it */
  int32_t label;                /* class index; -1 if the dataset is multi-label */
  const char* id;               /* unique and the same on every machine: the path below the root, say */
  const char* group;            /* what no split may divide: patient, slide or image; never empty */
  const uint8_t* labels;        /* multi-label: class_count bytes of 0 or 1; otherwise NULL */
} histokt_sample;

/* Takes one image from the plugin. Owned by the host, valid during the call to read. Exactly one of the three
 * ways is used, once. */
typedef struct histokt_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  /* The image is a file; the host opens and decodes it. */
  histokt_status (*put_file)(const struct histokt_sink* sink, const char* path);
  /* The image is encoded (PNG, TIFF, JPEG ...) in memory; copied or decoded before the call returns. */
  histokt_status (*put_encoded)(const struct histokt_sink* sink, const void* bytes, size_t size);
  /* The image is decoded: the host provides height x width x channels bytes (RGB interleaved for 3 channels,
   * grey for 1) for the plugin to fill before read returns. NULL: too large; reason set. */
  uint8_t* (*allocate)(const struct histokt_sink* sink, uint32_t height, uint32_t width, uint32_t channels);
} histokt_sink;

typedef struct histokt_dataset histokt_dataset; /* the plugin's own */
typedef struct histokt_reader histokt_reader;   /* the plugin's own */

typedef struct histokt_dataset_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* [one thread at a time] Opens and lists. root is absolute; it is "" if the user gave none, which only
   * happens with HISTOKT_PLUGIN_ROOT_OPTIONAL. The listing is the same for the same root and settings. */
  histokt_status (*create)(const histokt_host* host, const char* root, const histokt_settings* settings,
                           histokt_dataset** dataset);
  void (*destroy)(histokt_dataset* dataset);
  /* [any thread] Fills in members that lie within info->struct_size, which the caller sets. */
  histokt_status (*get_info)(const histokt_dataset* dataset, histokt_dataset_info* info);
  /* [any thread] index < sample_count, or HISTOKT_FAILED. Fills in as get_info does. */
  histokt_status (*get_sample)(const histokt_dataset* dataset, uint64_t index, histokt_sample* sample);
  /* [any thread] A reader belongs to one thread at a time; several may be open at once. */
  histokt_status (*open_reader)(const histokt_dataset* dataset, histokt_reader** reader);
  void (*close_reader)(histokt_reader* reader);
  /* [one thread at a time, per reader] Hands image `index` to the sink. The same index gives the same pixels,
   * whatever was read before. */
  histokt_status (*read)(histokt_reader* reader, uint64_t index, const histokt_sink* sink);
  /* [any thread] An extension by name and revision, or NULL. Lives as long as the plugin. May be NULL. */
  const void* (*get_extension)(const char* id);
} histokt_dataset_api;

/* Class masks: a grey image of the same size as the image, whose values are codes. */
#define HISTOKT_DATASET_MASKS "histokt.dataset.masks/1"
typedef struct histokt_mask_code {
  int32_t code;
  int32_t class_index; /* >= 0: that class; -1: another tissue, counts in the denominator;
                          -2: outside the region of interest, does not count */
} histokt_mask_code;
typedef struct histokt_dataset_masks {
  uint32_t struct_size;
  uint32_t reserved;
  /* [any thread] The codes, valid until the dataset is destroyed. A code that is not listed is an error. */
  histokt_status (*get_codes)(const histokt_dataset* dataset, const histokt_mask_code** codes, size_t* count);
  /* [any thread] How shares become labels: label = share > label_threshold; a patch whose classes cover less
   * than min_coverage of the counted pixels is dropped. */
  histokt_status (*get_thresholds)(const histokt_dataset* dataset, double* label_threshold,
                                   double* min_coverage);
  /* [one thread at a time, per reader] As read, for the mask; allocate takes channels 1 (8 bits). */
  histokt_status (*read_mask)(histokt_reader* reader, uint64_t index, const histokt_sink* sink);
} histokt_dataset_masks;

/* The dataset card: what `plugins describe` prints. Pairs of heading and text, ends with {NULL, NULL}. */
#define HISTOKT_CARD "histokt.card/1"
typedef struct histokt_card_line {
  const char* heading; /* "Tissue", "Scanner", "Download", "Layout" ... */
  const char* text;    /* may have several lines */
} histokt_card_line;
typedef struct histokt_card {
  uint32_t struct_size;
  uint32_t reserved;
  const histokt_card_line* lines;
} histokt_card;

/* ------------------------------------------------------------------------------------------------------
 * Distillers: several networks of one architecture in, one out.
 */
typedef int32_t histokt_dtype;
enum { HISTOKT_FLOAT32 = 1, HISTOKT_FLOAT64 = 2, HISTOKT_INT64 = 3 };

typedef int32_t histokt_role;
enum {
  HISTOKT_ROLE_OTHER = 0,
  HISTOKT_ROLE_CONVOLUTION = 1,    /* (n_o, n_i, kh, kw) */
  HISTOKT_ROLE_NORM = 2,           /* weight and bias of a normalisation */
  HISTOKT_ROLE_NORM_STATISTIC = 3, /* running mean and variance */
  HISTOKT_ROLE_LINEAR = 4,         /* weight or bias within the encoder */
  HISTOKT_ROLE_HEAD = 5            /* weight or bias of the classifier; replaced by tuning */
};

/* A tensor, rows first and contiguous. */
typedef struct histokt_tensor {
  uint32_t struct_size;
  histokt_dtype dtype;
  const char* name; /* as in the state dict: "layer1.0.conv1.weight" */
  histokt_role role;
  int32_t rank;
  const int64_t* shape;
  /* For each axis the name of the channels that run along it, "" if not applicable. Axes with one name are
   * tied: a permutation of one must be applied to all. NULL if the model does not declare channels. */
  const char* const* channels;
  void* data; /* host-owned; inputs must not be written to */
} histokt_tensor;

typedef struct histokt_pair {
  const char* key;
  const char* value;
} histokt_pair;

/* One source network. */
typedef struct histokt_source {
  uint32_t struct_size;
  uint32_t tensor_size;
  const char* name;              /* for messages: the dataset's name, or the file's */
  const histokt_tensor* tensors; /* the same names, in the same order, in each source */
  size_t tensor_count;
  const histokt_pair* provenance; /* metadata of the checkpoint: dataset, recipe, accuracy ... */
  size_t provenance_count;
} histokt_source;

typedef struct histokt_merge {
  uint32_t struct_size;
  uint32_t source_size;
  const histokt_source* sources; /* in the order the user wrote them */
  size_t source_count;           /* >= 1 */
  /* What the sources were tuned from: for distillers with HISTOKT_PLUGIN_NEEDS_BASE; NULL for others. */
  const histokt_source* base;
  /* Where the result goes: floating-point tensors, named and shaped as in the sources, every entry NaN at
   * first. Every entry must be written, otherwise it is a fault of the plugin. Heads are included only if all
   * sources have them in one shape. Integer counters do not cross the boundary; the host takes the first
   * source's. */
  const histokt_tensor* outputs;
  size_t output_count;
  uint32_t output_size;
  uint32_t reserved;
} histokt_merge;

typedef struct histokt_distiller histokt_distiller; /* the plugin's own */

typedef struct histokt_distiller_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* [one thread at a time] */
  histokt_status (*create)(const histokt_host* host, const histokt_settings* settings,
                           histokt_distiller** distiller);
  void (*destroy)(histokt_distiller* distiller);
  /* [one thread at a time] Everything in `merge` is valid during the call. */
  histokt_status (*merge)(histokt_distiller* distiller, const histokt_merge* merge);
  const void* (*get_extension)(const char* id); /* as for datasets; may be NULL */
} histokt_distiller_api;

/* Whether another order of the same sources gives another network. Without this extension the host assumes
 * so, and an experiment over all orders runs them all; if order does not matter, one order stands for the
 * others. */
#define HISTOKT_DISTILLER_ORDER "histokt.distiller.order/1"
typedef struct histokt_distiller_order {
  uint32_t struct_size;
  uint32_t reserved;
  /* [one thread at a time] For the distiller with its settings: 0 if order does not matter, up to the last
   * bits of sums. Asked when an experiment is planned, before any merge. */
  int32_t (*order_matters)(const histokt_distiller* distiller);
} histokt_distiller_order;

/* Whether a number of sources can be merged. Without this extension the host assumes that any number can, and
 * merge refuses those that cannot. */
#define HISTOKT_DISTILLER_SOURCES "histokt.distiller.sources/1"
typedef struct histokt_distiller_sources {
  uint32_t struct_size;
  uint32_t reserved;
  /* [one thread at a time] For the distiller with its settings: HISTOKT_BAD_REQUEST if they do not fit
   * `count` sources, such as a list of weights of another length. Asked before any merge, and when an
   * experiment is planned. */
  histokt_status (*check_sources)(const histokt_distiller* distiller, size_t count);
} histokt_distiller_sources;

/* Host services for distillers that learn from patches, available during merge only. Such a distiller sets
 * HISTOKT_PLUGIN_NEEDS_DATA in its descriptor, so that the host knows before it runs: the patches then count
 * in the step's identity, and the command line requires them (--data). A distiller that does not set it is
 * refused here.
 *
 * Each source is evaluated on its own training patches, never on those of validation or test: `samples` of
 * them, drawn by the host in an order that depends only on its seed, or all if there are fewer or samples is
 * 0. They are normalised like that network's training patches and not augmented; norms use their running
 * statistics; everything is float32. [one thread at a time]
 *
 * On failure the reason is already set: the plugin returns the status unchanged. */
#define HISTOKT_GRADIENTS_SERVICE "histokt.distill.gradients/1"
typedef struct histokt_gradients_service {
  uint32_t struct_size;
  uint32_t tensor_size; /* of one of the tensors below */
  /* The diagonal of the Fisher information of source `source`: for each parameter t, as a tensor of its name
   * and shape, the mean over patches x of
   *     E_y [ (d log p(y | x) / dt)^2 ],  y drawn from the network's own prediction p(. | x),
   * the expectation taken over all classes exactly (Matena and Raffel 2022). With several labels per patch
   * each is drawn independently. The patches' own labels are not used. It requires the source's own head and
   * takes as many backward passes per patch as there are classes. The tensors belong to the host and live
   * until merge returns. */
  histokt_status (*squared)(const histokt_host* host, size_t source, uint64_t samples,
                            const histokt_tensor** tensors, size_t* count);
} histokt_gradients_service;

#define HISTOKT_ACTIVATIONS_SERVICE "histokt.distill.activations/1"
typedef struct histokt_activations_service {
  uint32_t struct_size;
  uint32_t tensor_size; /* of one of the tensors below */
  /* For each convolution and linear weight (n_o, k...) of source `source` the Gram matrix (k, k) of its
   * unfolded inputs, averaged over `samples` training patches; named as the weight. An input vector u is the
   * input of one filter at one position, with entries in the weight's order, and the matrix is the sum of
   * u u^T over all positions of a patch (one for a linear layer), averaged over patches. There is no matrix
   * for grouped or transposed convolutions, for a weight that the network multiplies in another way, or for
   * one whose matrices would take more than 2 GiB in all sources together. The tensors belong to the host and
   * live until merge returns; together they take four bytes times the sum of all k^2 (369 MB for resnet18):
   * input_gram_of needs less. */
  histokt_status (*input_gram)(const histokt_host* host, size_t source, uint64_t samples,
                               const histokt_tensor** tensors, size_t* count);
  /* The same for the one weight of that name: *gram is NULL if it has none. The tensor lives until the next
   * such call for this source. Ask in the order of the source's tensors: the host passes over the patches
   * once for as many neighbouring weights as fit in 512 MiB, all sources together. */
  histokt_status (*input_gram_of)(const histokt_host* host, size_t source, uint64_t samples,
                                  const char* weight, const histokt_tensor** gram);
} histokt_activations_service;

/* The control that merges by this distiller are compared with: the same distiller with some options set so
 * that the idea of the method is left out and everything else stays the same. Experiments run it beside each
 * merge, with the user's other options. Without this extension a distiller has no control. Name the extension
 * in the note as well (HISTOKT_NOTE_WITH): experiments whose distillers have no control take that of the
 * first installed distiller whose note names it, and read only notes to find it. */
#define HISTOKT_DISTILLER_CONTROL "histokt.distiller.control/1"
typedef struct histokt_distiller_control {
  uint32_t struct_size;
  uint32_t reserved;
  const char* name;    /* for tables and sentences: "random directions" */
  const char* summary; /* one sentence, which notes of tables print */
  const histokt_pair*
      options; /* at least one: {key, value as written in TOML}, {"directions", "\"random\""} */
  size_t option_count;
} histokt_distiller_control;

/* ------------------------------------------------------------------------------------------------------
 * The descriptor and the note
 */
enum {
  /* A dataset that needs no root: it makes its own images. */
  HISTOKT_PLUGIN_ROOT_OPTIONAL = 1u,
  /* A distiller that asks for data: HISTOKT_GRADIENTS_SERVICE, HISTOKT_ACTIVATIONS_SERVICE. */
  HISTOKT_PLUGIN_NEEDS_DATA = 2u,
  /* A distiller that needs what the sources were tuned from: it is never run without a base, and no other
   * distiller is given one. */
  HISTOKT_PLUGIN_NEEDS_BASE = 4u
};

typedef struct histokt_descriptor {
  uint64_t magic; /* HISTOKT_MAGIC */
  uint32_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor_needed; /* the LOWEST minor version this plugin works with */
  histokt_kind kind;
  uint32_t flags;       /* HISTOKT_PLUGIN_... */
  uint32_t option_size; /* sizeof(histokt_option) */
  const char* name;     /* lower case, digits and '-': also in the file's name */
  const char* version;  /* "1.2.0": raised whenever results may change */
  const char* summary;  /* one sentence */
  const char* licence;  /* SPDX expression, "" if none */
  const char* citation; /* "" if none */
  /* What the binary was built against, which must equal the host's for models and optimizers: see
   * <histokt/fingerprint.h>. "" for datasets and distillers. */
  const char* fingerprint;
  const histokt_option* options;
  size_t option_count;
  const void* api; /* histokt_dataset_api, histokt_distiller_api, or the C++ structs of model and optimizer */
  const void* (*get_extension)(const char* id); /* histokt.card/1; may be NULL */
} histokt_descriptor;

/* The one exported symbol. */
#define HISTOKT_SYMBOL "histokt_plugin"

/* The ELF note ".note.histokt" says the same as the descriptor, readable without running the plugin's code:
 * owner "HistoKT", type 1, text lines key=value. HISTOKT_NOTE("dataset", "crc", "1.0.0", "") defines it;
 * use it once, at file scope, in the file that defines histokt_plugin. All four are string literals. */
#define HISTOKT_NOTE_SECTION ".note.histokt"
#define HISTOKT_NOTE_OWNER "HistoKT"
#define HISTOKT_NOTE_TYPE 1
#define HISTOKT_STRINGIFY_(x) #x
#define HISTOKT_STRINGIFY(x) HISTOKT_STRINGIFY_(x)
#define HISTOKT_NOTE_TEXT(kind, name, version, fingerprint)                    \
  "kind=" kind "\nname=" name "\nversion=" version "\nabi=" HISTOKT_STRINGIFY( \
      HISTOKT_ABI_MAJOR) "." HISTOKT_STRINGIFY(HISTOKT_ABI_MINOR) "\nfingerprint=" fingerprint "\n"
#define HISTOKT_NOTE(kind, name, version, fingerprint)                                                       \
  __attribute__((used, section(HISTOKT_NOTE_SECTION), aligned(4))) static const struct {                     \
    uint32_t owner_size, text_size, type;                                                                    \
    char owner[sizeof(HISTOKT_NOTE_OWNER)];                                                                  \
    char text[sizeof(HISTOKT_NOTE_TEXT(kind, name, version, fingerprint))];                                  \
  } histokt_note = {sizeof(HISTOKT_NOTE_OWNER), sizeof(HISTOKT_NOTE_TEXT(kind, name, version, fingerprint)), \
                    HISTOKT_NOTE_TYPE, HISTOKT_NOTE_OWNER,                                                   \
                    HISTOKT_NOTE_TEXT(kind, name, version, fingerprint)}

/* The same for a plugin with extensions that the host looks for before it opens a plugin, by name and
 * separated by blanks: HISTOKT_NOTE_WITH("distiller", "svd", "1.0.0", "", HISTOKT_DISTILLER_CONTROL). */
#define HISTOKT_NOTE_WITH(kind, name, version, fingerprint, extensions) \
  HISTOKT_NOTE(kind, name, version, fingerprint "\nextensions=" extensions)

#ifdef __cplusplus
}
#endif

#endif /* HISTOKT_PLUGIN_H */
