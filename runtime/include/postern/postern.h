/**
 * @file
 * The whole runtime of postern: decide who may connect, from compiled rule files.
 */
#ifndef POSTERN_POSTERN_H
#define POSTERN_POSTERN_H

#include "postern/rules.h"
#include "postern/types.h"
#include "postern/watch.h"

#endif
