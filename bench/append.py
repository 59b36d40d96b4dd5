# Copyright (C) 2026 ngx_http_payments_module contributors

"""How long one write and fdatasync take: append.py directory bytes seconds

Prints the medians in microseconds: into a file that was filled with zeros
before, and at the end of one that grows.
"""

import os
import statistics
import sys
import time

directory, size, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
path = os.path.join(directory, "append")
data = b"x" * size


def measure(fill):
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    if fill:
        for _ in range(fill // 65536):
            os.write(fd, bytes(65536))
    os.fsync(fd)
    offset, took, end = 0, [], time.monotonic() + seconds
    while time.monotonic() < end and not (fill and offset + size > fill):
        start = time.perf_counter()
        os.pwrite(fd, data, offset)
        os.fdatasync(fd)
        took.append(time.perf_counter() - start)
        offset += size
    os.close(fd)
    os.unlink(path)
    return statistics.median(took) * 1e6


print(f"{measure(64 << 20):.1f} {measure(0):.1f}")
