import gc
import sys

found = [name for name in sys.modules if "runner_image" in name or "customize" in name]
gc.unfreeze()
for thing in gc.get_objects():
    if type(thing).__name__ == "socket":
        found.append(thing)
print("found:", found)
