# What may be chosen, and what is chosen otherwise inside another project: there only the
# libraries are built, without a word about their warnings, and nothing is installed.
option(POSTERN_COMPILER "Build the library of the compiler" ${PROJECT_IS_TOP_LEVEL})
option(POSTERN_TOOLS "Build the postern program" ${PROJECT_IS_TOP_LEVEL})
option(POSTERN_UCSPI "Build the drop-ins for the programs of ucspi-tcp" ${PROJECT_IS_TOP_LEVEL})
option(POSTERN_DAEMONTOOLS "Build envuidgid and setuidgid, as daemontools has them"
  ${PROJECT_IS_TOP_LEVEL})
option(POSTERN_SQLITE "Build the extension for SQLite" OFF)
option(POSTERN_INSTALL "Install what is built" ${PROJECT_IS_TOP_LEVEL})
# Loaded, a library is mended for all programs by its distribution. Linked in, as the presets
# of ./dev have it, postern starts in half the time, and tests start it thousands of times.
option(POSTERN_SHARED_DEPS "Load libraries of others, instead of linking them in" ON)
option(POSTERN_LTO "Optimise across files in builds that are optimised (gcc)" ON)
option(POSTERN_WERROR "Treat warnings as errors" OFF)
option(POSTERN_TESTS "Build the tests, and what they measure with" OFF)
option(POSTERN_BENCH "Build what the benchmarks run" OFF)
option(POSTERN_FUZZ "Build the fuzz targets (clang)" OFF)
set(POSTERN_SANITIZE "" CACHE STRING "Argument of -fsanitize=, or empty")
# A distribution may have other folders for what it installs itself.
set(POSTERN_BASH_DIR ${CMAKE_INSTALL_DATADIR}/bash-completion/completions CACHE STRING
  "Where bash looks for completions")
set(POSTERN_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING
  "Where zsh looks for completions")
set(POSTERN_FISH_DIR ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d CACHE STRING
  "Where fish looks for completions")

set(others POSTERN_COMPILER POSTERN_TOOLS POSTERN_UCSPI POSTERN_DAEMONTOOLS)
foreach(user POSTERN_TESTS POSTERN_BENCH POSTERN_FUZZ)
  foreach(other ${others})
    if(${user} AND NOT ${other})
      message(FATAL_ERROR "${user} needs ${other}: set both, or neither.")
    endif()
  endforeach()
endforeach()
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()
