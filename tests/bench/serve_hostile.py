#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Callers that mean no good, at a service that runs: how long others wait meanwhile.

usage: serve_hostile.py PORT TOKEN
Slow writers, 10,000 connections, bodies of 1 GB, and what is no HTTP. Prints one line of JSON.
"""
import contextlib
import http.client
import json
import random
import resource
import socket
import sys
import time

PORT, TOKEN = int(sys.argv[1]), sys.argv[2]
MANY = 10_000
BODY = 1 << 30


def connect(wait=5):
    one = socket.create_connection(("127.0.0.1", PORT), timeout=wait)
    one.settimeout(wait)
    return one


def decent_read():
    """Milliseconds until somebody with a token has a list; None: they were refused."""
    began = time.monotonic()
    try:
        call = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
        call.request("GET", "/api/v1/runs?limit=50",
                     headers={"Authorization": "Bearer " + TOKEN, "Host": "localhost"})
        answer = call.getresponse()
        answer.read()
        call.close()
    except OSError:
        return None
    return (time.monotonic() - began) * 1000 if answer.status == 200 else None


def decent_reads(count=20):
    times = [decent_read() for _ in range(count)]
    fine = sorted(t for t in times if t is not None)
    return {"reads": count, "answered": len(fine),
            "p50_ms": round(fine[len(fine) // 2], 1) if fine else None,
            "most_ms": round(fine[-1], 1) if fine else None}


def is_cut(one):
    """Whether the other end has hung up, or said no."""
    one.settimeout(0)
    try:
        return len(one.recv(4096)) >= 0
    except BlockingIOError:
        return False
    except OSError:
        return True


def slow_writers(count=150):
    """Each says a byte of its head every second."""
    slow = [connect() for _ in range(count)]
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 4000
    began = time.monotonic()
    meanwhile, longest = None, 0.0
    for at in range(60):
        left = []
        for one in slow:
            with contextlib.suppress(OSError):
                one.send(head[at:at + 1])
            if is_cut(one):
                longest = time.monotonic() - began
                one.close()
            else:
                left.append(one)
        slow = left
        if at == 3:
            meanwhile = decent_reads()
        if not slow:
            break
        time.sleep(1)
    for one in slow:
        one.close()
    return {"connections": count, "never_cut": len(slow), "cut_after_s": round(longest, 1),
            "others": meanwhile}


def many_connections():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, MANY + 1000), most))
    began, kept, refused = time.monotonic(), [], 0
    for _ in range(MANY):
        try:
            kept.append(connect(1))
        except OSError:
            refused += 1
    opened = time.monotonic() - began
    time.sleep(1)
    cut = sum(is_cut(one) for one in kept)
    meanwhile = decent_reads()
    for one in kept:
        one.close()
    time.sleep(1)
    return {"asked_for": MANY, "refused": refused, "cut": cut, "held": len(kept) - cut,
            "seconds": round(opened, 1), "others_meanwhile": meanwhile, "others_after": decent_reads()}


def large_body(headers):
    """What comes back, and how much of 1 GB was sent by then."""
    one = connect(30)
    words = [b"POST /api/v1/patches HTTP/1.1", b"Host: localhost",
             b"Content-Type: application/octet-stream", *headers]
    one.sendall(b"\r\n".join(words) + b"\r\n\r\n")
    piece, sent, began = b"x" * (1 << 20), 0, time.monotonic()
    with contextlib.suppress(OSError):
        while sent < BODY:
            one.sendall(piece)
            sent += len(piece)
    answer = b""
    with contextlib.suppress(OSError):
        answer = one.recv(200)
    one.close()
    return {"answer": answer[:40].decode(errors="replace").split("\r\n")[0], "sent_mb": sent >> 20,
            "seconds": round(time.monotonic() - began, 2)}


def no_http(count=3000):
    random.seed(7)
    base = (b"GET /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
            b"Authorization: Bearer x\r\n\r\nhello")
    states = {}
    for _ in range(count):
        text = bytearray(base)
        for _ in range(random.randint(1, 6)):
            at = random.randrange(len(text))
            how = random.random()
            if how < 0.4:
                text[at] = random.randrange(256)
            elif how < 0.7:
                del text[at:at + random.randint(1, 8)]
            else:
                text[at:at] = random.choice([b"\r\n", b"\0", b" ", b"Transfer-Encoding: chunked\r\n",
                                             b"\xff" * 9, b"Content-Length: 9\r\n"])
            text = text or bytearray(b"x")
        one = connect(0.2)
        with contextlib.suppress(OSError):
            one.sendall(bytes(text))
            one.shutdown(socket.SHUT_WR)
        try:
            said = one.recv(64).split(b" ")
            word = said[1].decode(errors="replace") if len(said) > 1 else "cut"
        except OSError:
            word = "cut"
        one.close()
        states[word] = states.get(word, 0) + 1
    return {"requests": count, "answers": states, "others": decent_reads()}


def main():
    result = {"alone": decent_reads(), "slow_writers": slow_writers(),
              "many_connections": many_connections(),
              "large_body": large_body([b"Content-Length: %d" % BODY]),
              "large_body_with_token": large_body([b"Content-Length: %d" % BODY,
                                                   b"Authorization: Bearer " + TOKEN.encode()]),
              "no_http": no_http(), "at_the_end": decent_reads()}
    print(json.dumps(result))


main()
