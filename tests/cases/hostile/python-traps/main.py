import os

trap = "import os; os.write(1, b'trapped'); hostile = True\n"
site = "/tmp/.local/lib/python3.11/site-packages"
os.makedirs(site)
os.makedirs("/tmp/__pycache__")
for directory in ("/tmp", site, "/dev/shm", "/box", "/out"):
    for name in ("sitecustomize", "usercustomize", "json", "os", "builtins", "main", "encodings"):
        try:
            with open(f"{directory}/{name}.py", "w") as file:
                file.write(trap)
        except OSError:
            pass
with open(f"{site}/trap.pth", "w") as file:
    file.write(trap)
for name in (".pythonrc.py", ".profile", ".bashrc", "pyvenv.cfg", "python311.zip"):
    with open(f"/tmp/{name}", "w") as file:
        file.write(trap)
os.environ |= {
    "PYTHONPATH": "/tmp",
    "PYTHONSTARTUP": "/tmp/.pythonrc.py",
    "LD_PRELOAD": "/tmp/x.so",
    "PYTHONHOME": "/tmp",
}
print("left")
