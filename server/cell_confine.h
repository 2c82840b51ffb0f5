/* What a process that reads strangers' bytes can still do: next to nothing. */
#ifndef SRV_CELL_CONFINE_H
#define SRV_CELL_CONFINE_H

/*
 * Takes from this process all but its open descriptors, memory, the clock, and sockets
 * of IPv4 and IPv6: for good. What the kernel or its rights do not let it take stays;
 * returns what holds, of enum srv_cell_hold.
 */
unsigned
srv_cell_confine(void);

#endif
