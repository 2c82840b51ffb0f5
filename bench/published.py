"""Tables of addresses as they are published: of networks and of countries, from npm."""
import csv
import ipaddress
import os
import subprocess
import tarfile
import zlib

TABLES = ( # the package, and its files without what tells the family
    ("@ip-location-db/asn", "asn"),
    ("@ip-location-db/geo-whois-asn-country", "geo-whois-asn-country"),
)


def prefixes_of(path):
    """
    The prefixes of the ranges of every second network or country, as a checksum of its
    name has it, so that neighbours are seldom decided alike.
    """
    with open(path, newline="", encoding="utf-8") as rows:
        for row in csv.reader(rows):
            if zlib.crc32(row[2].encode()) & 1:
                yield from ipaddress.summarize_address_range(*map(ipaddress.ip_address, row[:2]))


def fetch(package, folder):
    """The folder with the files of a package; None where no registry is to be reached."""
    into = os.path.join(folder, package.replace("/", "-"))
    os.mkdir(into)
    try:
        done = subprocess.run(["npm", "pack", "--silent", package], cwd=into, check=True, timeout=300,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except (OSError, subprocess.SubprocessError):
        return None
    with tarfile.open(os.path.join(into, done.stdout.split()[-1])) as archive:
        archive.extractall(into, [m for m in archive.getmembers() if m.isfile()
                                  and m.name.startswith("package/") and ".." not in m.name])
    return os.path.join(into, "package")


def tables(folder):
    """Name, family and text of each table that could be had."""
    for package, stem in TABLES:
        files = fetch(package, folder)
        for family in (4, 6) if files else ():
            found = prefixes_of(os.path.join(files, f"{stem}-ipv{family}.csv"))
            yield package.split("/")[1], family, "".join(f"{prefix}\n" for prefix in found)
