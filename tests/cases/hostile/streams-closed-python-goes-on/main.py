import os
import sys

sys.stdout.write("never seen")
os.close(0)
os.close(1)
os.close(2)
