/* recvmsg(2) and sendmsg(2) with IP_PKTINFO and IPV6_PKTINFO: Linux's. */
#define _GNU_SOURCE
#include "server/datagram.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/* Room for one of each kind, aligned as the macros of cmsg(3) want it. */
union control {
    struct cmsghdr header;
    char bytes[256];
};

void
srv_datagram_prepare(int fd, int family, const struct srv_config *config)
{
    const int on = 1, size = (int)config->buffer_size;

    if (family == AF_INET6) /* tells of IPv4 too */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
    else
        (void)setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
    if (!config->source_each)
        (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    if (size) /* the system's limit holds, which root may pass */
        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
            (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

bool
srv_datagram_bound(int fd, struct srv_endpoint *bound, int *family)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return false;
    *family = address.ss_family;
    return srv_endpoint_from(&address, bound);
}

static void
local_take(struct srv_datagram *out, const struct sockaddr_storage *from)
{
    uint16_t port = out->ends.local.port;

    if (srv_endpoint_from(from, &out->ends.local))
        out->ends.local.port = port;
}

static void
read_info4(const struct cmsghdr *header, struct srv_datagram *out)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    struct sockaddr_storage storage = { 0 };
    struct in_pktinfo info;

    memcpy(&info, CMSG_DATA(header), sizeof(info));
    address.sin_addr = info.ipi_spec_dst; /* ours, also of a broadcast */
    memcpy(&storage, &address, sizeof(address));
    local_take(out, &storage);
}

static void
read_info6(const struct cmsghdr *header, struct srv_datagram *out)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
    struct sockaddr_storage storage = { 0 };
    struct in6_pktinfo info;

    memcpy(&info, CMSG_DATA(header), sizeof(info));
    address.sin6_addr = info.ipi6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) {
        address.sin6_scope_id = info.ipi6_ifindex;
        out->ends.interface = info.ipi6_ifindex;
    }
    memcpy(&storage, &address, sizeof(address));
    local_take(out, &storage);
}

static void
read_stamp(const struct cmsghdr *header, struct srv_datagram *out)
{
    struct timespec stamp;

    memcpy(&stamp, CMSG_DATA(header), sizeof(stamp));
    out->stamp_ns = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
}

static const struct {
    int level, type;
    void (*read)(const struct cmsghdr *header, struct srv_datagram *out);
} controls[] = {
    { IPPROTO_IP, IP_PKTINFO, read_info4 },
    { IPPROTO_IPV6, IPV6_PKTINFO, read_info6 },
    { SOL_SOCKET, SCM_TIMESTAMPNS, read_stamp },
};

enum srv_received
srv_datagram_receive(int fd, int flags, void *bytes, size_t room,
                     const struct srv_endpoint *bound, struct srv_datagram *out)
{
    struct sockaddr_storage from = { 0 };
    struct iovec piece = { .iov_base = bytes, .iov_len = room };
    union control control;
    struct msghdr message = { .msg_name = &from,
                              .msg_namelen = sizeof(from),
                              .msg_iov = &piece,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof(control.bytes) };
    ssize_t got = recvmsg(fd, &message, flags | MSG_DONTWAIT | MSG_TRUNC);

    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? SRV_RECEIVED_NOTHING
                                                 : SRV_RECEIVED_FAULT;
    *out = (struct srv_datagram){ .ends.local = *bound, .size = (size_t)got };
    if (!srv_endpoint_from(&from, &out->ends.remote)) {
        errno = EAFNOSUPPORT;
        return SRV_RECEIVED_FAULT;
    }
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
         header = CMSG_NXTHDR(&message, header))
        for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
            if (header->cmsg_level == controls[i].level &&
                header->cmsg_type == controls[i].type)
                controls[i].read(header, out);
    return SRV_RECEIVED;
}

/* The address that a socket of IPv6 has for one of IPv4. */
static socklen_t
address_for(int family, const struct srv_endpoint *end, struct sockaddr_storage *out)
{
    static const uint8_t mapped[] = { 0xff, 0xff };
    struct srv_endpoint six = *end;

    if (family != AF_INET6 || end->addr.family != 4)
        return srv_endpoint_to(end, out);
    six.addr.family = 6;
    memset(six.addr.bytes, 0, sizeof(six.addr.bytes));
    memcpy(six.addr.bytes + 10, mapped, sizeof(mapped));
    memcpy(six.addr.bytes + 12, end->addr.bytes, 4);
    return srv_endpoint_to(&six, out);
}

/* Asks for the local address that the answer leaves from; returns the size of that. */
static size_t
control_make(int family, const struct srv_datagram_ends *ends, union control *control)
{
    struct sockaddr_storage local;
    struct cmsghdr *header = &control->header;

    memset(control, 0, sizeof(*control));
    (void)address_for(family, &ends->local, &local); /* the length is of no use here */
    if (family == AF_INET6) {
        struct in6_pktinfo info = { .ipi6_ifindex = ends->interface };
        struct sockaddr_in6 address;

        memcpy(&address, &local, sizeof(address));
        info.ipi6_addr = address.sin6_addr;
        if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr))
            return 0; /* nothing leaves from there */
        header->cmsg_level = IPPROTO_IPV6;
        header->cmsg_type = IPV6_PKTINFO;
        header->cmsg_len = CMSG_LEN(sizeof(info));
        memcpy(CMSG_DATA(header), &info, sizeof(info));
        return CMSG_SPACE(sizeof(info));
    }
    struct in_pktinfo info = { .ipi_ifindex = 0 };

    memcpy(&info.ipi_spec_dst, ends->local.addr.bytes, 4);
    header->cmsg_level = IPPROTO_IP;
    header->cmsg_type = IP_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof(info));
    memcpy(CMSG_DATA(header), &info, sizeof(info));
    return CMSG_SPACE(sizeof(info));
}

bool
srv_datagram_answer(int fd, int family, const struct srv_datagram_ends *ends,
                    const void *bytes, size_t size)
{
    struct iovec piece = { .iov_base = (void *)bytes, .iov_len = size };
    struct sockaddr_storage to;
    union control control;
    struct msghdr message = { .msg_name = &to, .msg_iov = &piece, .msg_iovlen = 1 };

    message.msg_namelen = address_for(family, &ends->remote, &to);
    message.msg_controllen = control_make(family, ends, &control);
    message.msg_control = message.msg_controllen ? control.bytes : NULL;
    return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}
