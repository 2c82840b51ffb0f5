# What every object is compiled with.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_compile_definitions(_POSIX_C_SOURCE=200809L _FILE_OFFSET_BITS=64
  POSTERN_VERSION="${PROJECT_VERSION}")
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
  -Wmissing-prototypes -Wundef -Wvla -Wimplicit-fallthrough)
if(POSTERN_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # what the compiler has of: calls and jumps that land where they may (CET), a stack
  # that grows page by page, and checks of sizes that are known at run time only
  include(CheckCCompilerFlag)
  check_c_compiler_flag(-fcf-protection=full PN_HAS_CET)
  check_c_compiler_flag(-fstack-clash-protection PN_HAS_STACK_CLASH)
  check_c_compiler_flag("-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3" PN_HAS_FORTIFY_3)
  add_compile_options(-fstack-protector-strong -U_FORTIFY_SOURCE
    -D_FORTIFY_SOURCE=$<IF:$<BOOL:${PN_HAS_FORTIFY_3}>,3,2>
    $<$<BOOL:${PN_HAS_CET}>:-fcf-protection=full>
    $<$<BOOL:${PN_HAS_STACK_CLASH}>:-fstack-clash-protection>)
  add_link_options(-pie -Wl,-z,relro,-z,now)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # across files: a tenth of a compile's time; fat objects, for whoever links without it
    add_compile_options(-flto=auto -ffat-lto-objects)
    add_link_options(-flto=auto)
  endif()
endif()
if(POSTERN_SANITIZE)
  add_compile_options(-fsanitize=${POSTERN_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${POSTERN_SANITIZE})
  if(POSTERN_SANITIZE MATCHES "address")
    add_compile_options(-fsanitize-address-use-after-scope)
  endif()
endif()
include_directories(${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/runtime/include
  ${PROJECT_BINARY_DIR}/generated)
