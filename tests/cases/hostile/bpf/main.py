import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
space = (ctypes.c_char * 256)()
calls = {
    "bpf": (321, 0, space, 72),
    "perf_event_open": (298, space, 0, -1, -1, 0),
    "userfaultfd": (323, 1),
    "io_uring_setup": (425, 1, space),
    "io_uring_enter": (426, 0, 0, 0, 0, 0, 0),
    "io_setup": (206, 1, space),
}
for name, (number, *arguments) in calls.items():
    result = libc.syscall(number, *arguments)
    print(name, "done" if result >= 0 else errno.errorcode[ctypes.get_errno()])
