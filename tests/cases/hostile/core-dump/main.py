import os
import resource

try:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
except ValueError:
    pass
held = b"x" * 20_000_000
os.chdir("/tmp")
os.abort()
