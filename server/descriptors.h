/* What a process in a cell has open: as good as nothing. */
#ifndef SRV_DESCRIPTORS_H
#define SRV_DESCRIPTORS_H

/*
 * Closes all descriptors but 0 to 2 and two others, which may be one: neither is below
 * 3.
 */
void
srv_descriptors_close_others(int one, int two);

/* Has 0 to 2 lead nowhere: what a library says goes to nobody. */
void
srv_descriptors_close_standard(void);

#endif
