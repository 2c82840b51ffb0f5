"""Decide who may connect, and work with the rules: libpostern and libpostern-compiler, by ctypes.

    import postern

    with postern.Rules("smtp.cdb") as rules:
        decision = rules.decide("192.0.2.7", host="mx.example.com")
        if decision.allowed:
            serve(decision.environ)

    compiler = postern.Compiler()
    policy = compiler.load("smtp.rules")
    for finding in [*policy.diagnostics, *policy.lint()]:
        print(finding)
    for region in compiler.load("old.rules").diff(policy).regions:
        print(region.effect, region.ranges)

Every error of the library is an exception below Error, with the library's status as its
`status`. Whatever it is, it means: deny the connection. What is no text, number or address
at all is a TypeError, as everywhere in Python.

Texts. Names, values, hosts and idents are bytes on the net and in rule files. They go in as
bytes (bytearray, memoryview) or str, and come out as bytes. What is for people (names of files,
targets of rules, messages, excerpts) comes out as str. A str stands for the bytes that
os.fsencode() makes of it on a system that speaks UTF-8: what is not UTF-8 is an escape
(surrogateescape), both ways. Decision.environ and the str() of an error follow that.

Threads. Everything here may be used by any number of threads at once; calls for one compiler
wait for each other; of os.fork(), see Compiler. All that is answered is a copy: it stays when the rules are closed. Closing
while other threads decide is fine too: they get their answers, and the memory goes when the
last of them has it. Long calls hold up no other thread, and are ended by Compiler.cancel():
Python looks at Ctrl-C when they have ended.

Each library is looked for when it is first needed: in the variable POSTERN_LIBRARY or
POSTERN_COMPILER_LIBRARY (the path of a file), beside this module, in PREFIX/lib where this is
PREFIX/share/postern/python/postern.py, and where the system's loader finds it.
"""
import ctypes
import ctypes.util
import datetime
import enum
import errno as _errno
import ipaddress
import itertools
import os
import struct
import sysconfig
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import (Any, Callable, Dict, Iterable, List, NamedTuple, NoReturn, Optional, Sequence,
                    Tuple, Type, TypeVar, Union)

__version__ = "0.1.0"
__all__ = [
    "Address", "Answer", "ArgumentError", "Brief", "Briefs", "BusyError", "CancelledError", "Claim",
    "ClosedError", "Compiler", "Decision", "Difference", "Direction", "Edit", "Effect", "Error", "File",
    "FileFormat", "Finding", "FormatError", "Info", "IoError", "LibraryError", "Limit",
    "LimitError", "Need", "Origin", "OutOfMemoryError", "Penalty", "Per", "Place", "Policy", "Proof", "Query",
    "Range", "Rate", "RefusedError", "Region", "Related", "Rules", "STATUS_SIGNAL", "Server", "Severity", "Status",
    "Step", "Symbol", "SymbolKind", "Text", "TraceEvent", "Verdict", "VersionError", "Watch",
    "canonical", "version",
]

Text = Union[str, bytes, bytearray, memoryview]
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
    REFUSED = 7
    LIMIT = 8
    CANCELLED = 9


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
    """The file kept changing while it was read; or a reader asked the compiler that it reads
    for."""
    status = Status.BUSY


class VersionError(Error):
    """A file of a newer version, or one that requires what the library does not know:
    `lacking` has the names of that, where the file tells."""
    status = Status.VERSION

    def __init__(self, message: str, lacking: Tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.lacking = lacking


class RefusedError(Error):
    """The source has errors: `findings` has them."""
    status = Status.REFUSED

    def __init__(self, message: str, findings: "Tuple[Finding, ...]" = ()) -> None:
        super().__init__("\n".join([message, *map(str, findings)]))
        self.findings = findings


class LimitError(Error):
    """It takes more memory, or more work, than it may. After Policy.prove(), `claims` has
    what was decided, and at its end what would take too much."""
    status = Status.LIMIT
    claims: "Tuple[Claim, ...]" = ()


class CancelledError(Error):
    """Compiler.cancel() was called, or a signal got between the library and a reader."""
    status = Status.CANCELLED


class _LostError(CancelledError):
    """A callback was not run."""

    def __init__(self) -> None:
        super().__init__("what a signal raised kept a callback of the library from running")


class LibraryError(ImportError):
    """The shared library is not to be found, or is older than this module."""


_ERRORS: Dict[int, Type[Error]] = {
    Status.NOMEM: OutOfMemoryError, Status.FORMAT: FormatError, Status.BUSY: BusyError,
    Status.REFUSED: RefusedError, Status.LIMIT: LimitError, Status.CANCELLED: CancelledError,
}


# The library.


class _Str(ctypes.Structure):
    _fields_ = [("ptr", ctypes.c_void_p), ("len", ctypes.c_size_t)]

    def bytes(self) -> Optional[bytes]:
        return None if self.ptr is None else ctypes.string_at(self.ptr, self.len)

    def text(self) -> Optional[str]:
        return None if self.ptr is None else _text(ctypes.string_at(self.ptr, self.len))


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


class _LimitIter(ctypes.Structure):
    _fields_ = [("at", ctypes.c_void_p), ("end", ctypes.c_void_p)]


class _PenaltyIter(ctypes.Structure):
    _fields_ = [("at", ctypes.c_void_p), ("end", ctypes.c_void_p)]


class _Rate(ctypes.Structure):
    _fields_ = [("n", ctypes.c_uint32), ("seconds", ctypes.c_uint32), ("per", _Per)]


class _Decision(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("rule", ctypes.c_uint32),
                ("verdict", ctypes.c_uint8), ("step", ctypes.c_uint8),
                ("ident_rule", ctypes.c_uint8), ("reserved", ctypes.c_uint8),
                ("env", _EnvIter), ("limit", _Limit), ("rate", _Rate), ("reject", _Str),
                ("more_limits", _LimitIter), ("penalties", _PenaltyIter)]


class _Brief(ctypes.Structure):
    _fields_ = [("rule", ctypes.c_uint32), ("verdict", ctypes.c_uint8),
                ("step", ctypes.c_uint8), ("needs", ctypes.c_uint8), ("status", ctypes.c_uint8)]


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


class _Place(ctypes.Structure):
    _fields_ = [("file", _Str), ("line", ctypes.c_uint32), ("column", ctypes.c_uint32),
                ("offset", ctypes.c_uint32), ("size", ctypes.c_uint32), ("excerpt", _Str),
                ("excerpt_at", ctypes.c_uint32)]


class _Finding(ctypes.Structure):
    _fields_ = [("severity", ctypes.c_uint32), ("is_ignored", ctypes.c_bool),
                ("is_safe", ctypes.c_bool), ("code", _Str), ("name", _Str), ("kind", _Str),
                ("message", _Str), ("label", _Str), ("help", _Str), ("reason", _Str),
                ("at", _Place), ("related_count", ctypes.c_uint32),
                ("edit_count", ctypes.c_uint32), ("query", ctypes.POINTER(_Query)),
                ("answer", _Str)]


class _Related(ctypes.Structure):
    _fields_ = [("at", _Place), ("message", _Str)]


class _Edit(ctypes.Structure):
    _fields_ = [("at", _Place), ("text", _Str), ("alternative", ctypes.c_uint32)]


class _File(ctypes.Structure):
    _fields_ = [("name", _Str), ("text", _Str), ("error", ctypes.c_int32)]


class _Answer(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("until", ctypes.c_uint32),
                ("decision", _Decision), ("target", _Str), ("file", _Str),
                ("line", ctypes.c_uint32), ("column", ctypes.c_uint32), ("owner", _Str),
                ("ticket", _Str), ("entry", _Str), ("list", _Str),
                ("list_line", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


class _Claim(ctypes.Structure):
    _fields_ = [("at", _Place), ("is_always", ctypes.c_bool), ("holds", ctypes.c_bool),
                ("is_too_much", ctypes.c_bool), ("only_with_host", ctypes.c_bool),
                ("only_with_ident", ctypes.c_bool), ("query", ctypes.POINTER(_Query)),
                ("decision", ctypes.POINTER(_Decision))]


class _LintOptions(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("server", ctypes.c_uint32),
                ("today", ctypes.c_uint32), ("strict", ctypes.c_bool),
                ("no_ignores", ctypes.c_bool), ("only", ctypes.c_char_p),
                ("ignore", ctypes.c_char_p), ("privileged", ctypes.c_char_p),
                ("trusted", ctypes.c_char_p), ("against", ctypes.c_void_p),
                ("tests", ctypes.c_char_p)]


class _Region(ctypes.Structure):
    _fields_ = [("effect", ctypes.c_uint32), ("range_count", ctypes.c_uint32),
                ("host_count", ctypes.c_uint32), ("ident_count", ctypes.c_uint32),
                ("addresses", _Str), ("witness", ctypes.POINTER(_Query)),
                ("before", ctypes.POINTER(_Answer)), ("after", ctypes.POINTER(_Answer))]


class _Range(ctypes.Structure):
    _fields_ = [("first", _Addr), ("last", _Addr), ("text", _Str), ("is_partial", ctypes.c_bool)]


class _Symbol(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("kind", ctypes.c_uint32), ("at", _Place),
                ("text", _Str), ("definition", _Place), ("statement", _Place),
                ("rule", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


_READ_FN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
_CLAIM_FN = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.POINTER(_Claim))


class _CompilerOptions(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("as_of", ctypes.c_uint32),
                ("memory_limit", ctypes.c_uint64), ("read", _READ_FN),
                ("payload", ctypes.c_void_p)]


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
    "postern_rules_decide_addresses": (_INT, [_VP, ctypes.c_uint, ctypes.c_char_p, _S, _P(_Brief)]),
    "postern_rules_outcome": (_INT, [_VP, ctypes.c_uint32, _P(_Decision)]),
    "postern_rules_origin": (_INT, [_VP, ctypes.c_uint32, _P(_Origin)]),
    "postern_rules_lacking": (_S, [ctypes.c_char_p, ctypes.c_char_p, _S]),
    "postern_rules_info": (_INT, [_VP, _P(_Info)]),
    "postern_rules_image": (_Str, [_VP]),
    "postern_env_next": (ctypes.c_bool, [_P(_EnvIter), _P(_Env)]),
    "postern_limit_next": (ctypes.c_bool, [_P(_LimitIter), _P(_Limit)]),
    "postern_watch_open": (_INT, [ctypes.c_char_p, ctypes.c_uint32, _P(_VP)]),
    "postern_watch_acquire": (_INT, [_VP, _P(_VP)]),
    "postern_watch_changed": (ctypes.c_bool, [_VP]),
    "postern_watch_due_ms": (ctypes.c_int64, [_VP]),
    "postern_watch_release": (None, [_VP, _VP]),
    "postern_watch_reload": (_INT, [_VP]),
    "postern_watch_close": (None, [_VP]),
}


_CP = ctypes.c_char_p
_COMPILER: Dict[str, Tuple[Any, List[Any]]] = {
    "postern_sink_add": (ctypes.c_bool, [_VP, _CP, _S]),
    "postern_sink_file": (_INT, [_VP, _CP]),
    "postern_compiler_new": (_INT, [_P(_CompilerOptions), _P(_VP)]),
    "postern_compiler_free": (None, [_VP]),
    "postern_compiler_cancel": (None, [_VP]),
    "postern_compiler_resume": (None, [_VP]),
    "postern_compiler_memory": (None, [_VP, _P(ctypes.c_uint64), _P(ctypes.c_uint64)]),
    "postern_report_count": (_S, [_VP]),
    "postern_report_finding": (_P(_Finding), [_VP, _S]),
    "postern_report_related": (_P(_Related), [_VP, _S, _S]),
    "postern_report_edit": (_P(_Edit), [_VP, _S, _S]),
    "postern_report_free": (None, [_VP]),
    "postern_policy_load_file": (_INT, [_VP, _CP, _P(_VP)]),
    "postern_policy_load_text": (_INT, [_VP, _CP, _CP, _S, _P(_VP)]),
    "postern_policy_close": (None, [_VP]),
    "postern_policy_diagnostics": (_VP, [_VP]),
    "postern_policy_rules": (_VP, [_VP]),
    "postern_policy_file": (_P(_File), [_VP, _S]),
    "postern_policy_decide": (_INT, [_VP, _P(_Query), _P(_Answer)]),
    "postern_text_bytes": (_VP, [_VP, _P(_S)]),
    "postern_text_free": (None, [_VP]),
    "postern_policy_emit": (_INT, [_VP, ctypes.c_uint32, _P(_VP), _P(_VP)]),
    "postern_policy_emit_file": (_INT, [_VP, ctypes.c_uint32, _CP, _P(_VP)]),
    "postern_policy_prove": (_INT, [_VP, _CP, _CLAIM_FN, _VP, _P(ctypes.c_bool), _P(_VP)]),
    "postern_policy_lint": (_INT, [_VP, _P(_LintOptions), _P(_VP)]),
    "postern_policy_diff": (_INT, [_VP, _VP, ctypes.c_uint32, _P(_VP)]),
    "postern_diff_direction": (_INT, [_VP]),
    "postern_diff_region": (_P(_Region), [_VP, _S]),
    "postern_diff_range": (_P(_Range), [_VP, _S, _S]),
    "postern_diff_host": (_CP, [_VP, _S, _S]),
    "postern_diff_ident": (_CP, [_VP, _S, _S]),
    "postern_diff_free": (None, [_VP]),
    "postern_format": (_INT, [_VP, _CP, _CP, _S, _P(_VP), _P(_VP)]),
    "postern_policy_at": (_INT, [_VP, _CP, ctypes.c_uint32, _P(_Symbol)]),
}


def _folders() -> List[str]:
    """Where the libraries may lie that this module came with. Those of a prefix count for a
    module in its place there alone: for another one they might be anybody's."""
    folders = [os.path.dirname(os.path.abspath(__file__))]
    prefix = os.path.dirname(os.path.realpath(__file__))
    for name in ("python", "postern", "share"):
        prefix, found = os.path.split(prefix)
        if found != name:
            return folders
    place = sysconfig.get_config_var("MULTIARCH") or ""
    return folders + [os.path.join(prefix, name)
                      for name in (os.path.join("lib", place), "lib", "lib64")]


class _Library:
    """A shared library, loaded when the first of its functions is called."""

    def __init__(self, name: str, variable: str, functions: Dict[str, Tuple[Any, List[Any]]],
                 needs: "Optional[_Library]" = None) -> None:
        self._name, self._variable, self._functions = name, variable, functions
        self._needs, self._lock = needs, threading.Lock()

    def _find(self) -> str:
        told = os.environ.get(self._variable)
        if told:
            return told
        for folder in _folders():
            for name in (f"lib{self._name}.so.0", f"lib{self._name}.so"):
                if os.path.exists(os.path.join(folder, name)):
                    return os.path.join(folder, name)
        return ctypes.util.find_library(self._name) or f"lib{self._name}.so.0"

    def _load(self) -> None:
        if self._needs is not None:
            self._needs.postern_version()  # the loader takes that which is there already
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
_compiler = _Library("postern-compiler", "POSTERN_COMPILER_LIBRARY", _COMPILER, _library)


class _Callback:
    """A function for the library to call, out of which nothing is raised: ctypes would print it,
    and answer what happens to lie on the stack. It is kept for check(), and the answer is
    `failed`.

    A signal's handler may raise before the first line of the function, where nothing catches
    it. So each call is counted twice: at its end by the function, and at its begin by ctypes,
    which makes the first argument, and counts in C, where no handler runs.
    """
    _MOST = 2 ** 62

    def __init__(self, prototype: Any, function: Callable[..., Any], failed: Any) -> None:
        self.raised: Optional[BaseException] = None
        self._begun, self._ended = itertools.repeat(None, self._MOST), 0
        counted = type("_Counted", (ctypes.c_void_p,), {"__init__": self._begun.__next__})
        self.pointer: Any = type("_Counting", (prototype,), {
            "_argtypes_": (counted, *prototype._argtypes_[1:]),
            "_restype_": prototype._restype_, "_flags_": prototype._flags_,
        })(self._guarded(function, failed))

    def _guarded(self, function: Callable[..., Any], failed: Any) -> Callable[..., Any]:
        def call(_: Any, *arguments: Any) -> Any:
            try:
                answer = function(*arguments)
            except BaseException as error:  # pylint: disable=broad-except
                self.raised, answer = error, failed
            self._ended += 1
            return answer

        return call

    def unended(self) -> int:
        """How many calls are running, or were lost."""
        return self._MOST - self._begun.__length_hint__() - self._ended

    def check(self, unended: int = 0) -> None:
        """Raises what was raised, unless no more calls are unended than that."""
        if self.raised is not None:
            raise self.raised
        if self.unended() > unended:
            raise _LostError


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


STATUS_SIGNAL = 256
"""The status of a program that a signal has ended, of a penalty."""


@dataclass(frozen=True)
class Penalty:
    """A program that ends with a status from first to last has its client's source refused."""
    first: int
    last: int
    seconds: int


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
    limits: Tuple[Limit, ...] = ()
    """All limits of the rule, the first of which is `limit`: a client is let in where each of
    them has room."""
    penalties: Tuple[Penalty, ...] = ()
    """Ascending by status; without them it is the server's affair, but for who is exempt."""
    exempt: bool = False
    """Whether the rule says that its clients are never refused for penalties."""

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
class Brief:
    """What the rules say of an address without a host and an ident."""
    verdict: Verdict
    step: Step
    rule: Optional[int]
    """For Rules.origin() and Rules.outcome() of the same rules; None: no rule matched."""
    needs: Need
    """What could still change it."""

    @property
    def allowed(self) -> bool:
        """Whether the verdict is ALLOW."""
        return self.verdict is Verdict.ALLOW


class Briefs(NamedTuple):
    """What the rules say of many addresses: each member has a number for each of them."""
    rules: Sequence[int]
    """4294967295 stands for none."""
    verdicts: bytes
    """A byte of Verdict each."""
    steps: bytes
    """A byte of Step each."""
    needs: bytes
    """A byte of Need each."""


@dataclass(frozen=True)
class Origin:
    """Where a rule comes from, as far as the file tells."""
    line: Optional[int]
    target: Optional[str]
    """The rule as written; of a classic file, its key."""
    file: Optional[str]
    owner: Optional[str]
    ticket: Optional[str]
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


# The library trusts sizes and pointers, so these take nothing from methods that a subclass may
# have replaced: what they return is of the plain type.


def _plain(value: Union[bytes, bytearray, memoryview]) -> bytes:
    if type(value) is bytes:
        return value
    try:
        return bytes(memoryview(value))
    except ValueError as error:
        raise ArgumentError(f"bytes that are there no more: {error}") from error


def _bytes(value: Text, what: str) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _plain(value)
    if not isinstance(value, str):
        raise TypeError(f"{what} is to be str or bytes, not {type(value).__name__}")
    try:
        return str.encode(value, "utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise ArgumentError(f"{what} has a lone surrogate: {value!r}") from error


def _path(path: Path) -> bytes:
    try:
        encoded = _plain(os.fsencode(path))
    except UnicodeEncodeError as error:
        raise ArgumentError(f"the path has a lone surrogate: {path!r}") from error
    if b"\0" in encoded:
        raise ArgumentError(f"the path has a NUL: {path!r}")
    return encoded


def _number(value: int, end: int, what: str) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{what} is to be int, not {type(value).__name__}")
    number = int.__index__(value)
    if not 0 <= number < end:
        raise ArgumentError(f"no such {what}: {number}")
    return number


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


def _limits(raw: _Decision) -> Tuple[Limit, ...]:
    if not raw.limit.n:
        return ()
    found, limit = [Limit(raw.limit.n, _per(raw.limit.per))], _Limit()
    while _library.postern_limit_next(ctypes.byref(raw.more_limits), ctypes.byref(limit)):
        found.append(Limit(limit.n, _per(limit.per)))
    return tuple(found)


def _penalties(raw: _PenaltyIter) -> Tuple[Penalty, ...]:
    """As postern_penalty_next() of rules.h reads them; seconds 0 of a rule that is exempt."""
    if not raw.at:
        return ()
    rows = struct.iter_unpack("<4xHHI", ctypes.string_at(raw.at, raw.end - raw.at))
    return tuple(Penalty(*row) for row in rows)


def _decision(raw: _Decision) -> Decision:
    """A copy of everything, while the rules are there."""
    limits, penalties = _limits(raw), _penalties(raw.penalties)
    exempt = any(not penalty.seconds for penalty in penalties)
    return Decision(
        verdict=Verdict(raw.verdict), step=Step(raw.step),
        rule=None if raw.rule == _RULE_NONE else raw.rule, ident_rule=bool(raw.ident_rule),
        assignments=_assignments(raw.env),
        limit=limits[0] if limits else None, limits=limits,
        rate=Rate(raw.rate.n, raw.rate.seconds, _per(raw.rate.per)) if raw.rate.n else None,
        reject=raw.reject.bytes(), penalties=() if exempt else penalties, exempt=exempt)


# Handles. Whoever calls the library has a reference of its own to the handle for as long, and
# the last reference ends what is behind it: so no call ever meets one that has been closed.


class _Single:
    """What there is no second one of."""

    def __reduce_ex__(self, _: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} can be neither copied nor pickled")


class _Handle(_Single):
    """Something of the library's, and how it ends."""
    _end: Any = None

    def __init__(self, pointer: int, end: Any, *first: Any) -> None:
        self.pointer, self._first, self._end = pointer, first, end

    def __del__(self) -> None:
        if self._end is not None:  # what was raised may have kept it from being made
            self._end(*self._first, self.pointer)


class _Held(_Handle):
    """Rules that a watch gave, which it outlives."""

    def __init__(self, pointer: int, watch: _Handle) -> None:
        super().__init__(pointer, _library.postern_watch_release, watch.pointer)
        self._watch = watch


class _Closable(_Single):
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
        data = _plain(image)
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

        def keep(event: Any) -> None:
            seen = event.contents
            events.append(TraceEvent(seen.key.bytes() or b"", Step(seen.step),
                                     bool(seen.ident_rule), bool(seen.found)))

        callback = _Callback(_TRACE_FN, keep, None)
        status = _library.postern_rules_trace(handle.pointer, ctypes.byref(asked.query),
                                              callback.pointer, None, ctypes.byref(raw))
        callback.check()
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

    def decide_addresses(self, addresses: Iterable[Address]) -> List[Brief]:
        """Decides many addresses at once, each as decide() does without a host and an ident."""
        packed = [_address(address) for address in addresses]
        out: List[Optional[Brief]] = [None] * len(packed)
        for family, width in ((4, 4), (6, 16)):
            places = [n for n, address in enumerate(packed) if address.family == family]
            found = self.decide_packed(
                family, b"".join(bytes(packed[n].bytes[:width]) for n in places))
            for n, rule, verdict, step, needs in zip(places, *found):
                out[n] = Brief(Verdict(verdict), Step(step), None if rule == _RULE_NONE else rule,
                               Need(needs))
        return [brief for brief in out if brief is not None]

    def decide_packed(self, family: int, addresses: Union[bytes, bytearray, memoryview]) -> Briefs:
        """decide_addresses() for columns: addresses of one family, 4 or 16 bytes each, behind one
        another. This is the way for millions of them."""
        handle = self._open()
        if isinstance(addresses, str):
            raise TypeError("packed addresses are to be bytes, not str")
        packed = _bytes(addresses, "addresses")
        if family not in (4, 6) or len(packed) % (16 if family == 6 else 4):
            raise ArgumentError("addresses of family 4 have 4 bytes each, those of family 6 have 16")
        count = len(packed) // (16 if family == 6 else 4)
        found = (_Brief * count)()
        _check(_library.postern_rules_decide_addresses(handle.pointer, family, packed, count, found))
        raw = bytes(found)
        for status in set(raw[7::8]):
            _check(status)
        return Briefs(memoryview(raw).cast("I")[::2], raw[4::8], raw[5::8], raw[6::8])

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
        return Origin(line=raw.line or None, target=raw.target.text(), file=raw.file.text(),
                      owner=raw.owner.text(), ticket=raw.ticket.text(),
                      until=raw.until or None, identity=raw.identity)

    def info(self) -> Info:
        """Facts about the file."""
        handle = self._open()
        raw = _Info(struct_size=ctypes.sizeof(_Info))
        _check(_library.postern_rules_info(handle.pointer, ctypes.byref(raw)))
        return Info(FileFormat(raw.format), raw.size, raw.records, Need(raw.needs))

    def image(self) -> bytes:
        """The bytes of the file, as they decide: a copy, to be hashed or compared."""
        handle = self._open()
        return _library.postern_rules_image(handle.pointer).bytes() or b""


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


# Sources: libpostern-compiler.


Reader = Callable[[str], Optional[Text]]
Day = Union[int, datetime.date]
Word = Union[str, ipaddress.IPv4Network, ipaddress.IPv6Network, ipaddress.IPv4Address,
             ipaddress.IPv6Address]
Words = Union[Word, Iterable[Word], None]


class Severity(enum.IntEnum):
    """How much a finding matters."""
    ERROR = 0
    WARNING = 1
    NOTE = 2


class Server(enum.IntFlag):
    """What the server behind a policy does not do."""
    UNKNOWN = 0
    KNOWN = 1
    """What is not said here it does."""
    NO_HOST = 2
    NO_IDENT = 4
    PARANOID = 8
    """It drops names that do not lead back."""
    NO_IPV4 = 16
    NO_IPV6 = 32


class Effect(enum.IntEnum):
    """What a change means for whom it is for."""
    LOSES = 0
    """Was allowed, is denied."""
    GAINS = 1
    """Was denied, is allowed."""
    OTHER = 2
    """Is answered otherwise, with the same verdict."""


class Direction(enum.IntEnum):
    """What a change is altogether."""
    SAME = 0
    """Every client is answered alike: a proof."""
    STRICTER = 1
    """Nobody gains."""
    LOOSER = 2
    """Somebody gains, or gets other variables; nobody loses."""
    MIXED = 3


class SymbolKind(enum.IntEnum):
    """What stands at a position of a source."""
    NONE = 0
    RULE = 1
    TARGET = 2
    SET = 3
    ENV = 4
    VARIABLE = 5
    TERM = 6
    LIST = 7
    INCLUDE = 8
    CLAIM = 9
    HEADER = 10


class Query(NamedTuple):
    """A client: what decide() takes, decide(*query)."""
    address: str
    host: Optional[bytes] = None
    ident: Optional[bytes] = None

    def __str__(self) -> str:
        ident = "" if self.ident is None else _text(self.ident) + "@"
        host = "" if self.host is None else " =" + _text(self.host)
        return ident + self.address + host


@dataclass(frozen=True)
class Place:
    """A place in a text. Lines and columns count from 1, 0 is not known; columns, offset and
    size are bytes."""
    file: str
    line: int
    column: int
    offset: int
    size: int
    excerpt: Optional[str]
    """Its line, or a part of it; None when the text is confidential."""
    excerpt_at: int

    def __str__(self) -> str:
        numbers = [str(n) for n in (self.line, self.column) if n]
        return ":".join([self.file, *numbers])


@dataclass(frozen=True)
class Related:
    """Another place that belongs to a finding."""
    at: Optional[Place]
    message: str


@dataclass(frozen=True)
class Edit:
    """A replacement of bytes in a file. Edits of one finding with the same number are made
    together; those with another are an alternative to them."""
    at: Optional[Place]
    text: bytes
    alternative: int


@dataclass(frozen=True)
class Finding:
    """What is wrong with a policy, or could be better."""
    severity: Severity
    code: str
    """P301; P000 for what has no page of its own."""
    name: str
    kind: Optional[str]
    """Of an error of the compiler, its own name."""
    message: str
    label: Optional[str]
    help: Optional[str]
    at: Optional[Place]
    related: Tuple[Related, ...]
    edits: Tuple[Edit, ...]
    is_safe: bool
    """Its edits change no decision, which is proven."""
    is_ignored: bool
    """A comment of the source silences it, for this `reason`."""
    reason: Optional[str]
    query: Optional[Query]
    """An example of it."""
    answer: Optional[str]
    """What decides the query, in words."""

    def __str__(self) -> str:
        place = "" if self.at is None else f"{self.at}: "
        name = self.kind or f"{self.code} {self.name}"
        return f"{place}{self.severity.name.lower()}: {self.message} [{name}]"


@dataclass(frozen=True)
class File:
    """A file that was read for a policy."""
    name: str
    text: bytes
    error: int
    """errno of a file that could not be read, else 0."""


@dataclass(frozen=True)
class Answer:
    """A decision, and where the rule stands that made it."""
    decision: Decision
    target: Optional[str]
    """Of the rule, as written; None: no rule decided."""
    file: Optional[str]
    """None: nobody wrote the rule."""
    line: int
    column: int
    owner: Optional[str]
    ticket: Optional[str]
    until: Optional[int]
    entry: Optional[str]
    """Where an entry of a list decides: the entry, its file and its line."""
    list: Optional[str]
    list_line: int


@dataclass(frozen=True)
class Claim:
    """An `expect` or `always` of a policy, and whether it holds."""
    at: Optional[Place]
    is_always: bool
    holds: bool
    is_too_much: bool
    only_with_host: bool
    """It fails only for clients with a host, or with an ident."""
    only_with_ident: bool
    query: Optional[Query]
    """Of an expect its own, of a broken always one that breaks it."""
    decision: Optional[Decision]


@dataclass(frozen=True)
class Proof:
    """Whether all claims hold, and each of them."""
    holds: bool
    claims: Tuple[Claim, ...]


@dataclass(frozen=True)
class Range:
    """Addresses of a region, from the first to the last."""
    first: str
    last: str
    text: str
    """10.0.0.0/8; where not all is meant, with words behind it that say which."""
    is_partial: bool
    """A key of a classic file matches by how addresses are written: not all are meant."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Region:
    """Clients that a change is for, all alike: addresses by hosts by idents."""
    effect: Effect
    ranges: Tuple[Range, ...]
    hosts: Tuple[str, ...]
    """Patterns: =mx.example, =.example, with ! before what is left out; empty is no host.
    None at all: whoever it is."""
    idents: Tuple[str, ...]
    """joe@, *@ for any other, empty for none. None at all: whoever it is."""
    addresses: int
    witness: Query
    before: Answer
    after: Answer


@dataclass(frozen=True)
class Difference:
    """All that two policies answer differently: gains first, then losses, the largest first."""
    direction: Direction
    regions: Tuple[Region, ...]


@dataclass(frozen=True)
class Symbol:
    """What stands at a position of a source."""
    kind: SymbolKind
    at: Optional[Place]
    text: Optional[str]
    definition: Optional[Place]
    """Of a set, a group or a file: where it is defined."""
    statement: Optional[Place]
    rule: Optional[int]
    """Of what is in a rule: its number, for outcome() of the policy's rules."""


def _address_text(address: _Addr) -> str:
    text = ctypes.create_string_buffer(46)
    _library.postern_addr_print(ctypes.byref(address), text)
    return text.value.decode("ascii")


def _query(pointer: Any) -> Optional[Query]:
    if not pointer:
        return None
    raw = pointer.contents
    return Query(_address_text(raw.remote), raw.host.bytes(), raw.ident.bytes())


def _place(raw: _Place) -> Optional[Place]:
    file = raw.file.text()
    if file is None:
        return None
    return Place(file, raw.line, raw.column, raw.offset, raw.size, raw.excerpt.text(),
                 raw.excerpt_at)


def _answer(raw: _Answer) -> Answer:
    return Answer(decision=_decision(raw.decision), target=raw.target.text(),
                  file=raw.file.text(), line=raw.line, column=raw.column,
                  owner=raw.owner.text(), ticket=raw.ticket.text(), until=raw.until or None,
                  entry=raw.entry.text(), list=raw.list.text(), list_line=raw.list_line)


def _finding(report: int, number: int) -> Finding:
    raw = _compiler.postern_report_finding(report, number).contents
    related = [_compiler.postern_report_related(report, number, i).contents
               for i in range(raw.related_count)]
    edits = [_compiler.postern_report_edit(report, number, i).contents
             for i in range(raw.edit_count)]
    return Finding(
        severity=Severity(raw.severity), code=raw.code.text() or "", name=raw.name.text() or "",
        kind=raw.kind.text(), message=raw.message.text() or "", label=raw.label.text(),
        help=raw.help.text(), at=_place(raw.at),
        related=tuple(Related(_place(r.at), r.message.text() or "") for r in related),
        edits=tuple(Edit(_place(e.at), e.text.bytes() or b"", e.alternative) for e in edits),
        is_safe=raw.is_safe, is_ignored=raw.is_ignored, reason=raw.reason.text(),
        query=_query(raw.query), answer=raw.answer.text())


def _findings(report: Optional[int]) -> Tuple[Finding, ...]:
    if not report:
        return ()
    count = _compiler.postern_report_count(report)
    return tuple(_finding(report, number) for number in range(count))


def _claim(raw: _Claim) -> Claim:
    return Claim(at=_place(raw.at), is_always=raw.is_always, holds=raw.holds,
                 is_too_much=raw.is_too_much, only_with_host=raw.only_with_host,
                 only_with_ident=raw.only_with_ident, query=_query(raw.query),
                 decision=_decision(raw.decision.contents) if raw.decision else None)


def _region(diff: int, number: int, raw: _Region) -> Region:
    ranges = [_compiler.postern_diff_range(diff, number, i).contents
              for i in range(raw.range_count)]
    witness = _query(raw.witness)
    assert witness is not None
    return Region(
        effect=Effect(raw.effect),
        ranges=tuple(Range(_address_text(r.first), _address_text(r.last), r.text.text() or "",
                           r.is_partial) for r in ranges),
        hosts=tuple(_text(_compiler.postern_diff_host(diff, number, i))
                    for i in range(raw.host_count)),
        idents=tuple(_text(_compiler.postern_diff_ident(diff, number, i))
                     for i in range(raw.ident_count)),
        addresses=int(raw.addresses.text() or "0"), witness=witness,
        before=_answer(raw.before.contents), after=_answer(raw.after.contents))


def _day(day: Optional[Day], what: str) -> int:
    """YYYYMMDD; 0 for none."""
    if day is None:
        return 0
    if isinstance(day, datetime.date):
        return day.year * 10000 + day.month * 100 + day.day
    return _number(day, _U32, what)


_WORDS = (str, ipaddress.IPv4Network, ipaddress.IPv6Network, ipaddress.IPv4Address,
          ipaddress.IPv6Address)


def _word(value: Word, what: str) -> str:
    if isinstance(value, (ipaddress.IPv4Network, ipaddress.IPv6Network)):
        return str(value)
    if isinstance(value, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
        return canonical(value)
    if not isinstance(value, str):
        raise TypeError(f"{what} is to be str, not {type(value).__name__}")
    return value


def _option(value: Words, what: str) -> Optional[bytes]:
    """An option of the linter: words, in a text with commas or one by one."""
    if value is None:
        return None
    if not isinstance(value, _WORDS):
        value = ",".join(_word(each, what) for each in value)
    encoded = _bytes(_word(value, what), what)
    if b"\0" in encoded:
        raise ArgumentError(f"{what} has a NUL: {value!r}")
    return encoded


def _taken(report: Any) -> Tuple[Finding, ...]:
    """The findings of a report of the caller's own, which is given back."""
    if not report.value:
        return ()
    handle = _Handle(report.value, _compiler.postern_report_free)
    return _findings(handle.pointer)


class _Reading:
    """A reader, and what it raised in a call: the library knows errno alone, and what is raised
    goes around it. One call at a time, as in the library."""

    def __init__(self, read: Optional[Reader]) -> None:
        self._read, self._lock = read, threading.RLock()
        self._system: Optional[OSError] = None
        # of what else it raises nothing is kept: the library asks again after ENOMEM
        self._callback = _Callback(_READ_FN, self._on_read, _errno.ENOMEM)
        self.pointer = _READ_FN(0) if read is None else self._callback.pointer

    def _on_read(self, path: bytes, sink: int) -> int:
        assert self._read is not None
        try:
            text = self._read(_text(path))
        except OSError as error:
            self._system = error
            return _code(error)
        if text is None:
            return int(_compiler.postern_sink_file(sink, path))
        data = _bytes(text, "what a reader returns")
        return 0 if _compiler.postern_sink_add(sink, data, len(data)) else _errno.ENOMEM

    def watched(self, function: Any, *arguments: Any) -> "_Watched":
        """A call, and what came of it. Within it the reader may make others, which fail."""
        callback = self._callback
        with self._lock:
            before = self._system, callback.raised
            self._system, callback.raised = None, None
            unended = callback.unended()
            try:
                status, error = function(*arguments), ctypes.get_errno()
                try:
                    callback.check(unended)
                except BaseException as raised:  # pylint: disable=broad-except
                    return _Watched(status, error, self._system, raised)
                return _Watched(status, error, self._system, None)
            finally:
                self._system, callback.raised = before


class _Watched(NamedTuple):
    """How a call ended, and what its reader raised."""
    status: int
    errno: int
    system: Optional[OSError]
    other: Optional[BaseException]


def _code(error: OSError) -> int:
    """Its errno, as C has it: there is a text, or there is a reason why not."""
    code = error.errno
    if not isinstance(code, int):
        return _errno.EIO
    code = int.__index__(code)
    return code if 0 < code < _INT_MAX else _errno.EIO


class _Session(_Handle):
    """A compiler of the library's, whose reader stays for as long."""

    def __init__(self, pointer: int, reading: _Reading) -> None:
        super().__init__(pointer, _compiler.postern_compiler_free)
        self._reading = reading

    def call(self, function: Any, *arguments: Any, path: Optional[bytes] = None,
             made: Optional[Tuple[Any, Any]] = None, report: Any = None) -> None:
        """Calls what may read files. An OSError of the reader is the cause of the error that it
        leads to, everything else that it raises comes out as it is; then what was `made` (a
        pointer, and how it ends) is given back."""
        got = self._reading.watched(function, *arguments)
        findings = () if report is None else _taken(report)
        if got.other is not None:
            if made is not None and made[0].value:
                made[1](made[0])
            raise got.other
        if got.status == Status.REFUSED:
            raise RefusedError(_text(_library.postern_status_text(got.status)), findings)
        try:
            _check(got.status, got.errno, path)
        except (IoError, OutOfMemoryError) as error:
            code = got.errno if isinstance(error, IoError) else _errno.ENOMEM
            is_cause = got.system is not None and _code(got.system) == code
            raise error from (got.system if is_cause else None)


class Compiler(_Closable):
    """What sources are worked with.

    read          Called for every file that a policy needs, once for each path and policy, in
                  the thread of the call that needs it: read("lists/a.txt"). It returns the text;
                  None has the library read the file. An OSError says why there is none: what
                  names the file is told of it; without an errno of C's it is EIO, and ENOMEM
                  ends the call as OutOfMemoryError. Any other exception ends the call, and is
                  what the call raises; the next call that needs the file asks again. It may not
                  use this compiler.
    as_of         A day: rules that ended before it are left out.
    memory_limit  How many bytes this compiler's texts, policies and answers may take together;
                  what needs more is a LimitError.

    After os.fork() a child uses compilers, and policies, only that it has made itself: one whose
    call was running in another thread waits forever for that thread, which the child does not
    have.
    """
    _what = "compiler"

    def __init__(self, read: Optional[Reader] = None, *, as_of: Optional[Day] = None,
                 memory_limit: int = 0) -> None:
        if read is not None and not callable(read):
            raise TypeError(f"a reader is to be callable, not {type(read).__name__}")
        reading = _Reading(read)
        options = _CompilerOptions(
            struct_size=ctypes.sizeof(_CompilerOptions), as_of=_day(as_of, "day"),
            memory_limit=_number(memory_limit, 2 ** 64, "memory limit"), read=reading.pointer)
        pointer = _VP()
        _check(_compiler.postern_compiler_new(ctypes.byref(options), ctypes.byref(pointer)))
        self._handle = _Session(pointer.value or 0, reading)

    def _session(self) -> _Session:
        handle = self._open()
        assert isinstance(handle, _Session)
        return handle

    def load(self, path: Path) -> "Policy":
        """A policy from a file. One with errors is loaded too: see its diagnostics."""
        session, encoded, pointer = self._session(), _path(path), _VP()
        session.call(_compiler.postern_policy_load_file, session.pointer, encoded,
                     ctypes.byref(pointer), path=encoded,
                     made=(pointer, _compiler.postern_policy_close))
        return Policy._of(session, pointer)

    def load_text(self, name: Path, text: Text) -> "Policy":
        """A policy from a text. What it includes is read as if `name` was its path."""
        session, encoded, pointer = self._session(), _path(name), _VP()
        data = _bytes(text, "a text")
        session.call(_compiler.postern_policy_load_text, session.pointer, encoded, data,
                     len(data), ctypes.byref(pointer), path=encoded,
                     made=(pointer, _compiler.postern_policy_close))
        return Policy._of(session, pointer)

    def format(self, name: Path, text: Text) -> bytes:
        """The text in the one layout. What does not parse is a RefusedError."""
        session, encoded = self._session(), _path(name)
        data, pointer, report = _bytes(text, "a text"), _VP(), _VP()
        session.call(_compiler.postern_format, session.pointer, encoded, data, len(data),
                     ctypes.byref(pointer), ctypes.byref(report), path=encoded, report=report)
        return _text_taken(pointer)

    def cancel(self) -> None:
        """Ends the call that is running, and every later one, as CancelledError: from another
        thread, such as a threading.Timer's."""
        _compiler.postern_compiler_cancel(self._open().pointer)

    def resume(self) -> None:
        """Later calls work again."""
        _compiler.postern_compiler_resume(self._open().pointer)

    def memory(self) -> Tuple[int, int]:
        """What this compiler, and all that was made with it, takes now, and took at most."""
        used, peak = ctypes.c_uint64(), ctypes.c_uint64()
        _compiler.postern_compiler_memory(self._open().pointer, ctypes.byref(used),
                                          ctypes.byref(peak))
        return used.value, peak.value


def _text_taken(pointer: Any) -> bytes:
    text = _Handle(pointer.value or 0, _compiler.postern_text_free)
    size = ctypes.c_size_t()
    data = _compiler.postern_text_bytes(text.pointer, ctypes.byref(size))
    return ctypes.string_at(data, size.value) if data else b""


class _PolicyHandle(_Handle):
    """A policy of the library's, whose reader may be called as long as it lives."""

    def __init__(self, pointer: int, session: _Session) -> None:
        super().__init__(pointer, _compiler.postern_policy_close)
        self.session, self.is_doubtful = session, False

    def call(self, function: Any, *arguments: Any, **how: Any) -> None:
        """Session.call() for this policy. When its reader was not run, the library may keep a
        text of a file that is none: nothing is asked after that."""
        try:
            self.session.call(function, self.pointer, *arguments, **how)
        except _LostError:
            self.is_doubtful = True
            raise


class _Borrowed(_Handle):
    """The rules of a policy, which is theirs."""

    def __init__(self, pointer: int, policy: _PolicyHandle) -> None:
        super().__init__(pointer, lambda _: None)
        self._policy = policy


class Policy(_Closable):
    """A source with all that it includes and lists, as it was read, and compiled. Compiler.load()
    makes it."""
    _what = "policy"

    def __init__(self) -> None:
        raise TypeError("Compiler.load() and load_text() make policies")

    @classmethod
    def _of(cls, session: _Session, pointer: Any) -> "Policy":
        policy = cls.__new__(cls)
        policy._handle = _PolicyHandle(pointer.value or 0, session)
        return policy

    def _policy(self) -> _PolicyHandle:
        handle = self._open()
        assert isinstance(handle, _PolicyHandle)
        if handle.is_doubtful:
            raise _LostError
        return handle

    @property
    def diagnostics(self) -> Tuple[Finding, ...]:
        """The errors and warnings of the compiler."""
        handle = self._policy()
        return _findings(_compiler.postern_policy_diagnostics(handle.pointer))

    @property
    def ok(self) -> bool:
        """Whether it is compiled: it has no errors."""
        handle = self._policy()
        return bool(_compiler.postern_policy_rules(handle.pointer))

    def rules(self) -> Rules:
        """The compiled policy, for whoever decides often. RefusedError when it has errors."""
        handle = self._policy()
        pointer = _compiler.postern_policy_rules(handle.pointer)
        if not pointer:
            raise RefusedError(_text(_library.postern_status_text(Status.REFUSED)),
                               self.diagnostics)
        rules = Rules.__new__(Rules)
        rules._handle = _Borrowed(pointer, handle)
        return rules

    @property
    def files(self) -> Tuple[File, ...]:
        """The files that were read for it; the first is the root."""
        handle = self._policy()
        found: List[File] = []
        while raw := _compiler.postern_policy_file(handle.pointer, len(found)):
            file = raw.contents
            found.append(File(file.name.text() or "", file.text.bytes() or b"", file.error))
        return tuple(found)

    def decide(self, address: Address, host: Optional[Text] = None,
               ident: Optional[Text] = None, *, remote_text: Optional[Text] = None) -> Answer:
        """A decision, and its rule in the source. Rules.decide() of rules() is faster."""
        handle = self._policy()
        asked = _Asked(address, host, ident, remote_text)
        raw = _Answer(struct_size=ctypes.sizeof(_Answer))
        handle.call(_compiler.postern_policy_decide, ctypes.byref(asked.query),
                    ctypes.byref(raw))
        return _answer(raw)

    @staticmethod
    def _emit_flags(classic: bool, native: bool, strip: bool, proven: bool) -> int:
        return ((1 if classic else 0) | (2 if native else 0) | (4 if strip else 0)
                | (0 if proven else 8))

    def emit(self, *, classic: bool = False, native: bool = False, strip: bool = False,
             proven: bool = True) -> bytes:
        """The compiled policy, as `postern compile` writes it; for Rules.from_bytes() too.

        classic  An extended policy for the readers of ucspi-tcp.
        native   A classic one as an extended one.
        strip    Without where rules come from.
        proven   Only if its claims hold; False: without a look at them.
        """
        handle, pointer, report = self._policy(), _VP(), _VP()
        handle.call(_compiler.postern_policy_emit,
                    self._emit_flags(classic, native, strip, proven), ctypes.byref(pointer),
                    ctypes.byref(report), report=report,
                    made=(pointer, _compiler.postern_text_free))
        return _text_taken(pointer)

    def emit_file(self, path: Path, *, classic: bool = False, native: bool = False,
                  strip: bool = False, proven: bool = True) -> None:
        """emit() into a file, which is replaced whole, or not at all."""
        handle, encoded, report = self._policy(), _path(path), _VP()
        handle.call(_compiler.postern_policy_emit_file,
                    self._emit_flags(classic, native, strip, proven), encoded,
                    ctypes.byref(report), path=encoded, report=report)

    def prove(self, tests: Optional[Path] = None) -> Proof:
        """Decides all claims, over every address, host and ident; those of a file of tests too,
        which need not be there."""
        handle, report, holds = self._policy(), _VP(), ctypes.c_bool()
        encoded = None if tests is None else _path(tests)
        claims: List[Claim] = []

        def take(claim: Any) -> bool:
            claims.append(_claim(claim.contents))
            return True

        callback = _Callback(_CLAIM_FN, take, False)
        try:
            handle.call(_compiler.postern_policy_prove, encoded, callback.pointer, None,
                        ctypes.byref(holds), ctypes.byref(report), path=encoded, report=report)
        except LimitError as error:
            callback.check()
            error.claims = tuple(claims)
            raise
        callback.check()
        return Proof(holds.value, tuple(claims))

    def lint(self, *, server: Server = Server.UNKNOWN, today: Optional[Day] = None,
             strict: bool = False, no_ignores: bool = False,
             only: Words = None, ignore: Words = None, privileged: Words = None,
             trusted: Words = None, against: "Optional[Policy]" = None,
             tests: Optional[Path] = None) -> Tuple[Finding, ...]:
        """What its author may not mean. A policy with errors has them among its findings.

        server      What the server does not do; Server.KNOWN when that is all.
        today       What has ended by then is found.
        strict      Look for what is off by default too.
        no_ignores  Do not obey comments that silence findings.
        only        Names or codes; ignore likewise.
        privileged  Variables that give rights: RELAYCLIENT.
        trusted     Networks that may have them, besides the private ones: str, or of ipaddress,
                    addresses too.
        against     An earlier version, from which lists are expected to differ little.
        tests       A file of claims beside the policy, which need not be there.
        """
        if against is not None and not isinstance(against, Policy):
            raise TypeError(f"a policy is to be Policy, not {type(against).__name__}")
        handle, report = self._policy(), _VP()
        earlier = None if against is None else against._policy()
        options = _LintOptions(
            struct_size=ctypes.sizeof(_LintOptions),
            server=_number(server, _U32, "server flag"), today=_day(today, "day"),
            strict=bool(strict), no_ignores=bool(no_ignores), only=_option(only, "only"),
            ignore=_option(ignore, "ignore"), privileged=_option(privileged, "privileged"),
            trusted=_option(trusted, "trusted"),
            against=None if earlier is None else earlier.pointer,
            tests=None if tests is None else _path(tests))
        handle.call(_compiler.postern_policy_lint, ctypes.byref(options), ctypes.byref(report),
                    made=(report, _compiler.postern_report_free))
        return _taken(report)

    def diff(self, after: "Policy", *, server: Server = Server.UNKNOWN) -> Difference:
        """Whom the change from this policy to another of the same compiler is for, exactly."""
        if not isinstance(after, Policy):
            raise TypeError(f"a policy is to be Policy, not {type(after).__name__}")
        handle, other, pointer = self._policy(), after._policy(), _VP()
        handle.call(_compiler.postern_policy_diff, other.pointer,
                    _number(server, _U32, "server flag"), ctypes.byref(pointer),
                    made=(pointer, _compiler.postern_diff_free))
        diff = _Handle(pointer.value or 0, _compiler.postern_diff_free)
        regions: List[Region] = []
        while raw := _compiler.postern_diff_region(diff.pointer, len(regions)):
            regions.append(_region(diff.pointer, len(regions), raw.contents))
        return Difference(Direction(_compiler.postern_diff_direction(diff.pointer)),
                          tuple(regions))

    def at(self, offset: int, file: Optional[Path] = None) -> Symbol:
        """What stands at a position, in bytes, of the root or of another file of the policy."""
        handle = self._policy()
        raw = _Symbol(struct_size=ctypes.sizeof(_Symbol))
        handle.call(_compiler.postern_policy_at, None if file is None else _path(file),
                    _number(offset, _U32, "offset"), ctypes.byref(raw))
        return Symbol(kind=SymbolKind(raw.kind), at=_place(raw.at), text=raw.text.text(),
                      definition=_place(raw.definition), statement=_place(raw.statement),
                      rule=None if raw.rule == _RULE_NONE else raw.rule)
