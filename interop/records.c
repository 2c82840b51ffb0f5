/* A database is checked whole before a record is handed over. */
#include "interop/records.h"

#include "runtime/format/native.h"

bool
pn_import_records_each(struct pn_import *import, uint32_t file,
                       pn_import_record_fn take, void *payload)
{
    const struct pn_source *source = &import->files[file];
    uint32_t position = PN_CDB_HEADER_SIZE;
    struct pn_container container;
    struct pn_record record;
    bool is_ours = false, is_whole;

    is_whole = pn_container_open(&container, source->text, source->size) &&
               pn_container_check(&container);
    while (is_whole && !is_ours && !import->failed &&
           pn_container_next(&container, &position, &record)) {
        struct pn_str key = { (const char *)record.key, record.key_size };

        is_ours = key.len == PN_NATIVE_KEY_SIZE &&
                  memcmp(key.ptr, pn_native_key, PN_NATIVE_KEY_SIZE) == 0;
        import->at = key;
        if (!is_ours)
            take(payload, key,
                 (struct pn_str){ (const char *)record.value, record.value_size });
    }
    import->at = (struct pn_str){ NULL, 0 };
    if (!is_whole)
        pn_import_error(import, file, 0, "it is no constant database, or damaged");
    else if (is_ours)
        pn_import_error(import, file, 0,
                        "it is a policy of ours, compiled: postern dump writes it");
    return is_whole && !is_ours;
}
