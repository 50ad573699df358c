"""Packages with one thing wrong each: what it is, the files, what the message must name and say."""

from collections.abc import Callable

from tests.problems.building import Files, dated, legacy, without

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


def yaml(text: str, base: Callable[[], Files] = legacy) -> Files:
    return base() | {"problem.yaml": text}


def illustrated(svg: str) -> Files:
    return dated() | {"statement/problem.en.md": "![a](a.svg)\n", "statement/a.svg": svg}


DAMAGED: list[tuple[str, Files, str, str]] = [
    ("no metadata", without(legacy(), "problem.yaml"), "problem.yaml", "missing"),
    ("no answer", without(legacy(), "data/secret/1.ans"), "data/secret/1.in", "data/secret/1.ans"),
    ("no sample answer", without(dated(), "data/sample/1.ans"), "data/sample/1.in", "data/sample/1.ans"),
    ("no input", without(legacy(), "data/secret/1.in"), "data/secret/1.ans", "data/secret/1.in"),
    ("no secret test", without(legacy(), "data/secret/1.in", "data/secret/1.ans"), "data/secret", "no test"),
    (
        "more samples than a page can show",
        legacy() | {f"data/sample/{number}{ending}": "1" for number in range(101) for ending in (".in", ".ans")},
        "data/sample",
        "more than 100 tests",
    ),
    (
        "more notes than a row can hold",
        legacy()
        | {f"data/secret/{number}{ending}": "1" for number in range(20) for ending in (".in", ".ans")}
        | {f"data/secret/{number}.desc": "x" * 60_000 for number in range(20)},
        "data",
        "descriptions and hints",
    ),
    (
        "more statements than a row can hold",
        dated()
        | {f"statement/problem.{code}.md": "[^1]" * 20_000 + "\n\n[^1]: x" for code in ("de", "fr", "pl", "pt")},
        "statement",
        "in all",
    ),
    ("no statement", without(dated(), "statement/problem.en.md"), "statement/problem.en.md", "no statement"),
    ("not YAML", yaml("name: [Next\n"), "problem.yaml", "line 2"),
    ("a tab in YAML", yaml("name:\n\tx: 1\n"), "problem.yaml", "line 2"),
    ("YAML that makes objects", yaml("name: !!python/object/apply:os.system [id]\n"), "problem.yaml", "YAML"),
    ("a list for metadata", yaml("- name\n"), "problem.yaml", "map"),
    ("text for metadata", yaml("name\n"), "problem.yaml", "map"),
    ("a key given twice", yaml("name: A\nlimits: {}\nname: B\n"), "problem.yaml", "name is given twice"),
    (
        "an alias bomb",
        yaml(
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{name}: &{name} [{','.join([f'*{below}'] * 9)}]\n"
                for below, name in zip("abcdefgh", "bcdefghi", strict=True)
            )
        ),
        "problem.yaml",
        "aliases",
    ),
    (
        "a merge bomb",
        yaml(
            "a: &a {k: v}\n"
            + "".join(
                f"{name}: &{name} {{<<: [{','.join([f'*{below}'] * 9)}]}}\n"
                for below, name in zip("abcdefgh", "bcdefghi", strict=True)
            )
        ),
        "problem.yaml",
        "aliases",
    ),
    ("an alias of itself", yaml("name: &a [*a]\n"), "problem.yaml", "refers to itself"),
    ("deep YAML", yaml("name: " + "[" * 5000 + "]" * 5000), "problem.yaml", "nested deeper"),
    ("huge metadata", yaml("name: Next\n# " + "x" * 200_000), "problem.yaml", "larger than 128 KiB"),
    ("metadata that isn't UTF-8", legacy() | {"problem.yaml": b"name: caf\xe9\n"}, "problem.yaml", "UTF-8"),
    ("metadata in UTF-16", legacy() | {"problem.yaml": "name: Next\n".encode("utf-16")}, "problem.yaml", "UTF-8"),
    ("a NUL in metadata", legacy() | {"problem.yaml": "name: a\0b\n"}, "problem.yaml", "NUL"),
    ("an unknown version", yaml("problem_format_version: 2031-01\n"), "problem.yaml", "2031-01"),
    ("a map for a name", yaml("name: {en: {x: 1}}\n"), "problem.yaml", "name.en must be text"),
    ("a name in no language", yaml("name: {'../x': A}\n"), "problem.yaml", "language"),
    ("a name of two lines and a bell", yaml('name: "a\\ab"\n'), "problem.yaml", "name"),
    ("text for limits", yaml("limits: much\n"), "problem.yaml", "limits must be a map"),
    ("text for memory", yaml("limits: {memory: much}\n"), "problem.yaml", "limits.memory must be a number"),
    ("no memory", yaml("limits: {memory: 0}\n"), "problem.yaml", "limits.memory must be from 1"),
    ("half a MiB", yaml("limits: {memory: 1.5}\n"), "problem.yaml", "limits.memory must be a whole number"),
    ("endless memory", yaml("limits: {memory: 1e99}\n"), "problem.yaml", "limits.memory"),
    ("a negative time", yaml("limits: {time_limit: -1}\n"), "problem.yaml", "limits.time_limit"),
    ("a time that is true", yaml("limits: {time_limit: true}\n"), "problem.yaml", "limits.time_limit must be a number"),
    ("an endless time", yaml("limits: {time_limit: .inf}\n"), "problem.yaml", "limits.time_limit must be a number"),
    ("a multiplier below 1", yaml("limits: {time_multiplier: 0.5}\n"), "problem.yaml", "limits.time_multiplier"),
    ("words for a time limit", legacy() | {".timelimit": "fast\n"}, ".timelimit", "number of seconds"),
    ("nan for a time limit", legacy() | {".timelimit": "nan\n"}, ".timelimit", "from 0.001"),
    ("a bad ini", legacy() | {"domjudge-problem.ini": "timelimit='x'\n"}, "domjudge-problem.ini", "number of seconds"),
    ("a bad embargo", yaml("embargo_until: soon\n"), "problem.yaml", "embargo_until"),
    ("credits that are numbers", yaml("credits: {authors: [1]}\n", dated), "problem.yaml", "credits"),
    ("a constant with a space", yaml("constants: {'a b': 1}\n", dated), "problem.yaml", "constants.a b"),
    ("interactive", yaml("type: interactive\n", dated), "problem.yaml", "interactive problems are not supported yet"),
    ("scoring", yaml("type: [scoring]\n"), "problem.yaml", "scoring problems are not supported yet"),
    ("multi-pass", yaml("type: multi-pass\n"), "problem.yaml", "multi-pass problems are not supported yet"),
    ("submit-answer", yaml("type: submit-answer\n"), "problem.yaml", "not supported yet"),
    ("an unknown type", yaml("type: riddle\n"), "problem.yaml", "riddle"),
    ("custom validation", yaml("validation: custom\n"), "problem.yaml", "output validator"),
    ("custom interactive", yaml("validation: custom interactive\n"), "problem.yaml", "interactive problems"),
    ("custom score", yaml("validation: custom score\n"), "problem.yaml", "scoring problems"),
    ("odd validation", yaml("validation: lenient\n"), "problem.yaml", "default or custom"),
    ("file writing", yaml("allow_file_writing: true\n"), "problem.yaml", "write files"),
    (
        "no time limit, nothing to measure",
        without(legacy(), ".timelimit", "submissions/accepted/next.py"),
        "problem.yaml",
        "no time limit",
    ),
    ("an output validator", dated() | {"output_validator/v.py": ""}, "output_validator/", "not supported yet"),
    (
        "output validators in a draft",
        yaml("problem_format_version: draft\n") | {"output_validators/v.py": ""},
        "output_validators/",
        "not supported yet",
    ),
    ("a static validator", dated() | {"static_validator/v.py": ""}, "static_validator/", "not supported yet"),
    ("included code", legacy() | {"include/python3/lib.py": ""}, "include/", "not supported yet"),
    (
        "a program of DOMjudge's",
        legacy() | {"domjudge-problem.ini": "special_compare='cmp'\n"},
        "domjudge-problem.ini",
        "special_compare",
    ),
    ("an unknown flag", yaml("validator_flags: fuzzy\n"), "problem.yaml", "no flag 'fuzzy'"),
    ("a flag without its number", yaml("validator_flags: float_tolerance\n"), "problem.yaml", "needs a number"),
    ("a tolerance that is no number", yaml("validator_flags: float_tolerance x\n"), "problem.yaml", "needs a number"),
    ("a tolerance that isn't finite", yaml("validator_flags: float_tolerance inf\n"), "problem.yaml", "needs a number"),
    ("a huge tolerance", yaml("validator_flags: float_tolerance 1e999\n"), "problem.yaml", "needs a number"),
    (
        "tolerances twice",
        dated()
        | {"data/secret/test_group.yaml": "output_validator_args: [float_tolerance, 1e-6, float_tolerance, 1e-6]\n"},
        "data/secret",
        "beside another",
    ),
    (
        "an unknown flag of a group",
        legacy() | {"data/secret/testdata.yaml": "output_validator_flags: fuzzy\n"},
        "data/secret",
        "no flag 'fuzzy'",
    ),
    ("bad YAML of a group", dated() | {"data/secret/test_group.yaml": "{"}, "data/secret/test_group.yaml", "YAML"),
    ("bad YAML of a test", dated() | {"data/secret/1.yaml": "args: ["}, "data/secret/1.yaml", "YAML"),
    ("arguments", dated() | {"data/secret/1.yaml": "args: [--fast]\n"}, "data/secret/1.yaml", "command-line arguments"),
    ("arguments of a group", dated() | {"data/secret/test_group.yaml": "args: [x]\n"}, "test_group.yaml", "arguments"),
    (
        "files beside an input",
        dated() | {"data/secret/1.files/a.txt": "x"},
        "data/secret/1.files/a.txt",
        "files beside",
    ),
    ("a grader", legacy() | {"data/testdata.yaml": "grading: custom\n"}, "data/testdata.yaml", "grader"),
    (
        "a lenient grader",
        legacy() | {"data/testdata.yaml": "grader_flags: always_accept\n"},
        "testdata.yaml",
        "always_accept",
    ),
    (
        "static validation",
        dated() | {"data/secret/test_group.yaml": "static_validation_score: 3\n"},
        "test_group.yaml",
        "static validation",
    ),
    ("a binary input", legacy() | {"data/secret/1.in": b"\xff\xfe\x00"}, "data/secret/1.in", "UTF-8"),
    ("a cut-off character", legacy() | {"data/secret/1.ans": "é".encode()[:1]}, "data/secret/1.ans", "UTF-8"),
    ("a description that isn't UTF-8", legacy() | {"data/secret/1.desc": b"\xe9"}, "data/secret/1.desc", "UTF-8"),
    (
        "a statement that isn't UTF-8",
        dated() | {"statement/problem.en.md": b"caf\xe9"},
        "statement/problem.en.md",
        "UTF-8",
    ),
    ("a huge statement", dated() | {"statement/problem.en.md": "x" * (1 << 20) + "y"}, "problem.en.md", "larger than"),
    ("a statement in no language", dated() | {"statement/problem.english.md": "x"}, "problem.english.md", "language"),
    (
        "script in Markdown",
        dated() | {"statement/problem.en.md": "Hi <script>alert(1)</script>\n"},
        "statement/problem.en.md",
        "script",
    ),
    (
        "a handler in Markdown",
        dated() | {"statement/problem.en.md": 'Hi <img src=x onerror="alert(1)">\n'},
        "statement/problem.en.md",
        "script",
    ),
    (
        "a script link in Markdown",
        dated() | {"statement/problem.en.md": "[x](javascript:alert%281%29)\n"},
        "statement/problem.en.md",
        "script",
    ),
    (
        "a link to data",
        dated() | {"statement/problem.en.md": "[x](data:text/html;base64,PHN2Zz4=)\n"},
        "statement/problem.en.md",
        "script",
    ),
    (
        "script in LaTeX",
        legacy() | {"problem_statement/problem.tex": "Hi <script>alert(1)</script>\n"},
        "problem_statement/problem.tex",
        "script",
    ),
    (
        "a script link in LaTeX",
        legacy() | {"problem_statement/problem.tex": "\\href{javascript:alert(1)}{x}\n"},
        "problem_statement/problem.tex",
        "script",
    ),
    (
        "more samples than there are",
        dated() | {"statement/problem.en.md": "{{nextsample}}\n\n{{nextsample}}\n"},
        "statement/problem.en.md",
        "nextsample",
    ),
    (
        "a PDF that isn't one",
        without(dated(), "statement/problem.en.md") | {"statement/problem.en.pdf": "x"},
        "statement/problem.en.pdf",
        "PDF",
    ),
    (
        "a picture that isn't one",
        dated() | {"statement/problem.en.md": "![a](a.png)", "statement/a.png": "<html>"},
        "statement/a.png",
        "picture",
    ),
    (
        "an SVG named otherwise",
        dated() | {"statement/problem.en.md": "![a](a.png)", "statement/a.png": SVG.format("<script/>")},
        "statement/a.png",
        "script",
    ),
    ("script in an SVG", illustrated(SVG.format("<script>alert(1)</script>")), "statement/a.svg", "script"),
    ("a handler in an SVG", illustrated(SVG.format('<g onload="alert(1)"/>')), "statement/a.svg", "script"),
    ("foreign content in an SVG", illustrated(SVG.format("<foreignObject/>")), "statement/a.svg", "foreign"),
    (
        "HTML in an SVG",
        illustrated(SVG.format('<b xmlns="http://www.w3.org/1999/xhtml"/>')),
        "statement/a.svg",
        "foreign",
    ),
    (
        "a script link in an SVG",
        illustrated(SVG.format('<a xlink:href="javascript:alert(1)"/>')),
        "statement/a.svg",
        "link",
    ),
    (
        "a picture from elsewhere",
        illustrated(SVG.format('<image href="https://x.org/a.png"/>')),
        "statement/a.svg",
        "outside",
    ),
    (
        "an SVG inside of an SVG",
        illustrated(SVG.format('<use href="data:image/svg+xml;base64,x"/>')),
        "statement/a.svg",
        "outside",
    ),
    (
        "a style from elsewhere",
        illustrated(SVG.format("<style>@import url(//x.org)</style>")),
        "statement/a.svg",
        "style",
    ),
    (
        "a style cut in two",
        illustrated(SVG.format("<style>@im<![CDATA[port]]> '//x.org'</style>")),
        "statement/a.svg",
        "style",
    ),
    ("a fill from elsewhere", illustrated(SVG.format('<g fill="url(//x.org#a)"/>')), "statement/a.svg", "outside"),
    (
        "an animated link",
        illustrated(SVG.format('<animate attributeName="xlink:href" to="x"/>')),
        "statement/a.svg",
        "animates",
    ),
    (
        "a style sheet for an SVG",
        illustrated('<?xml-stylesheet href="//x.org"?>' + SVG.format("")),
        "statement/a.svg",
        "instruction",
    ),
    (
        "an entity in an SVG",
        illustrated('<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("&a;")),
        "statement/a.svg",
        "document type",
    ),
    ("an SVG that ends early", illustrated("<svg"), "statement/a.svg", "well-formed"),
    ("an SVG that is HTML", illustrated("<html/>"), "statement/a.svg", "not an SVG"),
    (
        "unknown verdicts",
        dated() | {"submissions/submissions.yaml": "accepted: {permitted: [OK]}\n"},
        "submissions/submissions.yaml",
        "accepted.permitted",
    ),
    (
        "a list for a submission",
        dated() | {"submissions/submissions.yaml": "accepted: [AC]\n"},
        "submissions/submissions.yaml",
        "accepted must be a map",
    ),
    (
        "bad YAML of submissions",
        dated() | {"submissions/submissions.yaml": "accepted: {"},
        "submissions/submissions.yaml",
        "YAML",
    ),
]
