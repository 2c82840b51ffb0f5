# What lands besides libraries and programs, and how it goes away again. Each piece belongs to
# a component, for packages of a part:
#
#   runtime      the shared libraries
#   dev          headers, static libraries, pkg-config and CMake packages, their manual, the
#                module for Python
#   tools        the postern program, its manual, completions, files for CI, schemas
#   ucspi        the drop-ins for ucspi-tcp, with their manual
#   daemontools  envuidgid and setuidgid, likewise
#   sqlite       the extension for SQLite
#   doc          README, licence, pages, examples
set(PN_DATA ${CMAKE_INSTALL_DATADIR}/postern)
set(PN_DOC ${CMAKE_INSTALL_DATADIR}/doc/postern)
# where a person finds the pages of findings that the language server links to
set(PN_PAGES_DEFINITION "PN_PAGES_DIR=\"${CMAKE_INSTALL_FULL_DATADIR}/doc/postern/docs\"")

# pn_install(...): as install(), where this project is to install anything.
macro(pn_install)
  if(POSTERN_INSTALL)
    install(${ARGN})
  endif()
endmacro()

# First of all: which folders are not there yet, for uninstall to take away again.
set(folders ${CMAKE_INSTALL_BINDIR} ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  ${CMAKE_INSTALL_LIBDIR}/cmake/postern ${CMAKE_INSTALL_INCLUDEDIR}/postern ${POSTERN_BASH_DIR}
  ${POSTERN_ZSH_DIR} ${POSTERN_FISH_DIR} ${PN_DATA} ${PN_DOC} ${CMAKE_INSTALL_DATADIR}/nano
  ${CMAKE_INSTALL_DATADIR}/emacs/site-lisp)
foreach(folder autoload compiler ftdetect ftplugin lua syntax)
  list(APPEND folders ${CMAKE_INSTALL_DATADIR}/vim/vimfiles/${folder} ${CMAKE_INSTALL_DATADIR}/nvim/site/${folder})
endforeach()
foreach(section 1 3 5 7 8)
  list(APPEND folders ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/cmake/note_folders.cmake.in note_folders.cmake @ONLY)
pn_install(SCRIPT ${CMAKE_CURRENT_BINARY_DIR}/note_folders.cmake ALL_COMPONENTS)
if(PROJECT_IS_TOP_LEVEL)
  add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -D BUILD=${PROJECT_BINARY_DIR}
    -P ${PROJECT_SOURCE_DIR}/cmake/uninstall.cmake VERBATIM)
endif()

pn_install(FILES README.md CHANGELOG.md SECURITY.md LICENSE DESTINATION ${PN_DOC} COMPONENT doc)
pn_install(DIRECTORY docs examples DESTINATION ${PN_DOC} COMPONENT doc USE_SOURCE_PERMISSIONS)
pn_install(DIRECTORY bindings/python DESTINATION ${PN_DATA} COMPONENT dev
  FILES_MATCHING PATTERN *.py PATTERN *.pyi PATTERN *.toml
  PATTERN tests EXCLUDE PATTERN build EXCLUDE PATTERN *.egg-info EXCLUDE PATTERN __pycache__ EXCLUDE)
if(POSTERN_TOOLS)
  pn_install(DIRECTORY ci DESTINATION ${PN_DATA} COMPONENT tools)
  pn_install(DIRECTORY docs/schema DESTINATION ${PN_DATA} COMPONENT tools)
  # where editors of distributions look
  foreach(folder vim/vimfiles nvim/site)
    pn_install(DIRECTORY editors/vim/ DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder} COMPONENT tools)
  endforeach()
  pn_install(FILES editors/emacs/postern-mode.el
    DESTINATION ${CMAKE_INSTALL_DATADIR}/emacs/site-lisp COMPONENT tools)
  pn_install(FILES editors/nano/postern.nanorc
    DESTINATION ${CMAKE_INSTALL_DATADIR}/nano COMPONENT tools)
endif()
