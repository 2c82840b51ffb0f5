# The libraries of others that programs are linked with.
#
# pn_foreign(VARIABLE NAME...): finds a library by its names, loaded or linked in as
# POSTERN_SHARED_DEPS says. Where there is only one kind, it is that one.
function(pn_foreign variable)
  set(found ${variable}_LOADED)
  set(names ${ARGN})
  if(NOT POSTERN_SHARED_DEPS)
    set(found ${variable}_LINKED)
    list(TRANSFORM names REPLACE "(.+)" "lib\\1.a")
    list(APPEND names ${ARGN})
  endif()
  find_library(${found} NAMES ${names} REQUIRED)
  set(${variable} ${${found}} PARENT_SCOPE)
endfunction()

pn_foreign(PN_CDB cdb)
pn_foreign(PN_IDN2 idn2)
pn_foreign(PN_UNISTRING unistring)
pn_foreign(PN_PSL psl)
if(POSTERN_TOOLS)
  pn_foreign(PN_PNG png16 png)
  pn_foreign(PN_Z z)
  pn_foreign(PN_JANSSON jansson)
endif()
if(POSTERN_UCSPI OR POSTERN_DAEMONTOOLS)
  pn_foreign(PN_CARES cares)
  pn_foreign(PN_RESOLV resolv)
endif()
