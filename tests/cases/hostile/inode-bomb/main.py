import errno
import os

for directory in ("/tmp", "/dev/shm"):
    count = 0
    try:
        while True:
            os.close(os.open(f"{directory}/{count}", os.O_CREAT))
            count += 1
    except OSError as error:
        print(directory, count, errno.errorcode[error.errno])
