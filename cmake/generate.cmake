# Lexer and parser are built, not committed.
find_program(RE2C re2c REQUIRED)
find_program(BISON bison REQUIRED)
set(GENERATED ${PROJECT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${GENERATED}/grammar)

add_custom_command(
  OUTPUT ${GENERATED}/grammar/parser.c ${GENERATED}/grammar/parser.h
  COMMAND ${BISON} -Wall -Werror -o ${GENERATED}/grammar/parser.c
    --header=${GENERATED}/grammar/parser.h ${PROJECT_SOURCE_DIR}/grammar/parser.y
  DEPENDS ${PROJECT_SOURCE_DIR}/grammar/parser.y VERBATIM)
foreach(lexer lexer lexer_extended)
  add_custom_command(
    OUTPUT ${GENERATED}/grammar/${lexer}.c
    COMMAND ${RE2C} -W -Werror -o ${GENERATED}/grammar/${lexer}.c
      ${PROJECT_SOURCE_DIR}/grammar/${lexer}.re
    DEPENDS ${PROJECT_SOURCE_DIR}/grammar/${lexer}.re VERBATIM)
endforeach()
