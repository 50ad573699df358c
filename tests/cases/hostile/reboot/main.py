import ctypes

libc = ctypes.CDLL(None)
REBOOT, KEXEC, KEXEC_FILE, INIT_MODULE, FINIT_MODULE, DELETE_MODULE = 169, 246, 320, 175, 313, 176
SETTIMEOFDAY, CLOCK_SETTIME, ADJTIMEX, SETHOSTNAME, SETDOMAINNAME = 164, 227, 159, 170, 171
SWAPON, SWAPOFF, ACCT, SYSLOG, IOPL, IOPERM, VHANGUP, QUOTACTL = 167, 168, 163, 103, 172, 173, 153, 179
time = (ctypes.c_long * 32)()
calls = [(REBOOT, 0xFEE1DEAD, 672274793, 0x1234567, 0), (KEXEC, 0, 0, 0, 0), (KEXEC_FILE, 0, 0, 0, 0, 0)]
calls += [(INIT_MODULE, b"", 0, b""), (FINIT_MODULE, 0, b"", 0), (DELETE_MODULE, b"loop", 0)]
calls += [(SETTIMEOFDAY, time, 0), (CLOCK_SETTIME, 0, time), (ADJTIMEX, time)]
calls += [(SETHOSTNAME, b"mine", 4), (SETDOMAINNAME, b"mine", 4), (SWAPON, b"/tmp/x", 0), (SWAPOFF, b"/tmp/x")]
calls += [(ACCT, b"/tmp/x"), (SYSLOG, 3, time, 256), (IOPL, 3), (IOPERM, 0, 1, 1), (VHANGUP,), (QUOTACTL, 0, 0, 0, 0)]
print("done", sum(libc.syscall(*call) >= 0 for call in calls))
