from pathlib import Path


def forty():
    return int((Path(__file__).parent / "forty.txt").read_text())
