"""PROXY headers for tests: how they are made, and a slow reader of them.

The reader was written from the protocol's text alone, and reads a whole header from its
end: what a server does with a header must be what it says.
"""
import ipaddress
import re
import struct

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LOCAL, PROXY = 0x20, 0x21
TCP4, UDP4, TCP6, UNIX = 0x11, 0x12, 0x21, 0x31
ALPN, AUTHORITY, CRC32C, NOOP, UNIQUE_ID, TLS, NETNS = 1, 2, 3, 4, 5, 0x20, 0x30
TLS_VERSION, TLS_CN, TLS_CIPHER = 0x21, 0x22, 0x23


def line(remote="192.0.2.1", local="192.0.2.25", ports=(4711, 25), family=None):
    family = family or ("TCP6" if ":" in remote else "TCP4")
    return f"PROXY {family} {remote} {local} {ports[0]} {ports[1]}\r\n".encode()


def tlv(kind, value):
    return struct.pack(">BH", kind, len(value)) + value


def tls(client=7, verify=0, **texts):
    kinds = {"version": TLS_VERSION, "cn": TLS_CN, "cipher": TLS_CIPHER}
    return tlv(TLS, struct.pack(">BI", client, verify) +
               b"".join(tlv(kinds[name], text) for name, text in texts.items()))


def ends(remote, local, ports):
    return (ipaddress.ip_address(remote).packed + ipaddress.ip_address(local).packed +
            struct.pack(">HH", *ports))


def binary(remote="192.0.2.1", local="192.0.2.25", ports=(4711, 25), tlvs=b"", command=PROXY,
           family=None):
    family = family or (TCP6 if ":" in remote else TCP4)
    rest = ends(remote, local, ports) + tlvs
    return SIGNATURE + struct.pack(">BBH", command, family, len(rest)) + rest


def crc32c(data):
    value = 0xffffffff
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
    return value ^ 0xffffffff


def sealed(header):
    """The header with a checksum at its end."""
    rest = header[16:] + tlv(CRC32C, bytes(4))
    header = header[:14] + struct.pack(">H", len(rest)) + rest
    return header[:-4] + struct.pack(">I", crc32c(header))


def address(packed):
    """As TCPREMOTEIP has it: the first longest run of zero groups is "::", of one too."""
    found = ipaddress.ip_address(packed)
    if found.version == 4 or found.ipv4_mapped:
        return str(found if found.version == 4 else found.ipv4_mapped)
    groups = [f"{int.from_bytes(packed[i:i + 2], 'big'):x}" for i in range(0, 16, 2)]
    runs = [(size, -at) for at in range(8) for size in range(1, 9 - at)
            if groups[at:at + size] == ["0"] * size]
    if not runs:
        return ":".join(groups)
    size, at = max(runs)
    return ":".join(groups[:-at]) + "::" + ":".join(groups[-at + size:])


def cut(data):
    """Type and value of each TLV; ValueError where they do not fill the bytes."""
    found = []
    while data:
        if len(data) < 3 or len(data) - 3 < int.from_bytes(data[1:3], "big"):
            raise ValueError("cut short")
        size = 3 + int.from_bytes(data[1:3], "big")
        found.append((data[0], data[3:size]))
        data = data[size:]
    return found


def sayable(value):
    return 0 < len(value) <= 255 and not re.search(rb"[\0-\x1f\x7f]", value)


def variables(found):
    out, told_tls = {}, False

    def put(name, value):
        if sayable(value):
            out.setdefault(name, value.decode("latin1"))

    for kind, value in found:
        if kind == AUTHORITY:
            put("PROXY_AUTHORITY", value)
        elif kind == UNIQUE_ID:
            put("PROXY_UNIQUE_ID", value)
        elif kind == TLS:
            if len(value) < 5:
                raise ValueError("no room for TLS")
            told_tls = bool(value[0] & 1)
            inner = cut(value[5:])
            for kind2, text in inner if told_tls else []:
                if kind2 == TLS_VERSION:
                    put("SSL_PROTOCOL", text)
                elif kind2 == TLS_CIPHER:
                    put("SSL_CIPHER", text)
                elif kind2 == TLS_CN and value[0] & 6 and value[1:5] == bytes(4):
                    put("SSL_PEER_CERT_CN", text)
    if told_tls and "PROXY_AUTHORITY" in out:
        out["SSL_TLS_SNI_SERVERNAME"] = out["PROXY_AUTHORITY"]
    return out


def text_read(data, unknown):
    if not data.startswith(b"PROXY ") or b"\n" not in data[:107]:
        return None, b""
    head, _, rest = data.partition(b"\n")
    if not head.endswith(b"\r") or b"\0" in head:
        return None, b""
    words = head[:-1].decode("latin1").split(" ")
    if words[1] == "UNKNOWN":
        return ({} if unknown else None), rest
    if len(words) != 6 or words[1] not in ("TCP4", "TCP6"):
        return None, b""
    width = 4 if words[1] == "TCP4" else 6
    try:
        hosts = [ipaddress.ip_address(w) for w in words[2:4]]
    except ValueError:
        return None, b""
    if any(h.version != width or "%" in w for h, w in zip(hosts, words[2:4])):
        return None, b""
    if any(not re.fullmatch(r"0|[1-9][0-9]{0,4}", w) or int(w) > 65535 for w in words[4:]):
        return None, b""
    return {"remote": address(hosts[0].packed), "local": address(hosts[1].packed),
            "ports": (int(words[4]), int(words[5]))}, rest


def binary_read(data, most, unknown):
    if len(data) < 16:
        return None, b""
    command, family, size = struct.unpack(">BBH", data[12:16])
    if 16 + size > most or len(data) < 16 + size:
        return None, b""
    body, rest = data[16:16 + size], data[16 + size:]
    if command == LOCAL:
        return {}, rest
    if command != PROXY:
        return None, b""
    if family not in (TCP4, TCP6):
        return ({} if unknown else None), rest
    width = 4 if family == TCP4 else 16
    if size < 2 * width + 4:
        return None, b""
    said = {"remote": address(body[:width]), "local": address(body[width:2 * width]),
            "ports": struct.unpack(">HH", body[2 * width:2 * width + 4])}
    try:
        found = cut(body[2 * width + 4:])
        at = 16 + 2 * width + 4
        for kind, value in found:
            at += 3
            if kind == CRC32C and (len(value) != 4 or crc32c(
                    data[:at] + bytes(4) + data[at + 4:16 + size]).to_bytes(4, "big") != value):
                return None, b""
            at += len(value)
        said["env"] = variables(found)
    except ValueError:
        return None, b""
    return said, rest


def read(data, most=552, unknown=False):
    """What a header says ({} of the peer itself, None: the connection is dropped), and the
    program's bytes behind it."""
    if data.startswith(SIGNATURE):
        return binary_read(data, most, unknown)
    return text_read(data, unknown)


def main():
    raise SystemExit("a module of the tests")


if __name__ == "__main__":
    main()
