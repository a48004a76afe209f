"""Lets through to training what a trusted Taster scan has released, and only that.

    from taster_gate import released
    files = released("batch", "report/verdict.json", "trust.json", dataset="weather", status="status.json")
    load_dataset("parquet", data_files=[glob.escape(str(f.path)) for f in files], split="train")   # Hugging Face
    streams = [f.open() for f in files]                                # the very bytes that were verified

Needs Python 3.9 or later and the package `cryptography`. Keys of the trust policy are Ed25519, or ECDSA on P-256 or P-384;
a policy that names an authority (`identity`, `issuer`) instead of a key is refused: use `taster gate` for those.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import os
import random
import re
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Iterator, Optional, Union

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

__all__ = ["Refused", "ReleasedFile", "released"]

_PAYLOAD_TYPE = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_VERDICT = "https://taster.example/verdict/v1"
_VERDICT_NAME = re.compile(r"verdict\.json|_verdict-([1-9][0-9]*)\.json")
_STATUS_TYPE = "application/vnd.taster.status+json"
_GROUPS = {"senders", "verifiers", "auditors", "approvers"}
_POLICY = {"$schema", "version", *_GROUPS, "advise", "onFault", "requireStatus", "requireApproval"}
_VERIFIER = {"name", "key", "identity", "issuer", "datasets", "from", "until", "revoked"}
# PKCS#8 or SEC1 in base64: no path of a file, and not to be quoted as one.
_PRIVATE_KEY = re.compile(r"M(?:[A-H].CAQ[A-H]|I[E-H].AgE[AB]|I[I-L]..[AQgw]IBA)[\w+/=\s-]{40,}|\n")
_NO_STATUS = (
    "no status list was given, and a batch may have been recalled: `taster recall --status <file> --key <key>` writes one; "
    'only a trust policy that says "requireStatus": false does without'
)
_MALFORMED = (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError)
# Each try begins with the last entry of that moment: who is overtaken so often would be so without end.
_MOST_TRIES = 100
# So many listings may lack an entry that is there, as it was written while they were made.
_MOST_LISTINGS = 5
_PAUSE_SECONDS = 0.01
_MISSING = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
_PathLike = Union[str, "os.PathLike[str]"]


class Refused(Exception):
    """Nothing may be trained on. `problems` says why."""

    def __init__(self, problems: "Union[str, list[str]]"):
        # One text is what a loader's worker process raises it again with.
        self.problems = [problems] if isinstance(problems, str) else problems
        super().__init__("; ".join(self.problems))

    def __reduce__(self) -> Any:
        return type(self), (self.problems,)


class _Unusable(Refused):
    """There is nothing to go by. `code` says so to others, who need not know where it was looked for."""

    def __init__(self, problems: "Union[str, list[str]]", code: str = ""):
        super().__init__(problems)
        self.code = code


@dataclass(frozen=True)
class ReleasedFile:
    """A shard whose bytes are those that were judged and released."""

    name: str
    path: Path
    sha256: str

    def read(self) -> bytes:
        """The bytes, verified again: a file may change after the gate. Raises Refused."""
        content = self.path.read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise Refused([f"{self.name}: its bytes are not those that were released"])
        return content

    def open(self) -> io.BytesIO:
        """A stream of the verified bytes."""
        return io.BytesIO(self.read())


def released(
    folder: _PathLike,
    verdict: _PathLike,
    trust: _PathLike,
    dataset: Optional[str] = None,
    now: Optional[datetime] = None,
    status: Optional[_PathLike] = None,
    in_place: bool = False,
    consumer: Optional[str] = None,
    audit: Optional[_PathLike] = None,
) -> "list[ReleasedFile]":
    """The released shards below a folder, by name, unless anything is wrong with any of them: then Refused.

    `verdict` is a file, or a folder whose last verdict holds; a file that has a later one beside it (_verdict-2.json, ...) gives
    way to that one, and none may be older than one before it. `status` is the signed list of what was recalled; only a trust
    policy that says "requireStatus": false does without it.
    With `in_place` the folder is where the batch arrived: what its verdict does not know is left alone there, and what was
    released of a shard without some of its rows is looked for beside the verdict.
    `audit` is the folder of an audit log, to which the pass or refusal is added before anything is returned, and `consumer` who
    is going to read. Raises ValueError for a consumer without a log, Refused where the log takes no entry.
    """
    record = _Record(audit, consumer, dataset)
    try:
        files = _ask(Path(folder), Path(verdict), Path(trust), dataset, now, status, in_place, record)
    except Refused as refused:
        first = f"{Path(folder).resolve().name}: {refused.code}" if isinstance(refused, _Unusable) else refused.problems[0]
        record.add("gate-refusal", {"problems": len(refused.problems), "first": first})
        raise
    handed = sorted(files, key=lambda file: file.name.encode("utf-16-be"))
    lines = "".join(f"{file.sha256}  {file.name}\n" for file in handed)
    record.add("gate-pass", {"shards": len(files), "list": _sha256(lines)})
    return files


def _ask(
    root: Path,
    verdict: Path,
    trust: Path,
    dataset: Optional[str],
    now: Optional[datetime],
    status: Optional[_PathLike],
    in_place: bool,
    record: "_Record",
) -> "list[ReleasedFile]":
    at = now or datetime.now(timezone.utc)
    verifiers, requires_status = _read_policy(trust)
    *earlier, followed = _verdicts(verdict)
    content = _read_verdict(followed)
    before = [_read_verdict(one) for one in earlier]
    statement = _open_verdict(content, before, verifiers, dataset, at)
    predicate = statement["predicate"]
    record.is_about(statement)
    if status is not None:
        _check_status(_read_status(Path(status)), verifiers, predicate, at)
    elif requires_status:
        raise Refused([_NO_STATUS])
    present = dict(_files(root))
    present.pop("verdict.json", None)
    known = {*(shard["name"] for shard in predicate["shards"]), *predicate.get("beside", [])}
    problems = [] if in_place else [f"{name}: the verdict does not know it" for name in sorted(present) if name not in known]
    beside = dict(_files(followed.parent)) if in_place else {}
    files = []
    for shard in predicate["shards"]:
        if shard["released"] is not True:
            continue
        name = shard["name"]
        path = present.get(name) or beside.get(name)
        if path is None:
            problems.append(f"{name}: it was released and is not there")
            continue
        file = ReleasedFile(name, path, shard["digest"]["sha256"])
        try:
            file.read()
            files.append(file)
        except Refused as refused:
            problems.extend(refused.problems)
        except _MISSING:
            problems.append(f"{name}: it was released and is not there")
    if not any(shard["released"] is True for shard in predicate["shards"]):
        problems.append("the verdict releases no shard")
    if problems:
        raise Refused(problems)
    return files


class _Record:
    """What the audit log is to say of an answer; without a log, nothing."""

    def __init__(self, audit: Optional[_PathLike], consumer: Optional[str], dataset: Optional[str]):
        if consumer is not None and audit is None:
            raise ValueError("a consumer is named and no audit log: nothing would say who has read what; name one: audit")
        if audit is not None and "://" in os.fspath(audit):
            raise ValueError("audit must be a folder: to a log elsewhere `taster gate --consumer --audit` adds")
        self._log = None if audit is None else Path(audit)
        self._consumer = consumer
        self._dataset = dataset
        self._batch: "Optional[dict[str, str]]" = None

    def is_about(self, statement: "dict[str, Any]") -> None:
        """A verdict that counts."""
        batch = statement["subject"][0]
        self._batch = {"name": batch["name"], "sha256": batch["digest"]["sha256"]}
        self._dataset = statement["predicate"]["dataset"]

    def add(self, event: str, facts: "dict[str, Any]") -> None:
        if self._log is not None:
            about = {"event": event, "dataset": self._dataset, "batch": self._batch}
            _append_entry(self._log, {**about, "by": self._consumer, "facts": facts})


def _append_entry(log: Path, act: "dict[str, Any]") -> None:
    """Adds an entry that is chained to the last one, as `taster` does; of writers at the same moment each gets a place."""
    log.mkdir(parents=True, exist_ok=True)
    for tries in range(_MOST_TRIES):
        sequence, previous = _last_entry(log)
        at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        place = {"version": 1, "sequence": sequence + 1, "previous": previous, "time": at}
        text = json.dumps({**place, **act}, ensure_ascii=False, separators=(",", ":")) + "\n"
        # Half a surrogate pair, which a name may hold, has no place in UTF-8.
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if _create(log / _entry_name(sequence + 1), whole.encode()):
            return
        time.sleep(random.random() * _PAUSE_SECONDS * tries)
    raise Refused([f"the audit log {log}: others wrote before each of {_MOST_TRIES} tries"])


def _last_entry(log: Path) -> "tuple[int, Optional[str]]":
    """Number and SHA-256 of the last entry, where none before it is missing and it follows the one before it."""
    count = _count_entries(log)
    if count == 0:
        return 0, None
    before = None if count == 1 else hashlib.sha256(_read_entry(log, count - 1)).hexdigest()
    content = _read_entry(log, count)
    try:
        entry = json.loads(content.decode("utf-8"))
        follows = entry["sequence"] == count and entry["previous"] == before
    except _MALFORMED:
        follows = False
    if not follows:
        raise _broken(log, f"{_entry_name(count)}: it does not follow the entry before it")
    return count, hashlib.sha256(content).hexdigest()


def _count_entries(log: Path) -> int:
    for _ in range(_MOST_LISTINGS):
        names = sorted(name for name in os.listdir(log) if name[0] not in "._")
        gap = next((number for number, name in enumerate(names, 1) if name != _entry_name(number)), None)
        if gap is None:
            return len(names)
        # A folder may be listed without what is written meanwhile.
        if not (log / _entry_name(gap)).is_file():
            break
    raise _broken(log, f"{_entry_name(gap)}: it is missing; {names[gap - 1]} is there instead")


def _read_entry(log: Path, sequence: int) -> bytes:
    try:
        return (log / _entry_name(sequence)).read_bytes()
    except _MISSING as error:
        raise _broken(log, f"{_entry_name(sequence)}: it is gone") from error


def _broken(log: Path, detail: str) -> Refused:
    return Refused([f"the audit log {log}: {detail}; nothing is added to a log that is not as it was: `taster audit verify`"])


def _entry_name(sequence: int) -> str:
    return f"{sequence:010}.json"


def _create(path: Path, content: bytes) -> bool:
    """Writes a file that appears whole or not at all; False where there is one of that name."""
    with tempfile.TemporaryDirectory(prefix=".taster-", dir=path.parent) as scratch:
        part = Path(scratch) / "part"
        with open(part, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(part, path)
            return True
        except FileExistsError:
            return False


def _read_verdict(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except _MISSING as error:
        raise _Unusable([f"the verdict {path} is not there"], "VERDICT_UNUSABLE") from error


def _read_status(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except _MISSING as error:
        raise Refused(["the status list is not there: a batch may have been recalled"]) from error


def _verdicts(given: Path) -> "list[Path]":
    folder = given if given.is_dir() else given.parent
    named = _VERDICT_NAME.fullmatch("verdict.json" if given.is_dir() else given.name)
    if named is None:
        return [given]
    number = int(named[1] or 1)
    before = list(_run_of_verdicts(folder, 1))[: number - 1]
    return [*before, folder / named[0], *_run_of_verdicts(folder, number + 1)]


def _run_of_verdicts(folder: Path, number: int) -> "Iterator[Path]":
    while (path := folder / ("verdict.json" if number == 1 else f"_verdict-{number}.json")).is_file():
        yield path
        number += 1


def _files(root: Path) -> "Iterator[tuple[str, Path]]":
    inside = root.resolve()
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        # As in a scan, a link that leads out of the folder is no shard.
        if path.is_file() and inside in path.resolve().parents and not any(part[0] in "._" for part in parts):
            yield "/".join(parts), path


@dataclass(frozen=True)
class _Verifier:
    name: str
    key: Any
    datasets: "list[str]"
    since: Optional[datetime]
    until: Optional[datetime]
    revoked: bool


def _read_policy(path: Path) -> "tuple[list[_Verifier], bool]":
    try:
        policy = json.loads(path.read_text("utf-8"))
        _only(policy, _POLICY)
        if policy["version"] != 1:
            raise ValueError("unknown version")
        verifiers = [_verifier(entry, path.parent) for entry in policy.get("verifiers", [])]
        return verifiers, policy.get("requireStatus", True) is not False
    except (*_MALFORMED, *_MISSING) as error:
        code = "PATH_MISSING" if isinstance(error, _MISSING) else "TRUST_INVALID"
        raise _Unusable([f"{path} is no trust policy that this client can use: {error}"], code) from error


def _only(value: "dict[str, Any]", known: "set[str]") -> None:
    unknown = set(value) - known
    if unknown:
        raise ValueError(f"unknown setting {sorted(unknown)[0]!r}")


def _names(value: Any) -> "list[str]":
    if not isinstance(value, list) or not value or not all(isinstance(name, str) and name for name in value):
        raise ValueError("datasets is no list of names")
    return value


def _verifier(entry: "dict[str, Any]", folder: Path) -> _Verifier:
    _only(entry, _VERIFIER)
    if "identity" in entry or "issuer" in entry:
        raise ValueError(f"{entry['name']} is named by an authority")
    is_pem = "-----BEGIN" in entry["key"]
    if not is_pem and _PRIVATE_KEY.search(entry["key"]):
        raise ValueError(f"the key of {entry['name']} must be a public one in PEM form, or the path of its file")
    pem = entry["key"] if is_pem else (folder / entry["key"]).read_text("utf-8")
    key = load_pem_public_key(pem.encode())
    is_curve = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1")
    if not (is_curve or isinstance(key, ed25519.Ed25519PublicKey)):
        raise ValueError(f"the key of {entry['name']} is of another kind")
    return _Verifier(
        name=entry["name"],
        key=key,
        datasets=_names(entry["datasets"]),
        since=_time(entry["from"]) if "from" in entry else None,
        until=_time(entry["until"]) if "until" in entry else None,
        revoked=entry.get("revoked", False) is not False,
    )


def _open_verdict(
    content: bytes, earlier: "list[bytes]", verifiers: "list[_Verifier]", dataset: Optional[str], now: datetime
) -> "dict[str, Any]":
    try:
        statement, signers = _open_envelope(content, _PAYLOAD_TYPE, verifiers)
        _check_order(statement, earlier)
        _check(statement, signers, dataset, now)
        return statement
    except _MALFORMED as error:
        raise Refused([f"it is no signed verdict: {error}"]) from error


def _check_order(statement: "dict[str, Any]", earlier: "list[bytes]") -> None:
    """A genuine verdict that was taken back opens the gate again where somebody copies it to the next name."""
    for content in earlier:
        try:
            before = _statement_in(content)
            is_newer = _time(before["predicate"]["timeVerified"]) > _time(statement["predicate"]["timeVerified"])
        except _MALFORMED as error:
            raise Refused(["a verdict that lies before it cannot be read"]) from error
        if before == statement:
            raise Refused(["it is a copy of an earlier verdict, put in the place of later ones"])
        if is_newer:
            raise Refused(["it is older than one that lies before it: an earlier verdict was put back"])


def _statement_in(content: bytes) -> "dict[str, Any]":
    """What a verdict says, whoever has signed it, if anybody."""
    value = json.loads(content.decode("utf-8"))
    return json.loads(_base64(value["payload"]).decode("utf-8")) if "payload" in value else value


def _check_status(content: bytes, verifiers: "list[_Verifier]", predicate: "dict[str, Any]", now: datetime) -> None:
    try:
        status, signers = _open_envelope(content, _STATUS_TYPE, verifiers)
        if status["version"] != 1:
            raise ValueError("unknown version")
        at = {"dataset": predicate["dataset"], "timeVerified": status["issued"]}
        doubts = [_doubt(signer, at, now) for signer in signers]
        problems = [doubt for doubt in doubts if doubt] if all(doubts) else []
        if not now < _time(status["expires"]):
            problems.append(f"the status list is too old: it expired at {status['expires']}")
        own = _sha256(_lines(predicate["shards"]))
        for batch in status["recalled"]:
            if batch["sha256"] == own:
                problems.append(f"it was recalled at {batch['recalled']}: {batch['reason']}")
        if problems:
            raise Refused(problems)
    except _MALFORMED as error:
        raise Refused([f"the status list is none: {error}"]) from error


def _open_envelope(
    content: bytes, payload_type: str, verifiers: "list[_Verifier]"
) -> "tuple[dict[str, Any], list[_Verifier]]":
    envelope = json.loads(content.decode("utf-8"))
    if envelope["payloadType"] != payload_type:
        raise ValueError(f"its payload is no {payload_type}")
    payload = _base64(envelope["payload"])
    signers = [verifier for verifier in verifiers if _has_signed(verifier.key, envelope, payload)]
    if not signers:
        raise Refused(["no trusted verifier has signed it as it is"])
    return json.loads(payload.decode("utf-8")), signers


def _check(
    statement: "dict[str, Any]", signers: "list[_Verifier]", dataset: Optional[str], now: datetime
) -> None:
    if statement["_type"] != _STATEMENT or statement["predicateType"] != _VERDICT:
        raise ValueError("its statement is of another type")
    predicate = statement["predicate"]
    doubts = [_doubt(signer, predicate, now) for signer in signers]
    problems = [doubt for doubt in doubts if doubt] if all(doubts) else []
    if not isinstance(statement["subject"][0]["name"], str):
        raise ValueError("its subject has no name")
    if not now < _time(predicate["expires"]):
        problems.append(f"it expired at {predicate['expires']}")
    if dataset is not None and predicate["dataset"] != dataset:
        problems.append(f"it is about dataset {predicate['dataset']}, not {dataset}")
    if len(statement["subject"]) != 1 or statement["subject"][0]["digest"]["sha256"] != _sha256(_lines(predicate["shards"])):
        problems.append("its subject is not the shards it lists")
    if problems:
        raise Refused(problems)


def _lines(shards: "list[dict[str, Any]]") -> str:
    return "".join(f"{(shard['digest'] or {'sha256': 'unknown'})['sha256']}  {shard['name']}\n" for shard in shards)


def _doubt(signer: _Verifier, predicate: "dict[str, Any]", now: datetime) -> Optional[str]:
    if signer.revoked:
        return f"the key of {signer.name} is revoked"
    if signer.since is not None and _time(predicate["timeVerified"]) < signer.since:
        return f"the key of {signer.name} counts from {signer.since.isoformat()} on only"
    if signer.until is not None and now >= signer.until:
        return f"the key of {signer.name} has not counted since {signer.until.isoformat()}"
    if any(_covers(pattern, predicate["dataset"]) for pattern in signer.datasets):
        return None
    return f"the key of {signer.name} does not count for dataset {predicate['dataset']}"


def _covers(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == name


def _has_signed(key: Any, envelope: "dict[str, Any]", payload: bytes) -> bool:
    kind = envelope["payloadType"].encode()
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    key_id = hashlib.sha256(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    return any(
        _verifies(key, _base64(signature["sig"]), message)
        for signature in envelope["signatures"]
        if not signature.get("keyid") or signature["keyid"] == key_id
    )


def _verifies(key: Any, signature: bytes, message: bytes) -> bool:
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        else:
            digest = hashes.SHA256() if key.curve.name == "secp256r1" else hashes.SHA384()
            key.verify(signature, message, ec.ECDSA(digest))
        return True
    except InvalidSignature:
        return False


def _base64(text: str) -> bytes:
    safe_in_urls = b"-_" if "-" in text or "_" in text else None
    try:
        content = base64.b64decode(text, safe_in_urls, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if base64.b64encode(content, safe_in_urls).decode() != text:
        raise ValueError("not base64 in its one form")
    return content


def _time(text: str) -> datetime:
    if not text.endswith("Z"):
        raise ValueError(f"{text} is no time in UTC")
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=timezone.utc)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
