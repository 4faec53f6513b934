/// The functions of cairo, fontconfig and FreeType that draw, found when the first picture is drawn.
///
/// Loading these libraries takes longer than training the lesson, so the program is not linked to them:
/// their headers give the types alone, and each function is found by its name in the loaded library.
/// A function that is needed is added to one of the three lists; `cairo_arc` is then `cairo.arc`.
#ifndef CCAIRO_H
#define CCAIRO_H

#include <cairo-ft.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <dlfcn.h>
#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#define CCAIRO_CAIRO_FUNCTIONS(X) \
  X(cairo_, arc) X(cairo_, close_path) X(cairo_, create) X(cairo_, destroy) X(cairo_, fill) \
  X(cairo_, font_face_destroy) X(cairo_, font_face_set_user_data) \
  X(cairo_, font_options_create) X(cairo_, font_options_destroy) \
  X(cairo_, font_options_set_antialias) X(cairo_, font_options_set_hint_metrics) \
  X(cairo_, font_options_set_hint_style) X(cairo_, format_stride_for_width) \
  X(cairo_, ft_font_face_create_for_ft_face) X(cairo_, ft_font_face_create_for_pattern) \
  X(cairo_, glyph_free) X(cairo_, identity_matrix) X(cairo_, image_surface_create_for_data) \
  X(cairo_, line_to) X(cairo_, matrix_init_identity) X(cairo_, matrix_init_scale) \
  X(cairo_, move_to) \
  X(cairo_, paint) X(cairo_, pdf_surface_create_for_stream) X(cairo_, pdf_surface_set_metadata) \
  X(cairo_, rectangle) X(cairo_, restore) X(cairo_, rotate) X(cairo_, save) X(cairo_, scale) \
  X(cairo_, scaled_font_create) X(cairo_, scaled_font_destroy) X(cairo_, scaled_font_extents) \
  X(cairo_, scaled_font_text_extents) X(cairo_, scaled_font_text_to_glyphs) \
  X(cairo_, set_dash) X(cairo_, set_line_cap) X(cairo_, set_line_join) \
  X(cairo_, set_line_width) X(cairo_, set_scaled_font) X(cairo_, set_source_rgba) \
  X(cairo_, show_text_glyphs) X(cairo_, status) X(cairo_, status_to_string) X(cairo_, stroke) \
  X(cairo_, surface_destroy) X(cairo_, surface_finish) X(cairo_, surface_flush) \
  X(cairo_, surface_status) X(cairo_, svg_surface_create_for_stream) \
  X(cairo_, svg_surface_set_document_unit) X(cairo_, text_cluster_free) \
  X(cairo_, toy_font_face_create) X(cairo_, translate)

#define CCAIRO_FONTCONFIG_FUNCTIONS(X) \
  X(Fc, CharSetCopy) X(Fc, CharSetDestroy) X(Fc, CharSetHasChar) X(Fc, ConfigSubstitute) \
  X(Fc, DefaultSubstitute) X(Fc, FontRenderPrepare) X(Fc, FontSetDestroy) X(Fc, FontSort) \
  X(Fc, PatternAddInteger) X(Fc, PatternAddString) X(Fc, PatternCreate) X(Fc, PatternDestroy) \
  X(Fc, PatternGetCharSet)

#define CCAIRO_FREETYPE_FUNCTIONS(X) \
  X(FT_, Done_Face) X(FT_, Done_FreeType) X(FT_, Get_Char_Index) X(FT_, Init_FreeType) \
  X(FT_, New_Face)

#define CCAIRO_MEMBER(prefix, name) __typeof__(prefix##name) *_Nonnull name;
#define CCAIRO_FIND(prefix, name) \
  table->name = (__typeof__(prefix##name) *)dlsym(library, #prefix #name); \
  if (table->name == 0) return #prefix #name;

/// Declares a table of functions, and how to find them: the result is the name of the first function
/// that the library and those that it brings along lack, or NULL.
#define CCAIRO_TABLE(Table, find, FUNCTIONS) \
  struct Table { FUNCTIONS(CCAIRO_MEMBER) }; \
  static inline const char *_Nullable find(struct Table *_Nonnull table, void *_Nonnull library) { \
    FUNCTIONS(CCAIRO_FIND) \
    return 0; \
  }

CCAIRO_TABLE(CairoFunctions, ccairo_find_cairo, CCAIRO_CAIRO_FUNCTIONS)
CCAIRO_TABLE(FontconfigFunctions, ccairo_find_fontconfig, CCAIRO_FONTCONFIG_FUNCTIONS)
CCAIRO_TABLE(FreeTypeFunctions, ccairo_find_freetype, CCAIRO_FREETYPE_FUNCTIONS)

#endif
