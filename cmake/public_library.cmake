# A library for programs of others: the names of a file, and nothing else.
#
#   pn_public_library(NAME
#     OBJECTS     TARGET...   object or static libraries: what is compiled in them, all of it
#     SYMBOLS     FILE        the names that it has, one a line; a test compares headers with it
#     HEADERS     FOLDER      has postern/*.h, and is what users put into their include path
#     DESCRIPTION TEXT        for pkg-config
#     REQUIRES    NAME...     libraries made by this function that its users link too
#     FOREIGN     NAME...     libraries of others that it calls, as -lNAME has them)
#
# NAME is "postern", or "postern-PART" (then users say postern::PART, and find_package takes
# PART as a component). Makes two targets, their pkg-config file and CMake package, and what
# installs all of it:
#
#   NAME         libNAME.so.0, with a version script; FOREIGN is loaded with it
#   NAME-static  libNAME.a: one object, in which every name but the public ones is local, so
#                that a program may have a pn_buffer_add of its own; machine code, also where
#                the objects have more in them for an optimising linker
#
# Both carry HEADERS for whoever links them, also by add_subdirectory as postern::...
include(CMakePackageConfigHelpers)

function(pn_public_library name)
  cmake_parse_arguments(arg "" "SYMBOLS;HEADERS;DESCRIPTION" "OBJECTS;REQUIRES;FOREIGN" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "pn_public_library(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  get_filename_component(symbols ${arg_SYMBOLS} ABSOLUTE)
  get_filename_component(headers ${arg_HEADERS} ABSOLUTE)
  string(REGEX REPLACE "^postern-" "" alias ${name})
  list(TRANSFORM arg_OBJECTS REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)

  set(foreign)
  set(foreign_static)
  foreach(library ${arg_FOREIGN})
    find_library(PN_SHARED_${library} ${library} REQUIRED)
    list(APPEND foreign ${PN_SHARED_${library}})
    list(APPEND foreign_static $<BUILD_INTERFACE:${PN_SHARED_${library}}>
      $<INSTALL_INTERFACE:-l${library}>)
  endforeach()

  pn_version_script(${symbols} ${CMAKE_CURRENT_BINARY_DIR}/${name}.map)
  add_library(${name} SHARED ${objects})
  target_link_libraries(${name} PRIVATE ${foreign})
  target_link_options(${name} PRIVATE
    LINKER:--version-script=${CMAKE_CURRENT_BINARY_DIR}/${name}.map)
  set_target_properties(${name} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
    LINK_DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/${name}.map)

  add_library(${name}-all STATIC ${objects}) # with all names, and a file to depend on
  set_target_properties(${name}-all PROPERTIES LINKER_LANGUAGE C)
  pn_one_object(${name}.o ${symbols} ${name}-all)
  add_library(${name}-static STATIC ${name}.o)
  target_link_libraries(${name}-static INTERFACE ${foreign_static})
  set_target_properties(${name}-static PROPERTIES OUTPUT_NAME ${name})

  foreach(suffix "" -static)
    set_target_properties(${name}${suffix} PROPERTIES LINKER_LANGUAGE C
      EXPORT_NAME ${alias}${suffix})
    list(TRANSFORM arg_REQUIRES APPEND "${suffix}" OUTPUT_VARIABLE requires)
    target_link_libraries(${name}${suffix} PUBLIC ${requires})
    target_include_directories(${name}${suffix} INTERFACE $<BUILD_INTERFACE:${headers}>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    add_library(postern::${alias}${suffix} ALIAS ${name}${suffix})
  endforeach()
  pn_install_library(${name} ${symbols} ${headers} "${arg_DESCRIPTION}"
    "${arg_REQUIRES}" "${arg_FOREIGN}")
endfunction()

# pn_version_script(SYMBOLS OUT): exports the names of a file, and nothing else.
function(pn_version_script symbols out)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${symbols})
  file(STRINGS ${symbols} names REGEX "^[a-z]")
  list(JOIN names ";\n    " names)
  file(CONFIGURE OUTPUT ${out} @ONLY
    CONTENT "POSTERN_0 {\n  global:\n    @names@;\n  local:\n    *;\n};\n")
endfunction()

# pn_one_object(OUT SYMBOLS ARCHIVE): linked into one, whose other names are local. What an
# optimising linker would read is dropped: it would bring the names back.
function(pn_one_object out symbols archive)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_LINKER} -r -o ${out}.all --whole-archive $<TARGET_FILE:${archive}>
    COMMAND ${CMAKE_OBJCOPY} --wildcard --remove-section=.gnu.lto_*
      --keep-global-symbols=${symbols} ${out}.all ${out}
    COMMAND ${CMAKE_COMMAND} -E rm ${out}.all
    DEPENDS ${archive} ${symbols} VERBATIM)
endfunction()

# What lands, where this project installs. The two kinds are exported apart, so that a package may have one of them.
function(pn_install_library name symbols headers DESCRIPTION requires foreign)
  if(NOT POSTERN_INSTALL)
    return()
  endif()
  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/postern)
  install(TARGETS ${name} EXPORT ${name}-shared LIBRARY COMPONENT runtime
    NAMELINK_COMPONENT dev)
  install(TARGETS ${name}-static EXPORT ${name}-static ARCHIVE COMPONENT dev)
  foreach(kind shared static)
    install(EXPORT ${name}-${kind} FILE ${name}-${kind}.cmake NAMESPACE postern::
      DESTINATION ${package_dir} COMPONENT dev)
  endforeach()
  install(DIRECTORY ${headers}/postern DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT dev FILES_MATCHING PATTERN "*.h")

  # a page for each function, which is that of the library
  set(functions)
  if(EXISTS ${PROJECT_SOURCE_DIR}/man/lib${name}.3)
    file(STRINGS ${symbols} functions REGEX "^[a-z]")
  endif()
  foreach(function ${functions})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/manual/${function}.3
      CONTENT ".so man3/lib${name}.3\n")
    install(FILES ${PROJECT_BINARY_DIR}/manual/${function}.3
      DESTINATION ${CMAKE_INSTALL_MANDIR}/man3 COMPONENT dev)
  endforeach()

  # from where the file lies, so that the tree may be moved
  cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}
    OUTPUT_VARIABLE libdir)
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${libdir}/pkgconfig
    OUTPUT_VARIABLE UP)
  set(INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
  if(NOT IS_ABSOLUTE ${INCLUDEDIR})
    set(INCLUDEDIR "\${prefix}/${INCLUDEDIR}")
  endif()
  set(URL ${PROJECT_HOMEPAGE_URL})
  if(NOT URL) # the pages that land beside it
    set(URL file://\${prefix}/${PN_DOC}/README.md)
  endif()
  set(NAME ${name})
  list(JOIN requires " " REQUIRES)
  list(TRANSFORM foreign PREPEND -l)
  list(JOIN foreign " " FOREIGN)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/library.pc.in ${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
endfunction()

# pn_install_package(): the CMake package that has all of these libraries.
function(pn_install_package)
  if(NOT POSTERN_INSTALL)
    return()
  endif()
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/postern-config-version.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/postern-config-version.cmake
    ${PROJECT_SOURCE_DIR}/cmake/postern-config.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/postern COMPONENT dev)
endfunction()
