/* The processes behind -S: one that looks up, and one that starts it anew. */
#ifndef SRV_CELL_MASTER_H
#define SRV_CELL_MASTER_H

/*
 * Never returns. Starts a process that answers what comes over `channel`, and another
 * one when it ends, or a byte comes over `control`, at most one a second; ends with it
 * when that is closed. All other descriptors are closed.
 */
_Noreturn void
srv_cell_master(int channel, int control);

/* The process that looks up: answers until it is ended. */
_Noreturn void
srv_cell_answer(int channel);

#endif
