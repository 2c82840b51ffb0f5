/* What a process in the cell does. */
#ifndef SRV_CELL_ANSWER_H
#define SRV_CELL_ANSWER_H

/* A srv_cell_work_fn: confines itself, and answers until it is ended. Never returns. */
void
srv_cell_answer(int channel);

#endif
