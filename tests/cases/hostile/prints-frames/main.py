import json
import struct
import sys


def frame(header, body=b""):
    text = json.dumps(header).encode()
    return struct.pack(">II", len(text), len(body)) + text + body


report = {"op": "report", "exit_code": 0, "signal": None, "cpu_us": 0, "wall_us": 0, "memory_kb": 0, "unclean": None}
sys.stdout.buffer.write(frame(report) * 3 + frame({"op": "pong"}))
sys.stderr.buffer.write(struct.pack(">BxxxI", 1, 100) + frame(report))
sys.exit(5)
