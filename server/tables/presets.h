/* What options are when they are not given, where others have to know. */
#ifndef SRV_TABLES_PRESETS_H
#define SRV_TABLES_PRESETS_H

enum { SRV_PENALTY_MOST_S = 600 };

#endif
