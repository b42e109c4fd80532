# libdw reads symbols and walks stacks, zstd compresses cores.
find_package(PkgConfig REQUIRED)
pkg_check_modules(HB_LIBDW REQUIRED IMPORTED_TARGET libdw libelf)
pkg_check_modules(HB_ZSTD REQUIRED IMPORTED_TARGET libzstd)
target_sources(hb_postmortem PRIVATE
  linux/target.c linux/target_threads.c linux/target_trouble.c linux/maps.c
  linux/memory.c)
target_sources(hb_postmortem PRIVATE
  linux/look.c linux/step.c linux/look_dump.c
  linux/look_dead.c linux/dead_cores.c linux/locks.c linux/inflate.c
  linux/unwind.c linux/unwind_file.c linux/unwind_tell.c linux/walk.c
  linux/unwritten.c linux/words.c linux/demangle.c linux/symbol_files.c)
target_sources(hb_postmortem PRIVATE
  linux/core_file.c linux/core_source.c linux/core_known.c linux/core_notes.c
  linux/core_layout.c linux/core_output.c linux/core_pages.c
  linux/core_filter.c linux/core_full.c linux/core_mini.c linux/core_stacks.c
  linux/core_modules.c linux/core_secrets.c linux/core_copy.c)
target_link_libraries(hb_postmortem PRIVATE
  PkgConfig::HB_LIBDW PkgConfig::HB_ZSTD ${CMAKE_DL_LIBS})
