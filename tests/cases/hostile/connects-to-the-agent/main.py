import os
import socket

with open("/proc/net/unix") as table:
    names = [line.split()[7] for line in list(table)[1:] if len(line.split()) > 7]
names += ["/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock", "/run/systemd/private"]
names += ["/dev/log", "/run/dbus/system_bus_socket", "@/tmp/.X11-unix/X0", "@agent", "@starter", "@fork_server"]
connected = []
for name in names:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        with socket.socket(socket.AF_UNIX, kind) as end:
            try:
                end.connect(name.replace("@", "\0", 1))
                connected.append(name)
            except OSError:
                pass
print("connected:", connected)
