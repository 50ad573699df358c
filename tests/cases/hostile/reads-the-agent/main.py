import os

names = (
    "mem environ maps smaps pagemap auxv io stack syscall personality exe cwd root fd fdinfo ns map_files task/{}/mem"
)
read = []
for pid in (pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()):
    for name in (name.format(pid) for name in names.split()):
        path = f"/proc/{pid}/{name}"
        try:
            if os.path.islink(path):
                os.readlink(path)
                read.append(path)
            elif os.path.isdir(path):
                read += [f"{path}/{inner}" for inner in os.listdir(path)]
            else:
                fd = os.open(path, os.O_RDONLY)
                if os.read(fd, 100):
                    read.append(path)
        except OSError:
            pass
print("read:", read)
