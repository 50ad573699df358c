import os

written = []
paths = ["/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sys/kernel/panic"]
paths += ["/proc/irq/0/smp_affinity", "/proc/kcore", "/proc/kmsg", "/proc/acpi"]
paths += ["/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/sda", "/dev/fuse", "/dev/net/tun", "/dev/kvm"]
paths += ["/sys/power/state", "/sys/kernel/uevent_helper", "/sys/fs/cgroup/release_agent", "/sys/kernel/debug"]
paths += [os.path.join(top, name) for top, _, names in os.walk("/sys/fs/cgroup") for name in names][:300]
for path in paths:
    try:
        os.close(os.open(path, os.O_WRONLY))
        written.append(path)
    except OSError:
        pass
print("written:", written)
