"""Decide who may connect, from compiled rule files: libpostern, by ctypes.

    import postern

    with postern.Rules("smtp.cdb") as rules:
        decision = rules.decide("192.0.2.7", host="mx.example.com")
        if decision.allowed:
            serve(decision.environ)

Every error of the library is an exception below Error, with the library's status as its
`status`. Whatever it is, it means: deny the connection. What is no text, number or address
at all is a TypeError, as everywhere in Python.

Texts. Names, values, hosts and idents are bytes on the net and in rule files. They go in as
bytes or str, and come out as bytes. A str stands for the bytes that os.fsencode() makes of
it on a system that speaks UTF-8: what is not UTF-8 is an escape (surrogateescape), both
ways. Decision.environ and the str() of an error follow that.

Threads. Everything here may be used by any number of threads at once. A decision is a copy:
it stays when the rules are closed. Closing while other threads decide is fine too: they get
their answers, and the memory goes when the last of them has it.

The library is looked for in the variable POSTERN_LIBRARY (the path of a file), beside this
module, and where the system's loader finds it, when it is first needed.
"""
import ctypes
import ctypes.util
import enum
import ipaddress
import os
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Dict, List, Optional, Tuple, Type, TypeVar, Union

__version__ = "0.1.0"
__all__ = [
    "Address", "ArgumentError", "BusyError", "ClosedError", "Decision", "Error", "FileFormat",
    "FormatError", "Info", "IoError", "LibraryError", "Limit", "Need", "OutOfMemoryError",
    "Origin", "Per", "Rate", "Rules", "Status", "Step", "Text", "TraceEvent", "Verdict",
    "VersionError", "Watch", "canonical", "version",
]

Text = Union[str, bytes]
Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
Address = Union[str, ipaddress.IPv4Address, ipaddress.IPv6Address]
_Self = TypeVar("_Self", bound="_Closable")


# What goes wrong.


class Status(enum.IntEnum):
    """How a call of the library ended: enum postern_status."""
    OK = 0
    ARG = 1
    NOMEM = 2
    IO = 3
    FORMAT = 4
    BUSY = 5
    VERSION = 6


class Error(Exception):
    """An error of the library. Deny, whichever it is."""
    status = Status.ARG


class ArgumentError(Error, ValueError):
    """Something that cannot be used: a text that is no address, a rule that there is not."""
    status = Status.ARG


class ClosedError(ArgumentError):
    """The rules, or the watch, have been closed."""


class OutOfMemoryError(Error, MemoryError):
    """Out of memory."""
    status = Status.NOMEM


class IoError(Error, OSError):
    """The system refused: `errno`, `strerror` and `filename` say why, as of any OSError."""
    status = Status.IO


class FormatError(Error, ValueError):
    """Not a compiled rule file, or a damaged one."""
    status = Status.FORMAT


class BusyError(Error):
    """The file kept changing while it was read."""
    status = Status.BUSY


class VersionError(Error):
    """A file of a newer version, or one that requires what the library does not know:
    `lacking` has the names of that, where the file tells."""
    status = Status.VERSION

    def __init__(self, message: str, lacking: Tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.lacking = lacking


class LibraryError(ImportError):
    """The shared library is not to be found, or is older than this module."""


_ERRORS: Dict[int, Type[Error]] = {
    Status.NOMEM: OutOfMemoryError, Status.FORMAT: FormatError, Status.BUSY: BusyError,
}


# The library.


class _Str(ctypes.Structure):
    _fields_ = [("ptr", ctypes.c_void_p), ("len", ctypes.c_size_t)]

    def bytes(self) -> Optional[bytes]:
        return None if self.ptr is None else ctypes.string_at(self.ptr, self.len)


class _Addr(ctypes.Structure):
    _fields_ = [("family", ctypes.c_uint8), ("bytes", ctypes.c_uint8 * 16)]


class _Query(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
                ("remote", _Addr), ("remote_text", _Str), ("host", _Str), ("ident", _Str),
                ("scratch", ctypes.c_void_p), ("scratch_size", ctypes.c_size_t)]


class _EnvIter(ctypes.Structure):
    _fields_ = [("at", ctypes.c_void_p), ("end", ctypes.c_void_p)]


class _Env(ctypes.Structure):
    _fields_ = [("name", _Str), ("value", _Str), ("assignment", ctypes.c_void_p)]


class _Per(ctypes.Structure):
    _fields_ = [("v4", ctypes.c_uint8), ("v6", ctypes.c_uint8)]


class _Limit(ctypes.Structure):
    _fields_ = [("n", ctypes.c_uint32), ("per", _Per)]


class _Rate(ctypes.Structure):
    _fields_ = [("n", ctypes.c_uint32), ("seconds", ctypes.c_uint32), ("per", _Per)]


class _Decision(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("rule", ctypes.c_uint32),
                ("verdict", ctypes.c_uint8), ("step", ctypes.c_uint8),
                ("ident_rule", ctypes.c_uint8), ("reserved", ctypes.c_uint8),
                ("env", _EnvIter), ("limit", _Limit), ("rate", _Rate), ("reject", _Str)]


class _TraceEvent(ctypes.Structure):
    _fields_ = [("key", _Str), ("step", ctypes.c_uint8), ("ident_rule", ctypes.c_uint8),
                ("found", ctypes.c_uint8), ("reserved", ctypes.c_uint8)]


class _Origin(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("line", ctypes.c_uint32),
                ("target", _Str), ("file", _Str), ("owner", _Str), ("ticket", _Str),
                ("until", ctypes.c_uint32), ("identity", ctypes.c_uint64)]


class _Info(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("format", ctypes.c_uint32),
                ("size", ctypes.c_uint64), ("records", ctypes.c_uint64),
                ("needs", ctypes.c_uint32)]


_TRACE_FN = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(_TraceEvent))
_COPY, _CHECK = 1, 2
_TEXT_MAX = 1022
_RULE_NONE = 0xffffffff
_U32, _INT_MAX = 2 ** 32, 2 ** 31

_P, _S, _INT, _VP = ctypes.POINTER, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p
_RUNTIME: Dict[str, Tuple[Any, List[Any]]] = {
    "postern_version": (ctypes.c_char_p, []),
    "postern_status_text": (ctypes.c_char_p, [_INT]),
    "postern_addr_parse": (ctypes.c_bool, [ctypes.c_char_p, _S, _P(_Addr)]),
    "postern_addr_print": (_S, [_P(_Addr), ctypes.c_char_p]),
    "postern_rules_open": (_INT, [ctypes.c_char_p, ctypes.c_uint32, _P(_VP)]),
    "postern_rules_open_fd": (_INT, [_INT, ctypes.c_uint32, _P(_VP)]),
    "postern_rules_open_memory": (_INT, [ctypes.c_char_p, _S, ctypes.c_uint32, _P(_VP)]),
    "postern_rules_close": (None, [_VP]),
    "postern_rules_decide": (_INT, [_VP, _P(_Query), _P(_Decision)]),
    "postern_rules_trace": (_INT, [_VP, _P(_Query), _TRACE_FN, _VP, _P(_Decision)]),
    "postern_rules_needs": (_INT, [_VP, _P(_Addr), _P(ctypes.c_uint32)]),
    "postern_rules_outcome": (_INT, [_VP, ctypes.c_uint32, _P(_Decision)]),
    "postern_rules_origin": (_INT, [_VP, ctypes.c_uint32, _P(_Origin)]),
    "postern_rules_lacking": (_S, [ctypes.c_char_p, ctypes.c_char_p, _S]),
    "postern_rules_info": (_INT, [_VP, _P(_Info)]),
    "postern_env_next": (ctypes.c_bool, [_P(_EnvIter), _P(_Env)]),
    "postern_watch_open": (_INT, [ctypes.c_char_p, ctypes.c_uint32, _P(_VP)]),
    "postern_watch_acquire": (_INT, [_VP, _P(_VP)]),
    "postern_watch_changed": (ctypes.c_bool, [_VP]),
    "postern_watch_due_ms": (ctypes.c_int64, [_VP]),
    "postern_watch_release": (None, [_VP, _VP]),
    "postern_watch_reload": (_INT, [_VP]),
    "postern_watch_close": (None, [_VP]),
}


class _Library:
    """A shared library, loaded when the first of its functions is called."""

    def __init__(self, name: str, variable: str,
                 functions: Dict[str, Tuple[Any, List[Any]]]) -> None:
        self._name, self._variable, self._functions = name, variable, functions
        self._lock = threading.Lock()

    def _find(self) -> str:
        told = os.environ.get(self._variable)
        if told:
            return told
        here = os.path.dirname(os.path.abspath(__file__))
        for name in (f"lib{self._name}.so.0", f"lib{self._name}.so"):
            if os.path.exists(os.path.join(here, name)):
                return os.path.join(here, name)
        return ctypes.util.find_library(self._name) or f"lib{self._name}.so.0"

    def _load(self) -> None:
        path = self._find()
        try:
            library = ctypes.CDLL(path, use_errno=True)
        except OSError as error:
            raise LibraryError(f"lib{self._name} cannot be loaded: {error}; {self._variable} "
                               "may say where it is") from error
        for name, (result, arguments) in self._functions.items():
            try:
                function = getattr(library, name)
            except AttributeError as error:
                raise LibraryError(f"{path} has no {name}: this module needs lib{self._name} "
                                   f"{__version__} or later") from error
            function.restype, function.argtypes = result, arguments
        for name in self._functions:
            setattr(self, name, getattr(library, name))

    def __getattr__(self, name: str) -> Any:
        if name not in self._functions:
            raise AttributeError(name)
        with self._lock:
            if name not in self.__dict__:
                self._load()
        return self.__dict__[name]


_library = _Library("postern", "POSTERN_LIBRARY", _RUNTIME)


# Values in and out.


class Verdict(enum.IntEnum):
    """What the rules decide."""
    DENY = 0
    ALLOW = 1


class Step(enum.IntEnum):
    """The ladder, from the step that outranks all to the one that anything takes."""
    BLOCK = 0
    ADDRESS = 1
    HOST = 2
    PREFIX = 3
    SUFFIX = 4
    ANY_HOST = 5
    DEFAULT = 6
    NONE = 7


class Need(enum.IntFlag):
    """What a server may still have to find out about a client."""
    NOTHING = 0
    HOST = 1
    IDENT = 2


class FileFormat(enum.IntEnum):
    """What a compiled file is made of."""
    CLASSIC = 1
    NATIVE = 2


@dataclass(frozen=True)
class Per:
    """What counts as one source: a network of so many bits, for each family."""
    v4: int
    v6: int


@dataclass(frozen=True)
class Limit:
    """At most n live connections from one source."""
    n: int
    per: Per


@dataclass(frozen=True)
class Rate:
    """A token bucket of n that fills in so many seconds."""
    n: int
    seconds: int
    per: Per


@dataclass(frozen=True)
class Decision:
    """The answer to a query: a copy, which outlives its rules."""
    verdict: Verdict
    step: Step
    rule: Optional[int]
    """For Rules.origin() and Rules.outcome() of the same rules; None: no rule matched."""
    ident_rule: bool
    """Whether the rule names this ident."""
    assignments: Tuple[Tuple[bytes, Optional[bytes]], ...]
    """The variables in the order of the file; None stands for a name without its sign."""
    limit: Optional[Limit]
    rate: Optional[Rate]
    reject: Optional[bytes]
    """What to send before closing, when denied or over the limit or rate."""

    @property
    def allowed(self) -> bool:
        return self.verdict is Verdict.ALLOW

    @property
    def env(self) -> Dict[bytes, bytes]:
        """The variables that a server sets: of two with one name the later counts, and a name
        without its sign is none. A denial may have some too."""
        return {name: value for name, value in self.assignments if value is not None}

    @property
    def environ(self) -> Dict[str, str]:
        """env as os.environ and subprocess take it."""
        return {_text(name): _text(value) for name, value in self.env.items()}


@dataclass(frozen=True)
class TraceEvent:
    """One look-up on the way to a decision."""
    key: bytes
    step: Step
    ident_rule: bool
    found: bool


@dataclass(frozen=True)
class Origin:
    """Where a rule comes from, as far as the file tells."""
    line: Optional[int]
    target: Optional[bytes]
    """The rule as written; of a classic file, its key."""
    file: Optional[bytes]
    owner: Optional[bytes]
    ticket: Optional[bytes]
    until: Optional[int]
    """The last day it is meant for, YYYYMMDD."""
    identity: int
    """The same in the next version of the file, as long as it is the same rule."""


@dataclass(frozen=True)
class Info:
    """Facts about an open file."""
    format: FileFormat
    size: int
    records: int
    """In a classic file; the rules of a native one."""
    needs: Need
    """What any address needs."""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(value: Text, what: str) -> bytes:
    if isinstance(value, bytes):
        return bytes(value)
    if not isinstance(value, str):
        raise TypeError(f"{what} is to be str or bytes, not {type(value).__name__}")
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise ArgumentError(f"{what} has a lone surrogate: {value!r}") from error


def _path(path: Path) -> bytes:
    try:
        encoded = os.fsencode(path)
    except UnicodeEncodeError as error:
        raise ArgumentError(f"the path has a lone surrogate: {path!r}") from error
    if b"\0" in encoded:
        raise ArgumentError(f"the path has a NUL: {path!r}")
    return encoded


def _number(value: int, end: int, what: str) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{what} is to be int, not {type(value).__name__}")
    if not 0 <= value < end:
        raise ArgumentError(f"no such {what}: {value}")
    return int(value)


def _address(address: Address) -> _Addr:
    out = _Addr()
    if isinstance(address, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
        if isinstance(address, ipaddress.IPv6Address):
            address = address.ipv4_mapped or address
        packed = address.packed
        out.family = 4 if len(packed) == 4 else 6
        out.bytes[:len(packed)] = list(packed)
    elif isinstance(address, str):
        encoded = _bytes(address, "an address")
        if not _library.postern_addr_parse(encoded, len(encoded), ctypes.byref(out)):
            raise ArgumentError(f"not an address: {address!r}")
    else:
        raise TypeError("an address is to be str or of ipaddress, not "
                        f"{type(address).__name__}")
    return out


def _check(status: int, error: int = 0, path: Optional[bytes] = None) -> None:
    """Raises what a status says. `error` is the errno of the call."""
    if status == Status.OK:
        return
    name = None if path is None else os.fsdecode(path)
    if status == Status.IO:
        if name is None:
            raise IoError(error, os.strerror(error))
        raise IoError(error, os.strerror(error), name)
    message = _text(_library.postern_status_text(status))
    if name is not None:
        message = f"{name}: {message}"
    if status == Status.VERSION:
        lacking = () if path is None else _lacking(path)
        raise VersionError(": ".join([message, *lacking]), lacking)
    raise _ERRORS.get(status, ArgumentError)(message)


def _lacking(path: bytes) -> Tuple[str, ...]:
    room = ctypes.create_string_buffer(4096)
    _library.postern_rules_lacking(path, room, len(room))
    return tuple(word.strip() for word in _text(room.value).split(",") if word.strip())


def _str(data: Optional[bytes]) -> _Str:
    """A view of the bytes, which the caller keeps. An empty text has a pointer too."""
    if data is None:
        return _Str(None, 0)
    return _Str(ctypes.cast(ctypes.c_char_p(data), _VP), len(data))


class _Asked:
    """A query, with what it points to."""

    def __init__(self, address: Address, host: Optional[Text], ident: Optional[Text],
                 remote_text: Optional[Text]) -> None:
        self.query = _Query(struct_size=ctypes.sizeof(_Query), remote=_address(address))
        self.kept: List[Any] = []
        total = 0
        for name, text in (("host", host), ("ident", ident), ("remote_text", remote_text)):
            if text is not None:
                data = _bytes(text, name)
                self.kept.append(data)
                setattr(self.query, name, _str(data))
                total += len(data)
        if total + 46 > _TEXT_MAX:
            size = total + 46 + 8
            scratch = ctypes.create_string_buffer(size)
            self.kept.append(scratch)
            self.query.scratch = ctypes.cast(scratch, _VP)
            self.query.scratch_size = size


def _assignments(iterator: _EnvIter) -> Tuple[Tuple[bytes, Optional[bytes]], ...]:
    if iterator.at == iterator.end:
        return ()
    found, env = [], _Env()
    while _library.postern_env_next(ctypes.byref(iterator), ctypes.byref(env)):
        found.append((env.name.bytes() or b"", env.value.bytes()))
    return tuple(found)


def _per(per: _Per) -> Per:
    return Per(per.v4, per.v6)


def _decision(raw: _Decision) -> Decision:
    """A copy of everything, while the rules are there."""
    return Decision(
        verdict=Verdict(raw.verdict), step=Step(raw.step),
        rule=None if raw.rule == _RULE_NONE else raw.rule, ident_rule=bool(raw.ident_rule),
        assignments=_assignments(raw.env),
        limit=Limit(raw.limit.n, _per(raw.limit.per)) if raw.limit.n else None,
        rate=Rate(raw.rate.n, raw.rate.seconds, _per(raw.rate.per)) if raw.rate.n else None,
        reject=raw.reject.bytes())


# Handles. Whoever calls the library has a reference of its own to the handle for as long, and
# the last reference ends what is behind it: so no call ever meets one that has been closed.


class _Handle:
    """Something of the library's, and how it ends."""

    def __init__(self, pointer: int, end: Any, *first: Any) -> None:
        self.pointer, self._end, self._first = pointer, end, first

    def __del__(self) -> None:
        self._end(*self._first, self.pointer)


class _Held(_Handle):
    """Rules that a watch gave, which it outlives."""

    def __init__(self, pointer: int, watch: _Handle) -> None:
        super().__init__(pointer, _library.postern_watch_release, watch.pointer)
        self._watch = watch


class _Closable:
    _handle: Optional[_Handle] = None
    _what = "handle"

    def _open(self) -> _Handle:
        handle = self._handle
        if handle is None:
            raise ClosedError(f"the {self._what} is closed")
        return handle

    @property
    def closed(self) -> bool:
        return self._handle is None

    def close(self) -> None:
        """Ends it; a second time does nothing. Calls of other threads end first."""
        self._handle = None

    def __enter__(self: _Self) -> _Self:
        self._open()
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()


def _flags(copy: bool, check: bool) -> int:
    return (_COPY if copy else 0) | (_CHECK if check else 0)


class Rules(_Closable):
    """An open compiled rule file, which never changes.

    copy   Read it into memory. Without it the file is mapped, in constant time, and whoever
           truncates it in place ends this process by SIGBUS.
    check  Look at every record now. Without it damage shows when a decision meets it, as
           FormatError.
    """
    _what = "rule file"

    def __init__(self, path: Path, *, copy: bool = True, check: bool = True) -> None:
        encoded = _path(path)
        pointer = _VP()
        status = _library.postern_rules_open(encoded, _flags(copy, check),
                                             ctypes.byref(pointer))
        self._take(status, pointer, encoded)

    @classmethod
    def from_bytes(cls, image: Union[bytes, bytearray, memoryview], *,
                   check: bool = True) -> "Rules":
        """The rules of an image in memory, which is copied."""
        data = bytes(memoryview(image))
        pointer = _VP()
        status = _library.postern_rules_open_memory(data, len(data), _flags(True, check),
                                                    ctypes.byref(pointer))
        return cls.__new__(cls)._take(status, pointer)

    @classmethod
    def from_fd(cls, fd: int, *, copy: bool = True, check: bool = True) -> "Rules":
        """The rules of a descriptor that is open for reading, and stays the caller's."""
        pointer = _VP()
        status = _library.postern_rules_open_fd(_number(fd, _INT_MAX, "descriptor"),
                                                _flags(copy, check), ctypes.byref(pointer))
        return cls.__new__(cls)._take(status, pointer)

    def _take(self, status: int, pointer: Any, path: Optional[bytes] = None) -> "Rules":
        _check(status, ctypes.get_errno(), path)
        self._handle = _Handle(pointer.value or 0, _library.postern_rules_close)
        return self

    def decide(self, address: Address, host: Optional[Text] = None,
               ident: Optional[Text] = None, *,
               remote_text: Optional[Text] = None) -> Decision:
        """What happens to a connection.

        host         The reverse name, confirmed, in lower case, without a final dot; None
                     for none or none yet. An empty one is a name that happens to be empty.
        ident        What the ident server said; None for nothing.
        remote_text  The address as a server prints it, where it prints otherwise: a classic
                     file is looked up by that, byte for byte.
        """
        handle = self._open()
        asked = _Asked(address, host, ident, remote_text)
        raw = _Decision(struct_size=ctypes.sizeof(_Decision))
        _check(_library.postern_rules_decide(handle.pointer, ctypes.byref(asked.query),
                                             ctypes.byref(raw)))
        return _decision(raw)

    def trace(self, address: Address, host: Optional[Text] = None,
              ident: Optional[Text] = None, *, remote_text: Optional[Text] = None
              ) -> Tuple[Decision, List[TraceEvent]]:
        """A decision, and each look-up on the way to it, in order."""
        handle = self._open()
        asked = _Asked(address, host, ident, remote_text)
        raw = _Decision(struct_size=ctypes.sizeof(_Decision))
        events: List[TraceEvent] = []
        raised: List[BaseException] = []

        def keep(_: Any, event: Any) -> None:
            try:  # ctypes would print what is raised here, and lose it
                seen = event.contents
                events.append(TraceEvent(seen.key.bytes() or b"", Step(seen.step),
                                         bool(seen.ident_rule), bool(seen.found)))
            except BaseException as error:  # pylint: disable=broad-except
                raised.append(error)

        status = _library.postern_rules_trace(handle.pointer, ctypes.byref(asked.query),
                                              _TRACE_FN(keep), None, ctypes.byref(raw))
        if raised:
            raise raised[0]
        _check(status)
        return _decision(raw), events

    def needs(self, address: Address) -> Need:
        """Whether a host name or an ident could still change what an address is answered: a
        server looks up neither in vain."""
        handle = self._open()
        remote = _address(address)
        needs = ctypes.c_uint32()
        _check(_library.postern_rules_needs(handle.pointer, ctypes.byref(remote),
                                            ctypes.byref(needs)))
        return Need(needs.value)

    def outcome(self, rule: int) -> Decision:
        """What a rule decides, wherever it decides. Its step is Step.NONE."""
        handle = self._open()
        raw = _Decision(struct_size=ctypes.sizeof(_Decision))
        _check(_library.postern_rules_outcome(handle.pointer, _number(rule, _U32, "rule"),
                                              ctypes.byref(raw)))
        return _decision(raw)

    def origin(self, rule: int) -> Origin:
        """Where a rule comes from."""
        handle = self._open()
        raw = _Origin(struct_size=ctypes.sizeof(_Origin))
        _check(_library.postern_rules_origin(handle.pointer, _number(rule, _U32, "rule"),
                                             ctypes.byref(raw)))
        return Origin(line=raw.line or None, target=raw.target.bytes(), file=raw.file.bytes(),
                      owner=raw.owner.bytes(), ticket=raw.ticket.bytes(),
                      until=raw.until or None, identity=raw.identity)

    def info(self) -> Info:
        """Facts about the file."""
        handle = self._open()
        raw = _Info(struct_size=ctypes.sizeof(_Info))
        _check(_library.postern_rules_info(handle.pointer, ctypes.byref(raw)))
        return Info(FileFormat(raw.format), raw.size, raw.records, Need(raw.needs))


class Watch(_Closable):
    """A path whose file may be replaced while the program runs.

    A path that has no usable file now is no error yet: rules() says so, and finds the file
    when it comes.
    """
    _what = "watch"

    def __init__(self, path: Path, *, copy: bool = True, check: bool = True) -> None:
        self._path = _path(path)
        pointer = _VP()
        _check(_library.postern_watch_open(self._path, _flags(copy, check),
                                           ctypes.byref(pointer)))
        self._handle = _Handle(pointer.value or 0, _library.postern_watch_close)

    def rules(self) -> Rules:
        """The rules of the file as it is now. One stat(2) while it has not changed. Close
        them when they have been used, as `with` does: they stay in memory until then, also
        when the file is replaced or the watch closed."""
        handle = self._open()
        pointer = _VP()
        status = _library.postern_watch_acquire(handle.pointer, ctypes.byref(pointer))
        _check(status, ctypes.get_errno(), self._path)
        rules = Rules.__new__(Rules)
        rules._handle = _Held(pointer.value or 0, handle)
        return rules

    def decide(self, address: Address, host: Optional[Text] = None,
               ident: Optional[Text] = None, *,
               remote_text: Optional[Text] = None) -> Decision:
        """Rules.decide() of the file as it is now."""
        with self.rules() as rules:
            return rules.decide(address, host, ident, remote_text=remote_text)

    def needs(self, address: Address) -> Need:
        """Rules.needs() of the file as it is now."""
        with self.rules() as rules:
            return rules.needs(address)

    def changed(self) -> bool:
        """Whether the next rules() would read the file, be it to compare it."""
        handle = self._open()
        return bool(_library.postern_watch_changed(handle.pointer))

    def due_ms(self) -> Optional[int]:
        """In how many milliseconds changed() will be true though the file may not have
        changed; None for never."""
        handle = self._open()
        due = int(_library.postern_watch_due_ms(handle.pointer))
        return None if due < 0 else due

    def reload(self) -> None:
        """Reads the file again now, changed or not."""
        handle = self._open()
        status = _library.postern_watch_reload(handle.pointer)
        _check(status, ctypes.get_errno(), self._path)


def canonical(address: Address) -> str:
    """The one text of an address: dotted quad, or RFC 5952. An IPv4-mapped IPv6 address is the
    IPv4 address that it maps."""
    text = ctypes.create_string_buffer(46)
    _library.postern_addr_print(ctypes.byref(_address(address)), text)
    return text.value.decode("ascii")


def version() -> str:
    """The version of the library, as "1.2.3"."""
    return _text(_library.postern_version())
