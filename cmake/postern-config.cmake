# The CMake package of postern. What is installed of it may be a part: only the static or only
# the shared libraries, with or without the compiler.
#
#   find_package(postern 0.1 REQUIRED)                      postern::postern
#   find_package(postern 0.1 REQUIRED COMPONENTS compiler)  postern::compiler too
#
# Each has a static twin, as postern::postern-static; COMPONENTS shared or static insist on
# one of both. Where there is only one of them, postern::postern is that one.
foreach(pn_name postern compiler)
  set(pn_file postern-${pn_name})
  if(pn_name STREQUAL "postern")
    set(pn_file postern)
  endif()
  foreach(pn_kind shared static)
    include(${CMAKE_CURRENT_LIST_DIR}/${pn_file}-${pn_kind}.cmake OPTIONAL
      RESULT_VARIABLE pn_found)
    if(pn_found AND pn_name STREQUAL "postern")
      set(postern_${pn_kind}_FOUND TRUE)
    endif()
  endforeach()
  if(NOT TARGET postern::${pn_name} AND TARGET postern::${pn_name}-static)
    add_library(postern::${pn_name} INTERFACE IMPORTED)
    target_link_libraries(postern::${pn_name} INTERFACE postern::${pn_name}-static)
  endif()
  if(TARGET postern::${pn_name})
    set(postern_${pn_name}_FOUND TRUE)
  endif()
endforeach()
list(APPEND postern_FIND_COMPONENTS postern)
set(postern_FIND_REQUIRED_postern TRUE)
foreach(pn_name ${postern_FIND_COMPONENTS})
  if(postern_FIND_REQUIRED_${pn_name} AND NOT postern_${pn_name}_FOUND)
    set(postern_FOUND FALSE)
    string(APPEND postern_NOT_FOUND_MESSAGE
      "${pn_name} of postern is not installed beside ${CMAKE_CURRENT_LIST_DIR}. ")
  endif()
endforeach()
unset(pn_name)
unset(pn_file)
unset(pn_kind)
unset(pn_found)
