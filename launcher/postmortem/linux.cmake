# libdw reads symbols and walks stacks, zstd compresses cores.
find_package(PkgConfig REQUIRED)
pkg_check_modules(HB_LIBDW REQUIRED IMPORTED_TARGET libdw libelf)
pkg_check_modules(HB_ZSTD REQUIRED IMPORTED_TARGET libzstd)
target_sources(hb_postmortem PRIVATE
  linux/target.c linux/target_threads.c linux/target_trouble.c linux/maps.c
  linux/memory.c)
target_link_libraries(hb_postmortem PRIVATE
  PkgConfig::HB_LIBDW PkgConfig::HB_ZSTD)
