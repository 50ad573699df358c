import resource
import signal

for number in (signal.SIGXCPU, signal.SIGTERM, signal.SIGALRM, signal.SIGPROF, signal.SIGVTALRM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_CPU, (10**6, 10**6))
while True:
    pass
