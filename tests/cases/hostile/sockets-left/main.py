import os
import socket
import time

if os.fork() == 0:
    os.setsid()
    held = []
    for i in range(20):
        for name in (f"\0abstract{i}", f"/tmp/socket{i}", ""):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
                listening = socket.socket(socket.AF_UNIX, kind)
                try:
                    listening.bind(name)
                    listening.listen()
                    client = socket.socket(socket.AF_UNIX, kind)
                    client.connect(listening.getsockname())
                    client.send(b"secret")
                    held.append(client)
                except OSError:
                    pass
                held.append(listening)
    open("/tmp/ready", "w").close()
    time.sleep(1000)
while not os.path.exists("/tmp/ready"):
    time.sleep(0.001)
print("left")
