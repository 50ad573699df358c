import os

written = 0
for pid in (pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()):
    for name in [f"fd/{fd}" for fd in range(20)] + [
        "mem",
        "clear_refs",
        "oom_score_adj",
        "comm",
        "attr/current",
        "uid_map",
    ]:
        for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
            try:
                os.write(os.open(f"/proc/{pid}/{name}", flags), b"x")
                written += 1
            except OSError:
                pass
print("written:", written)
