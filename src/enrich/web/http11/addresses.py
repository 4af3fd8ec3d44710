"""Connect to a host with several addresses: Happy Eyeballs (RFC 8305), by aiohappyeyeballs."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from itertools import zip_longest

from aiohappyeyeballs import AddrInfoType, start_connection

from enrich.web.guard import Address
from enrich.web.in_flight import is_out_of_files

ATTEMPT_DELAY = 0.25
"""Seconds until the next address is tried beside pending ones: RFC 8305, section 5."""

_MOST = 6  # addresses of a host; each pending one uses a file descriptor
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


def in_turn(addresses: Sequence[Address], family: int | None = None) -> list[Address]:
    """Return addresses with alternating families, beginning with `family` (4 or 6) if there is one, else as given.

    RFC 8305, section 4: on a machine without working IPv6, the second attempt uses the other family.
    """
    if not addresses:
        return []
    begins = family if any(address.version == family for address in addresses) else addresses[0].version
    first = [address for address in addresses if address.version == begins]
    second = [address for address in addresses if address.version != begins]
    return [address for pair in zip_longest(first, second) for address in pair if address]


async def connect(addresses: Sequence[Address], port: int) -> socket.socket:
    """Open a TCP connection to the first of a host's addresses that takes one, in their order.

    Raises:
        OSError: When none does, or no file is left (EMFILE, ENFILE).
    """
    shortage: list[OSError] = []

    def make(info: AddrInfoType) -> socket.socket:
        try:
            return socket.socket(info[0], info[1], info[2])
        except OSError as failure:
            if is_out_of_files(failure):
                shortage.append(failure)
            raise

    infos: list[AddrInfoType] = [
        (_FAMILIES[address.version], socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (str(address), port))
        for address in addresses[:_MOST]
    ]
    try:
        return await start_connection(infos, happy_eyeballs_delay=ATTEMPT_DELAY, interleave=0, socket_factory=make)
    except OSError as failure:
        raise (shortage[0] if shortage else failure) from None
