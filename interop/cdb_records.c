/* Reads the records of a constant database: lengths, key and data, up to its tables. */
#include "interop/cdb_records.h"

enum { TABLES = 256, TABLE_SIZE = 8, FRONT = TABLES * TABLE_SIZE };

static size_t
number_at(struct pn_str file, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)file.ptr + at;

    return bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 |
           (size_t)bytes[3] << 24;
}

struct pn_cdb_records
pn_cdb_records_of(const struct pn_source *file)
{
    struct pn_cdb_records records = { .file = { file->text, file->size }, .at = FRONT };

    records.is_damaged = file->size < FRONT;
    records.end = file->size;
    for (size_t i = 0; i < TABLES && !records.is_damaged; i++) {
        size_t at = number_at(records.file, i * TABLE_SIZE);

        records.is_damaged = at < FRONT || at > file->size;
        records.end = at < records.end ? at : records.end;
    }
    return records;
}

bool
pn_cdb_record_next(struct pn_cdb_records *records)
{
    size_t key, data, rest;

    if (records->is_damaged || records->at >= records->end)
        return false;
    rest = records->end - records->at;
    records->is_damaged = rest < 8;
    if (records->is_damaged)
        return false;
    key = number_at(records->file, records->at);
    data = number_at(records->file, records->at + 4);
    records->is_damaged = key > rest - 8 || data > rest - 8 - key;
    if (records->is_damaged)
        return false;
    records->key = (struct pn_str){ records->file.ptr + records->at + 8, key };
    records->data = (struct pn_str){ records->key.ptr + key, data };
    records->at += 8 + key + data;
    return true;
}
