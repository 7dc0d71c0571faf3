// SPDX-License-Identifier: MIT
#include "tissue.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "ground.hpp"

namespace histokt::synthetic {
namespace {

constexpr float kTurn = 2 * std::numbers::pi_v<float>;

const NucleusKind kLymphocyte = {1.35f, 0.30f, 1.1f, 0.10f, 0.03f, 0};
const NucleusKind kFibroblast = {1.15f, 0.20f, 1.3f, 0.15f, 0.05f, 0};
const NucleusKind kEpithelium = {1.00f, 0.26f, 1.2f, 0.30f, 0.03f, 0.1f};
const NucleusKind kMalignant = {0.88f, 0.42f, 1.5f, 0.55f, 0.07f, 0.6f};
const NucleusKind kMitosis = {1.90f, 0.15f, 0.9f, 0.00f, 0.16f, 0};

// One piece of tissue while it is being drawn.
struct Sketch {
  Canvas& canvas;
  const PatientTraits& patient;
  std::uint64_t key;

  std::uint64_t named(std::string_view part) const { return key_of({key, word_of(part)}); }
  // A spacing of cells, closer in cellular tissue.
  float spacing(float micrometres) const { return micrometres / std::sqrt(patient.cellularity); }

  void lymphocyte(Point at, Draw& draw) const {
    const float radius = patient.nucleus_size * draw.uniform(2.6f, 3.5f);
    add_nucleus(canvas, at, radius, radius * draw.uniform(0.82f, 1), draw.angle(), kLymphocyte, draw);
  }

  // Spindle cells among fibres, and a few lymphocytes on the way.
  void fibroblasts(const Fibres& fibres, float apart, float lymphocytes, auto&& wanted) const {
    scatter(canvas, spacing(apart), 1, 8, named("fibroblasts"), [&](Point at, Draw draw) {
      if (!draw.chance(0.7f) || !wanted(at)) return;
      if (draw.chance(lymphocytes)) return lymphocyte(at, draw);
      const float length = patient.nucleus_size * draw.uniform(4.2f, 8.5f);
      const float angle = fibres.direction(at) + 0.12f * draw.bell();
      add_nucleus(canvas, at, length, patient.nucleus_size * draw.uniform(1.1f, 2.0f), angle, kFibroblast,
                  draw);
    });
  }
};

constexpr auto kEverywhere = [](Point) { return true; };

void draw_stroma(const Sketch& sketch) {
  Draw draw(sketch.named("stroma"));
  const Fibres fibres(sketch.key,
                      std::clamp(sketch.patient.collagen + draw.uniform(-0.4f, 0.4f), 0.0f, 1.0f));
  sketch.canvas.cover([&](Point place) { return fibres.dye(place); });
  sketch.fibroblasts(fibres, draw.uniform(9.5f, 24), draw.chance(0.35f) ? draw.uniform(0.3f, 0.6f) : 0.05f,
                     kEverywhere);
}

void draw_adipose(const Sketch& sketch) {
  Draw draw(sketch.named("adipose"));
  const Fat fat(sketch.key, draw.uniform(42, 62), draw.uniform(1.0f, 1.9f));
  // Half of the images have a band of connective tissue, to one side of the middle.
  const Fibres fibres(sketch.named("band"), 0.8f);
  const bool has_band = draw.chance(0.5f);
  const float offset = draw.uniform(0.3f, 0.6f) * sketch.canvas.extent(), half = draw.uniform(6, 16);
  const float angle = draw.angle(), middle = sketch.canvas.extent() / 2;
  const auto band = [&](Point at) {
    if (!has_band) return 0.0f;
    const float across = (at.x - middle) * std::cos(angle) + (at.y - middle) * std::sin(angle) - offset +
                         18 * (fractal(at.x / 60, at.y / 60, sketch.named("edge"), 3) - 0.5f);
    return 1 - smooth_step(half - 1.5f, half + 1.5f, std::abs(across));
  };
  sketch.canvas.cover([&](Point at) {
    return layered([&] { return fat.dye(at); }, [&] { return fibres.dye(at); }, band(at));
  });
  sketch.fibroblasts(fibres, 13, 0.25f, [&](Point at) { return band(at) > 0.5f; });
  // Flat nuclei pressed against the septa.
  scatter(sketch.canvas, 3.5f, 1, 4, sketch.named("septum nuclei"), [&](Point at, Draw cell) {
    const Fat::Septum septum = fat.septum(at);
    if (septum.distance > 1.2f || !cell.chance(0.10f * sketch.patient.cellularity)) return;
    add_nucleus(sketch.canvas, at, cell.uniform(2.8f, 4.5f), cell.uniform(1.1f, 1.7f), septum.direction,
                kFibroblast, cell);
  });
}

void draw_lymphocytes(const Sketch& sketch) {
  Draw draw(sketch.named("lymphocytes"));
  const Fibres fibres(sketch.named("trabecula"), 0.7f);
  const float share = draw.chance(0.5f) ? draw.uniform(0.60f, 0.72f) : 2.0f;  // above: a strand of collagen
  const auto strand = [&](Point at) {
    return smooth_step(share - 0.03f, share + 0.03f,
                       fractal(at.x / 70, at.y / 70, sketch.named("strand"), 3));
  };
  const std::uint64_t mesh = sketch.named("mesh");
  sketch.canvas.cover([&](Point at) {
    const auto ground = [&]() -> Dye {
      const float web = fractal(at.x / 3.5f, at.y / 3.5f, mesh, 3);
      return {0.12f + 0.14f * web, 0.12f + 0.38f * web};
    };
    return layered(
        ground, [&] { return fibres.dye(at); }, strand(at));
  });
  sketch.fibroblasts(fibres, 15, 0.3f, [&](Point at) { return strand(at) > 0.5f; });
  const float apart = sketch.spacing(draw.uniform(6.9f, 9.2f));
  scatter(sketch.canvas, apart, 0.75f, 5, sketch.named("cells"), [&](Point at, Draw cell) {
    if (strand(at) > 0.4f || cell.chance(0.06f)) return;
    if (!cell.chance(0.05f)) return sketch.lymphocyte(at, cell);
    const float radius = sketch.patient.nucleus_size * cell.uniform(4, 5);  // a blast among the small cells
    add_nucleus(sketch.canvas, at, radius, radius * 0.85f, cell.angle(), kMalignant, cell);
  });
}

// One gland of normal mucosa, cut across: lumen, cells with mucus, nuclei along the rim.
void add_gland(const Sketch& sketch, const Blob& gland, Draw draw) {
  Canvas& canvas = sketch.canvas;
  const std::uint64_t key = draw.bits();
  const float height = draw.uniform(0.60f, 0.72f) * gland.least_radius();  // of the cells
  const float mucus = draw.uniform(0.2f, 0.9f);
  canvas.fill(gland, 1.2f, [&](Point at, float depth, Dye) -> Dye {
    const float grain = fractal(at.x / 2.5f, at.y / 2.5f, key, 2);
    const float bubble = smooth_step(0.50f, 0.62f, noise(at.x / 5.5f, at.y / 5.5f, key + 7)) * mucus *
                         smooth_step(0.25f, 0.5f, depth / height);
    const Dye cytoplasm = {0.20f + 0.12f * grain, 0.34f + 0.16f * grain};
    const float rim = 1 - smooth_step(0.4f, 1.4f, depth);  // basement membrane
    return blend(blend(cytoplasm, {0.16f, 0.08f}, bubble), {0.1f, 0.7f}, 0.7f * rim);
  });
  const Blob lumen = gland.shrunk(std::max(0.12f, 1 - height / gland.least_radius()));
  canvas.fill(lumen, 1.5f, [&](Point at, float, Dye) -> Dye {
    const float secretion = smooth_step(0.55f, 0.75f, noise(at.x / 6, at.y / 6, key + 9));
    return {0.02f + 0.08f * secretion, 0.02f + 0.10f * secretion};
  });
  const float around = kTurn * gland.least_radius();
  const int nuclei = static_cast<int>(around / draw.uniform(4.6f, 5.6f));
  for (int i = 0; i < nuclei; ++i) {
    const float phase =
        kTurn * (static_cast<float>(i) + draw.uniform(-0.25f, 0.25f)) / static_cast<float>(nuclei);
    const Point at = gland.outline(phase, draw.uniform(4.0f, 6.0f));
    const float inwards = std::atan2(gland.center().y - at.y, gland.center().x - at.x);
    const float size = sketch.patient.nucleus_size;
    add_nucleus(canvas, at, size * draw.uniform(3.0f, 4.2f), size * draw.uniform(1.8f, 2.5f),
                inwards + 0.2f * draw.bell(), kEpithelium, Draw(draw.bits()));
  }
}

void draw_glands(const Sketch& sketch) {
  Draw draw(sketch.named("glands"));
  const Fibres fibres(sketch.key, 0.25f);
  sketch.canvas.cover([&](Point at) { return blend({0.03f, 0.1f}, fibres.dye(at), 0.8f); });
  sketch.fibroblasts(fibres, 10.5f, 0.6f, kEverywhere);
  const float apart = draw.uniform(52, 66);
  scatter(sketch.canvas, apart, 0.28f, apart, sketch.named("places"), [&](Point at, Draw gland) {
    const float radius = apart * gland.uniform(0.36f, 0.46f);
    const Blob outline(at, radius * gland.uniform(1, 1.18f), radius * gland.uniform(0.85f, 1), gland.angle(),
                       0.05f, gland.bits());
    add_gland(sketch, outline, gland);
  });
}

// Crowded, uneven cells without order.
void add_malignant_cells(const Sketch& sketch, float apart, float pleomorphism, auto&& wanted) {
  scatter(sketch.canvas, apart, 0.8f, 9, sketch.named("malignant"), [&](Point at, Draw cell) {
    if (!wanted(at) || cell.chance(0.05f)) return;
    const float radius =
        sketch.patient.nucleus_size * std::max(3.2f, 4.9f + pleomorphism * 1.25f * cell.bell());
    if (cell.chance(0.02f)) {
      return add_nucleus(sketch.canvas, at, 4.2f, 1.9f, cell.angle(), kMitosis, cell);
    }
    NucleusKind kind = kMalignant;
    kind.haematoxylin *= 1 + 0.22f * pleomorphism * cell.bell();
    add_nucleus(sketch.canvas, at, radius * cell.uniform(1, 1.3f), radius * cell.uniform(0.75f, 1),
                cell.angle(), kind, cell);
  });
}

void draw_tumour(const Sketch& sketch) {
  Draw draw(sketch.named("tumour"));
  const Fibres fibres(sketch.key, sketch.patient.collagen);
  const float share = draw.uniform(0.24f, 0.42f), grain = draw.uniform(38, 70);
  const std::uint64_t nests = sketch.named("nests"), fine = sketch.named("fine");
  const auto nest = [&](Point at) {
    return smooth_step(share - 0.02f, share + 0.03f, fractal(at.x / grain, at.y / grain, nests, 3));
  };
  const float apart = sketch.spacing(draw.uniform(10.0f, 14.5f));
  sketch.canvas.cover([&](Point at) {
    const auto cytoplasm = [&]() -> Dye {
      const float texture = fractal(at.x / 3, at.y / 3, fine, 3);
      return {0.20f + 0.20f * texture, 0.36f + 0.32f * texture};
    };
    return layered([&] { return fibres.dye(at); }, cytoplasm, nest(at));
  });
  sketch.fibroblasts(fibres, 12, 0.3f, [&](Point at) { return nest(at) < 0.3f; });
  // Some tumours still try to make lumens.
  std::vector<Blob> lumens;
  if (draw.chance(0.4f)) {
    scatter(sketch.canvas, 75, 0.9f, 10, sketch.named("lumens"), [&](Point at, Draw lumen) {
      if (!lumen.chance(0.5f) || nest(at) < 0.8f) return;
      lumens.emplace_back(at, lumen.uniform(6, 15), lumen.uniform(5, 10), lumen.angle(), 0.15f, lumen.bits());
    });
  }
  for (const Blob& lumen : lumens) {
    sketch.canvas.fill(lumen, 1.5f, [&](Point, float, Dye) -> Dye { return {0.02f, 0.05f}; });
  }
  add_malignant_cells(sketch, apart, draw.uniform(0.7f, 1.3f), [&](Point at) {
    return nest(at) > 0.6f && std::all_of(lumens.begin(), lumens.end(),
                                          [&](const Blob& lumen) { return lumen.depth(at) < -2.5f; });
  });
}

struct Kind {
  std::string name;
  void (*draw)(const Sketch&);
};

const std::array<Kind, 5>& kinds() {
  static const std::array<Kind, 5> kKinds = {{{"adipose", draw_adipose},
                                              {"glands", draw_glands},
                                              {"lymphocytes", draw_lymphocytes},
                                              {"stroma", draw_stroma},
                                              {"tumour", draw_tumour}}};
  return kKinds;
}

}  // namespace

std::span<const std::string> tissue_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Kind& kind : kinds()) names.push_back(kind.name);
    return names;
  }();
  return kNames;
}

void draw_tissue(Canvas& canvas, const std::string& name, const PatientTraits& patient, std::uint64_t key) {
  for (const Kind& kind : kinds()) {
    if (kind.name == name) kind.draw(Sketch{canvas, patient, key});
  }
}

}  // namespace histokt::synthetic
