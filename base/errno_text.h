/* System errors in the words of the original tools, which the drop-ins keep */
#ifndef PN_BASE_ERRNO_TEXT_H
#define PN_BASE_ERRNO_TEXT_H

/* A constant string for every value; 0 is "no error". */
const char *
pn_errno_text(int error);

#endif
