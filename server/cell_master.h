/* The processes behind -S: one that looks up, and one that starts it anew. */
#ifndef SRV_CELL_MASTER_H
#define SRV_CELL_MASTER_H

/* What the process does over its channel: it never returns. */
typedef void (*srv_cell_work_fn)(int channel);

/*
 * Never returns. Starts a process that does `work` over `channel`, and another one when
 * it ends, or a byte comes over `control`, at most one a second; ends with it when that
 * is closed. All other descriptors are closed.
 */
_Noreturn void
srv_cell_master(int channel, int control, srv_cell_work_fn work);

#endif
