# What every object is compiled with: of this folder and those below. A project that this is a
# part of keeps its own flags; ours come behind those that it gives us.
include(CheckCCompilerFlag)
include(CheckPIESupported)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON) # else room is left for the folder of the build, by its length
# what a parent may want of its own code: files have local names in common, and static
# libraries are made of machine code
set(CMAKE_UNITY_BUILD OFF)
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)
set(CMAKE_COMPILE_WARNING_AS_ERROR OFF)
check_pie_supported(LANGUAGES C)

add_compile_definitions(_POSIX_C_SOURCE=200809L _FILE_OFFSET_BITS=64)
include_directories(BEFORE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/runtime/include
  ${PROJECT_SOURCE_DIR}/library/include ${PROJECT_BINARY_DIR}/generated)
if(PROJECT_IS_TOP_LEVEL)
  add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
    -Wmissing-prototypes -Wundef -Wvla -Wimplicit-fallthrough)
else()
  add_compile_options(-w) # the parent's warnings are about its own code, and errors perhaps
endif()
if(POSTERN_WERROR)
  add_compile_options(-Werror)
endif()

# Hardening, of every build: calls and jumps that land where they may (CET), a stack that grows
# page by page, checks of sizes that are known at run time only (of optimised code: there is no
# other).
set(optimised $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
if(CMAKE_C_FLAGS MATCHES "-O([1-9sgf]|fast|$| )")
  set(optimised 1)
endif()
foreach(flag -fcf-protection=full -fstack-clash-protection -fstack-protector-strong)
  string(MAKE_C_IDENTIFIER "PN_HAS${flag}" has)
  check_c_compiler_flag(${flag} ${has})
  if(${has})
    add_compile_options(${flag})
  endif()
endforeach()
if(NOT POSTERN_SANITIZE)
  check_c_compiler_flag("-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3" PN_HAS_FORTIFY_3)
  add_compile_options($<${optimised}:-U_FORTIFY_SOURCE>
    $<${optimised}:-D_FORTIFY_SOURCE=$<IF:$<BOOL:${PN_HAS_FORTIFY_3}>,3,2>>)
endif()
add_link_options(LINKER:-z,relro LINKER:-z,now LINKER:--as-needed)

# Optimised across files: a tenth of a compile's time. Objects are machine code too, for
# whoever links without that, and for the static libraries.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-ffat-lto-objects)
  if(POSTERN_LTO AND NOT POSTERN_SANITIZE)
    add_compile_options($<${optimised}:-flto=auto>)
    add_link_options($<${optimised}:-flto=auto>)
  endif()
else()
  add_compile_options(-fno-lto)
endif()

if(POSTERN_SANITIZE)
  add_compile_options(-fsanitize=${POSTERN_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${POSTERN_SANITIZE})
  if(POSTERN_SANITIZE MATCHES "address")
    add_compile_options(-fsanitize-address-use-after-scope)
  endif()
endif()
