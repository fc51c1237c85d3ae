# SPDX-License-Identifier: Apache-2.0
"""seeds.py FOLDER TARGET...: writes the seed corpus of each fuzz target to FOLDER/TARGET.

Seeds are small inputs that are taken, or nearly: mutations of them reach what random bytes never
would. They are made here of the golden files and of what stands below, so that none is kept."""
import base64
import io
import json
import pathlib
import struct
import sys
import tarfile

here = pathlib.Path(__file__).resolve().parent
golden = here.parent / "golden"


def files(pattern: str) -> list[bytes]:
    found = [path.read_bytes() for path in sorted(golden.glob(pattern))]
    if not found:
        sys.exit(f"seeds: there is no {golden / pattern}")
    return found


def text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def to_json(value) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


# --- packages -------------------------------------------------------------------------------------
CONTROL = text(
    "Package: aa",
    "Version: 1:2.0-3",
    "Architecture: amd64",
    "Maintainer: M <m@example.org>",
    "Depends: libc6 (>= 2.36), libssl3 (>= 3.0) | libssl1.1, bb:any",
    "Description: a package",
    " more of it",
)


def tar_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mode = 0o755 if name.endswith("inst") else 0o644
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("./usr/bin/link")
        link.type, link.linkname = tarfile.SYMTYPE, "../share/x"
        archive.addfile(link)
    return out.getvalue()


def ar_of(members: list[tuple[str, bytes]]) -> bytes:
    out = b"!<arch>\n"
    for name, content in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content
        out += b"\n" * (len(content) % 2)
    return out


def deb_seeds() -> list[bytes]:
    control = tar_of({"./control": CONTROL, "./postinst": b"#!/bin/sh\nset -e\nldconfig\n"})
    data = tar_of({"./usr/bin/aa": b"\x7fELF", "./etc/aa.conf": b"x=1\n"})
    package = ar_of([("debian-binary", b"2.0\n"), ("control.tar", control), ("data.tar", data)])
    return [b"\0" + package, b"\1" + control, b"\2" + data, b"\3/etc/aa.conf\n"]


def rpm_header(fields: list[tuple[int, int, int, bytes]]) -> bytes:
    index, data = b"", b""
    for tag, kind, count, value in fields:
        index += struct.pack(">IIII", tag, kind, len(data), count)
        data += value + b"\0" * (-len(value) % 4)
    return b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">II", len(fields), len(data)) + index + data


def rpm_seeds() -> list[bytes]:
    names = [
        (1000, 6, 1, b"aa\0"),
        (1001, 6, 1, b"1.0\0"),
        (1002, 6, 1, b"1.el9\0"),
        (1003, 4, 1, struct.pack(">I", 2)),
        (1022, 6, 1, b"x86_64\0"),
        (1044, 6, 1, b"aa-1.0-1.el9.src.rpm\0"),
        (1049, 8, 2, b"bash\0(a or b)\0"),
        (1048, 4, 2, struct.pack(">II", 12, 0)),
        (1050, 8, 2, b"4\0\0"),
        (1117, 8, 1, b"aa\0"),
        (1118, 8, 1, b"/usr/bin/\0"),
        (1116, 4, 1, struct.pack(">I", 0)),
        (1030, 3, 1, struct.pack(">H", 0o100755)),
        (1081, 8, 1, b"M <m@example.org> - 2:1.0-1\0"),
        (1082, 8, 1, b"- Fix CVE-2026-0001\0"),
    ]
    header = rpm_header(names)
    member = "".join(
        f"{field:08x}" for field in (1, 0o100755, 0, 0, 1, 0, 4, 0, 0, 0, 0, len("./usr/bin/aa") + 1, 0)
    )
    payload = b"070701" + member.encode() + b"./usr/bin/aa\0\0" + b"data"
    lead = b"\xed\xab\xee\xdb\3".ljust(96, b"\0")
    signature = rpm_header([(1000, 6, 1, b"x\0")])
    signature += b"\0" * (-len(signature) % 8)
    return [b"\0" + lead + signature + header + payload, b"\1" + header, b"\2" + payload, b"\3" + header * 2]


# --- apt and dpkg ---------------------------------------------------------------------------------
def apt_seeds() -> list[bytes]:
    sources = text(
        "# one",
        "deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] https://deb.example.org/debian suite main",
        "deb-src https://deb.example.org/debian suite main contrib",
    )
    deb822 = text(
        "Types: deb deb-src",
        "URIs: https://deb.example.org/debian",
        "Suites: suite suite-updates",
        "Components: main",
        "Signed-By:",
        " -----BEGIN PGP PUBLIC KEY BLOCK-----",
        " .",
        " mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS",
        " -----END PGP PUBLIC KEY BLOCK-----",
        "Enabled: yes",
    )
    status = (
        CONTROL.replace(b"Package: aa\n", b"Package: aa\nStatus: install ok installed\n")
        + b"\n"
        + text("Package: bb", "Status: deinstall ok config-files", "Version: 1", "Architecture: all")
    )
    return [
        b"\0" + sources,
        b"\1" + deb822,
        b"\2libc6 (>= 2.36), libssl3 (>= 3.0) | libssl1.1:any [amd64] <!nocheck>, bb",
        b"\3/var/lib/apt/lists/x_Packages|Debian|suite|stable|yes|deb.example.org|main/binary-amd64/Packages\n",
        b"\4'https://deb.example.org/pool/a/aa_2.0-3_amd64.deb' aa_1%3a2.0-3_amd64.deb 1234 SHA256:"
        + b"ab" * 32
        + b"\n",
        b"\5" + status,
    ]


CHANGELOG = text(
    "aa (1:2.0-3) suite-security; urgency=high",
    "",
    "  * Fix CVE-2026-0001 and CVE-2026-12345 (Closes: #1000001)",
    "  [ Somebody ]",
    "  * More.",
    "",
    " -- M <m@example.org>  Mon, 02 Nov 2026 10:00:00 +0000",
    "",
    "aa (1:2.0-2) suite; urgency=medium",
    "",
    "  * Before.",
    "",
    " -- M <m@example.org>  Mon, 05 Oct 2026 10:00:00 +0000",
)


# --- guests ---------------------------------------------------------------------------------------
def agent_seeds() -> list[bytes]:
    out = base64.b64encode(b"hello\n").decode()
    return [
        json.dumps(line).encode()
        for line in (
            {"return": {"pid": 4711}},
            {"return": {"exited": True, "exitcode": 0, "out-data": out, "err-data": out}},
            {"return": {"exited": True, "signal": 9, "out-truncated": True}},
            {"return": {"exited": False}},
            {"error": {"class": "CommandNotFound", "desc": "no such command"}},
            {"return": []},
        )
    ]


def batch_seeds() -> list[bytes]:
    return [
        text("patchlab-batch 1 n", "C 0 0 0 4 0", "fine", "C 1 0 1 5 0", "wrong", "E n"),
        text("C 0 0 0 12 0.2", "active", "running", "C 2 0 0 30 1", "1..2", "ok 1 - a", "not ok 2 - b"),
    ]


# --- hosts of production --------------------------------------------------------------------------
def scan_seeds() -> list[bytes]:
    facts = {
        "os": "debian",
        "os-version": "12",
        "os-name": "Debian GNU/Linux 12 (bookworm)",
        "kernel": "6.1.0-32-amd64",
        "kernel-build": "#1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1 (2025-03-06)",
        "architecture": "x86_64",
        "memory-kib": "2048000",
        "boot-id": "b-1",
        "machine-id": "m-1",
        "image": "",
        "uptime-seconds": "60",
        "reboot-required": "no",
    }
    lines = [{"kind": "fact", "name": name, "value": value} for name, value in facts.items()]
    lines += [
        {"kind": "package", "format": "deb", "name": "bash", "architecture": "amd64",
         "version": "5.2.15-2", "state": "installed"},
        {"kind": "service", "name": "nginx.service"},
        {"kind": "address", "address": "10.0.0.1/24"},
        {"kind": "port", "protocol": "tcp", "address": "::", "port": "80", "process": "nginx"},
        {"kind": "unseen", "what": "services", "why": "there is no systemd"},
    ]
    lines.append({"kind": "end", "complete": "yes", "lines": str(len(lines) + 1)})
    return [text("patchlab scan 1", *(json.dumps(line, separators=(",", ":")) for line in lines))]


def host_seeds() -> list[bytes]:
    return [
        text(
            "name,address,groups,criticality,window,owner,ansible_user,location",
            'web-1,10.0.0.1,"web,front",mission-critical,night,olga,deploy,"Row 3, left"',
            "db-1,db.example.org,db,business-critical,,,,",
        )
    ]


def answer_seeds() -> list[bytes]:
    installed = {"nginx": "1.22.1-9", "curl": ""}
    return [
        to_json({"state": "done", "installed": installed, "boot_id": "b-1", "reboot_required": False,
                 "log": "Setting up nginx", "lines": ["patchlab host 1", "installed nginx 1.22.1-9"]}),
        to_json({"schema": "patchlab/host-report/v1", "host": "web-1", "boot_id": "b-1",
                 "packages": [{"name": "nginx", "version": "1.22.1-9", "state": "installed"}],
                 "time": "2026-11-30T10:00:00Z"}),
    ]


# --- definitions ----------------------------------------------------------------------------------
def rollout_seeds() -> list[bytes]:
    return [
        text(
            "schema: patchlab/rollout/v1",
            "name: web-fleet",
            "hosts: { groups: [web], except: [web-9] }",
            "rings:",
            "  - { name: canary, count: 2, soak: 5s }",
            "  - { name: early, percent: 20, soak: 1h }",
            "  - { name: rest, rest: true }",
            "time: { install: 5m, back-out: 5m }",
            "budget: { hosts: 2, percent: 10 }",
            "concurrency: 3",
            "windows: { night: { days: [mon, tue], from: '22:00', to: '04:00', zone: Europe/Berlin } }",
            "catch-up: { for: 10m, every: 10s }",
            "notify:",
            "  - { target: ops, on: [halted] }",
        ),
        text(
            "schema: patchlab/notify/v1",
            "targets:",
            "  ops: { webhook: 'https://hooks.example.org/x', secret-file: secret }",
            "  page: { command: [/usr/local/bin/page] }",
            "  mail: { mail: ops@example.org, on: [approval-wanted, halted] }",
        ),
    ]


def pem_seeds() -> list[bytes]:
    key = bytes.fromhex("302a300506032b6570032100") + bytes(range(32))
    body = base64.b64encode(key).decode()
    return [text("-----BEGIN PUBLIC KEY-----", body, "-----END PUBLIC KEY-----")]


def envelope_seeds() -> list[bytes]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "manifest.json", "digest": {"sha256": "ab" * 32}}],
        "predicateType": "urn:patchlab:ruling:v1",
        "predicate": {"kind": "approve", "run": "r-20261130-0001"},
    }
    payload = base64.b64encode(json.dumps(statement, separators=(",", ":")).encode()).decode()
    envelope = {
        "payloadType": "application/vnd.in-toto+json",
        "payload": payload,
        "signatures": [{"keyid": "cd" * 32, "sig": base64.b64encode(bytes(64)).decode()}],
    }
    return [to_json(envelope)] + pem_seeds()


def evidence_seeds() -> list[bytes]:
    manifest = {
        "schema": "patchlab/manifest/v1",
        "created": "2026-11-30T10:00:00Z",
        "files": [
            {"path": "logs/web.log", "size": 3, "sha256": "ab" * 32},
            {"path": "run.json", "size": 10, "sha256": "cd" * 32},
        ],
    }
    return files("run/*.json") + [to_json(manifest)]


# --- disks ----------------------------------------------------------------------------------------
def image_seeds() -> list[bytes]:
    backing = b"/etc/shadow"
    plain = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 0, 0, 16, 1 << 30, 0, 16, 196608,
                        65536, 1, 0, 0, 0, 0, 0, 4, 104)
    backed = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 112, len(backing), 16, 1 << 30, 0,
                         16, 196608, 65536, 1, 0, 0, 4, 0, 0, 4, 104)
    extension = struct.pack(">II8sII", 0x44415441, 8, b"data.raw", 0, 0)
    vmdk = text("# Disk DescriptorFile", "version=1", 'createType="monolithicFlat"',
                'RW 2048 FLAT "/etc/shadow" 0')
    return [plain + extension, backed + bytes(8) + backing, vmdk, b"KDMV" + bytes(508),
            b"vhdxfile" + bytes(504), b"\x1f\x8b" + bytes(30), bytes(512)]


def partition_seeds() -> list[bytes]:
    def entry(kind: int, first: int, count: int) -> bytes:
        return struct.pack("<B3sB3sII", 0, b"\0\2\0", kind, b"\0\0\0", first, count)

    mbr = bytes(440) + struct.pack("<IH", 0x1234, 0) + entry(0x83, 2048, 2048) + entry(5, 4096, 2048)
    mbr += entry(0x82, 6144, 1024) + bytes(16) + b"\x55\xaa"
    protective = bytes(446) + entry(0xEE, 1, 8191) + bytes(48) + b"\x55\xaa"
    header = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, 1, 8191, 34, 8158,
                         bytes(16), 2, 128, 128, 0)
    part = struct.pack("<16s16sQQQ72s", bytes(range(16)), bytes(range(16, 32)), 2048, 4095, 0,
                       "root".encode("utf-16le"))
    gpt = protective + header.ljust(512, b"\0") + part
    return [mbr, gpt, bytes(1024)]


def ext4_seeds() -> list[bytes]:
    return [bytes([0, 4, 0, 255, 8, 4, 0, 1, 0, 8, 0, 7]), bytes(range(64)), b"\1\2\3\4" * 16]


# --- the service, and feeds -----------------------------------------------------------------------
def wire_seeds() -> list[bytes]:
    def frame(message) -> bytes:
        body = json.dumps(message, separators=(",", ":")).encode()
        return struct.pack(">I", len(body)) + body

    call = {"call": "run.start", "request": {"lab": "web-shop", "patches": ["a_1"]}, "as": "vera",
            "credential": {"token": "plt_x"}, "from": "127.0.0.1"}
    return [b"\7" + frame(call) + frame({"interrupt": True}), b"\x3f" + frame({"call": "run.list"})]


def http_seeds() -> list[bytes]:
    def request(line: str, *fields: str, body: bytes = b"") -> bytes:
        head = "\r\n".join([line, "Host: 127.0.0.1:8443", *fields, "", ""]).encode()
        return head + body

    form = b"\r\n".join(
        [b"--b", b'Content-Disposition: form-data; name="files"; filename="a.deb"', b"", b"!<arch>",
         b"--b", b'Content-Disposition: form-data; name="keyring"', b"", b"/etc/shadow", b"--b--", b""]
    )
    return [
        request("GET /api/v1/runs?limit=5&sort=-started&cursor=abc HTTP/1.1", "Authorization: Bearer plt_x"),
        request("GET /runs/r-20261130-0001?tab=changes HTTP/1.1", "Cookie: patchlab=abc; theme=dark"),
        request("POST /api/v1/runs HTTP/1.1", "Content-Type: application/json", "Content-Length: 40",
                "X-CSRF-Token: c", body=b'{"lab":"web-shop","patches":["a_1"]}'),
        request("POST /api/v1/patches HTTP/1.1", "Content-Type: multipart/form-data; boundary=b",
                f"Content-Length: {len(form)}", body=form),
        request("POST /login HTTP/1.1", "Content-Type: application/x-www-form-urlencoded",
                "Content-Length: 20", body=b"user=rhea&password=x"),
    ]


def feed_seeds() -> list[bytes]:
    found = [one for one in files("feed/*") if one]
    return [bytes([kind]) + one[:20_000] for kind in range(8) for one in found]


TARGETS = {
    "agent": agent_seeds,
    "apt": apt_seeds,
    "batch": batch_seeds,
    "capture": lambda: [one.split(b"\n", 1)[1] for one in files("capture/*.records")],
    "changelog": lambda: [CHANGELOG],
    "deb": deb_seeds,
    "envelope": envelope_seeds,
    "evidence": evidence_seeds,
    "ext4": ext4_seeds,
    "fat": ext4_seeds,
    "feeds": feed_seeds,
    "host_answer": answer_seeds,
    "hosts": host_seeds,
    "http": http_seeds,
    "image_header": image_seeds,
    "junit": lambda: files("junit/*.xml"),
    "partitions": partition_seeds,
    "policy": lambda: files("policy/*.yaml"),
    "rollout": rollout_seeds,
    "rpm": rpm_seeds,
    "scan": scan_seeds,
    "tap": lambda: [text("TAP version 13", "1..3", "ok 1 - a", "not ok 2 - b # TODO later",
                         "  ---", "  message: x", "  ...", "ok 3 # SKIP no", "Bail out! gone")],
    "wire": wire_seeds,
    "yaml": lambda: files("lab/*.yaml") + files("suite/*.yaml"),
}


def main() -> None:
    folder, *wanted = sys.argv[1:]
    for name in wanted:
        if name not in TARGETS:
            sys.exit(f"seeds: there are no seeds for '{name}'; write them in {__file__}")
        place = pathlib.Path(folder) / name
        place.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(TARGETS[name]()):
            (place / f"seed-{number:02d}").write_bytes(seed)


main()
