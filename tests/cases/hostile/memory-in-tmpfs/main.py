import errno

for directory in ("/tmp", "/dev/shm"):
    try:
        with open(directory + "/big", "wb") as file:
            while True:
                file.write(bytes(1 << 20))
    except OSError as error:
        print(directory, errno.errorcode[error.errno])
