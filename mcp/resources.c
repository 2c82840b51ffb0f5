/*
 * Resources: rule files below the folder, by their file: URIs, and the pages that the
 * program has. What is looked for in the folder is looked for by a process of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/source.h"
#include "base/uri.h"
#include "mcp/server.h"
#include "rpc/json.h"

static const char scheme[] = "postern://", rules_type[] = "text/plain",
                  rules_end[] = ".rules";

enum { CURSOR_MAX = 10 };

static json_t *
page_uri(const struct pn_mcp_page *page)
{
    return json_sprintf("%s%s/%s", scheme, page->kind, page->name);
}

/* The folder of the server as a URI, without a slash at its end; NULL without memory.
 */
static bool
folder_uri(struct pn_buffer *out)
{
    char *real = pn_files_real(".");

    if (real) {
        pn_uri_of_path(pn_str_of_text(real), out);
        if (out->size && out->bytes[out->size - 1] == '/')
            out->size--;
    }
    out->failed |= !real;
    pn_free(real);
    return !out->failed;
}

void
pn_mcp_list_templates(struct pn_mcp *server, struct pn_mcp_asked *asked)
{
    struct pn_buffer uri = { 0 };

    (void)server;
    if (folder_uri(&uri))
        asked->result = json_pack(
            "{s:[{s:o, s:s, s:s, s:s}, {s:o, s:s, s:s, s:s}, {s:o, s:s, s:s, s:s}]}",
            "resourceTemplates", "uriTemplate",
            json_sprintf("%.*s/{+path}", (int)uri.size, uri.bytes), "name", "policy",
            "description", "A rule file below the folder of the server: *.rules.",
            "mimeType", rules_type, "uriTemplate",
            json_sprintf("%spage/{code}", scheme), "name", "page", "description",
            "The page of a finding or of an error, by its code or name.", "mimeType",
            "text/markdown", "uriTemplate", json_sprintf("%smanual/{name}", scheme),
            "name", "manual", "description", "A manual page.", "mimeType",
            "text/plain");
    pn_buffer_free(&uri);
}

/* The number of a cursor; false for what is none of ours. */
static bool
cursor_read(const json_t *params, size_t *out)
{
    const json_t *cursor = json_object_get(params, "cursor");
    struct pn_str text = pn_json_read_text(cursor);

    *out = 0;
    if (!cursor)
        return true;
    if (!text.len || text.len > CURSOR_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *out = *out * 10 + (size_t)(text.ptr[i] - '0');
    }
    return true;
}

void
pn_mcp_list_resources(struct pn_mcp *server, struct pn_mcp_asked *asked)
{
    (void)server;
    asked->job = (struct pn_mcp_job){ .lists = true };
    if (cursor_read(asked->message->params, &asked->job.cursor))
        asked->has_job = true;
    else
        pn_mcp_refuse(asked, PN_RPC_INVALID_PARAMS,
                      "a cursor is the nextCursor of the answer before");
}

static json_t *
contents(json_t *uri, const char *type, struct pn_str text)
{
    return json_pack("{s:[{s:o, s:s, s:o}]}", "contents", "uri", uri, "mimeType", type,
                     "text", pn_json_text(text));
}

static void
page_read(struct pn_mcp *server, struct pn_mcp_asked *asked, struct pn_str uri)
{
    const struct pn_mcp_host *host = server->host;
    struct pn_mcp_page page;

    uri = pn_str_from(uri, sizeof(scheme) - 1);
    for (size_t i = 0; host->page(host->payload, i, &page); i++) {
        size_t front = strlen(page.kind) + 1;
        struct pn_buffer text = { 0 };

        if (uri.len <= front || !pn_str_begins(uri, page.kind) ||
            uri.ptr[front - 1] != '/' || !pn_str_is(pn_str_from(uri, front), page.name))
            continue;
        host->page_text(host->payload, i, &text);
        if (!text.failed)
            asked->result = contents(page_uri(&page), page.type, pn_str_of(&text));
        pn_buffer_free(&text);
        return;
    }
    pn_mcp_refuse(asked, PN_RPC_NOT_INITIALIZED,
                  "there is no such page: resources/list has those that there are");
}

void
pn_mcp_read_resource(struct pn_mcp *server, struct pn_mcp_asked *asked)
{
    struct pn_str uri =
        pn_json_read_text(json_object_get(asked->message->params, "uri"));
    struct pn_buffer path = { 0 };

    if (!uri.ptr) {
        pn_mcp_refuse(asked, PN_RPC_INVALID_PARAMS,
                      "a uri is wanted, as resources/list has it");
        return;
    }
    if (pn_str_begins(uri, scheme)) {
        page_read(server, asked, uri);
        return;
    }
    if (pn_uri_path(uri, &path)) {
        asked->job = (struct pn_mcp_job){ .path = path.bytes };
        asked->has_job = true;
        return;
    }
    pn_buffer_free(&path);
    pn_mcp_refuse(asked, PN_RPC_NOT_INITIALIZED,
                  "this is no file: URI of a rule file, and no postern: URI of a page");
}

static bool
refuse(struct pn_mcp_fault *fault, const char *reason, const char *message)
{
    *fault = (struct pn_mcp_fault){ .reason = reason, .message = message };
    return false;
}

/* Only rule files are read, whatever else lies in the folder. */
static bool
policy_open(const char *path, struct pn_source *out, struct pn_mcp_fault *fault)
{
    size_t size = strlen(path), end = sizeof(rules_end) - 1;
    struct stat st;
    bool good;
    int fd;

    if (size < end || strcmp(path + size - end, rules_end) != 0)
        return refuse(fault, "not-found",
                      "only rule files are read, whose names end in .rules");
    fd = pn_files_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0 && pn_files_is_outside(errno))
        return refuse(fault, "outside", "this leads out of the folder of the server");
    if (fd < 0)
        return refuse(fault, errno == ENOENT ? "not-found" : "system",
                      errno == ENOENT ? "there is no such rule file" : strerror(errno));
    good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !pn_files_is_of_kernel(fd);
    if (!good)
        (void)refuse(fault, "not-found", "this is no regular file");
    else if (!pn_source_read(out, path, fd, PN_MCP_READ_MAX))
        good =
            refuse(fault, errno == EFBIG ? "too-long" : "system",
                   errno == EFBIG ? "this file has more than 1 MiB" : strerror(errno));
    close(fd);
    return good;
}

static json_t *
policy_read(const char *path, struct pn_mcp_fault *fault)
{
    struct pn_source source = { 0 };
    struct pn_buffer uri = { 0 };
    json_t *made = NULL;

    if (!policy_open(path, &source, fault))
        return NULL;
    pn_uri_of_path(pn_str_of_text(path), &uri);
    if (!uri.failed)
        made = contents(json_stringn(uri.bytes, uri.size), rules_type,
                        (struct pn_str){ source.text, source.size });
    pn_buffer_free(&uri);
    pn_source_clear(&source);
    return made;
}

/* What is listed: policies by their paths, and then pages. */
struct listing {
    const struct pn_mcp_host *host;
    struct pn_str policies; /* each with a NUL behind it */
    struct pn_buffer folder;
};

static json_t *
policy_listed(const struct listing *l, struct pn_str path)
{
    static const char front[] = "file://";
    struct pn_buffer uri = { 0 };
    json_t *made = NULL;

    pn_uri_of_path(path, &uri); /* of a path that is not absolute */
    if (!uri.failed)
        made = json_pack("{s:o, s:o, s:s}", "uri",
                         json_sprintf("%.*s/%.*s", (int)l->folder.size, l->folder.bytes,
                                      (int)(uri.size - (sizeof(front) - 1)),
                                      uri.bytes + sizeof(front) - 1),
                         "name", pn_json_text(path), "mimeType", rules_type);
    pn_buffer_free(&uri);
    return made;
}

/* The item of this number; NULL behind the last one, and without memory. */
static json_t *
listed(const struct listing *l, size_t number)
{
    struct pn_str rest = l->policies;
    struct pn_mcp_page page;

    while (rest.ptr && rest.len) {
        struct pn_str path = pn_str_cut(&rest, '\0');

        if (!number--)
            return policy_listed(l, path);
    }
    if (!l->host->page(l->host->payload, number, &page))
        return NULL;
    return json_pack("{s:o, s:s, s:s}", "uri", page_uri(&page), "name", page.name,
                     "mimeType", page.type);
}

static json_t *
list_make(const struct listing *l, size_t cursor)
{
    json_t *items = json_array(), *item, *made;
    bool more;

    for (size_t i = 0; items && i < PN_MCP_PAGE_ITEMS; i++) {
        item = listed(l, cursor + i);
        if (!item)
            break;
        if (!pn_json_add(items, item)) {
            json_decref(items);
            return NULL;
        }
    }
    item = listed(l, cursor + PN_MCP_PAGE_ITEMS);
    more = item != NULL;
    json_decref(item);
    made = items ? json_pack("{s:o}", "resources", items) : NULL;
    if (made && more &&
        !pn_json_set(made, "nextCursor",
                     json_sprintf("%zu", cursor + PN_MCP_PAGE_ITEMS))) {
        json_decref(made);
        return NULL;
    }
    return made;
}

json_t *
pn_mcp_resource(const struct pn_mcp_host *host, const struct pn_mcp_job *job,
                struct pn_mcp_fault *fault)
{
    char verb[] = "policies", *words[] = { verb, NULL };
    struct listing listing = { .host = host };
    struct pn_output out, err;
    json_t *made = NULL;

    if (!job->lists)
        return policy_read(job->path, fault);
    pn_output_begin(&out, -1);
    pn_output_begin(&err, -1);
    (void)host->run(host->payload, 1, words, &out, &err); /* none are no failure */
    listing.policies = pn_str_of(&out.pending);
    if (folder_uri(&listing.folder))
        made = list_make(&listing, job->cursor);
    pn_buffer_free(&listing.folder);
    pn_buffer_free(&out.pending);
    pn_buffer_free(&err.pending);
    return made;
}
