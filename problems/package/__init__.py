"""Reads problem packages of the ICPC / Kattis format, from a directory or a zip, and decides whether to trust them.

    opening    a directory or zip becomes a `Tree` of plain files that are known to be inside of it
    reader     reads a whole tree into a `Package`: plain values (`problems.content`) and what blobs to store
    errors     `PackageError`: a package is refused as a whole, with a line per reason that names the file

The parts of a package each have a module: metadata, limits, flags, testdata, submissions, statements. None of them
writes anything: a package is read and validated in full before its first blob or row is stored (`problems.importer`).

The format is that of the specification at https://www.kattis.com/problem-package-format, in its versions legacy,
legacy-icpc, 2023-07 and 2025-09 and their drafts. Where real packages are laxer than it, we are too, with a warning;
where judging would come out wrong, we refuse.
"""
